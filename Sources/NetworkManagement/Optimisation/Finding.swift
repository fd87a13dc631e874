package import NetworkModel

/// What led to a finding. The numbers are those of ORION-PERFORMANCE-MIB and of the state on disk: they never change.
package enum FindingRule: UInt8, Sendable, Hashable, CaseIterable, Codable {
    /// A feature that the driver has is off.
    case offload = 1
    /// The receive ring overflows.
    case ring = 2
    /// A device interrupts too often.
    case coalescing = 3
    /// Packets are served by fewer processors than there are.
    case steering = 4
    /// The transmit queue overflows.
    case queueLength = 5
    /// Interfaces that pass packets to one another take packets of different sizes.
    case mtu = 6
    /// The two ends of a link do not agree on its duplex.
    case duplex = 7
    /// There is a better driver.
    case driver = 8
    /// The members of a group carry unequal shares.
    case balance = 9
}

/// How much there is to gain, or to lose.
package enum FindingLevel: UInt8, Sendable, Hashable, Comparable, CaseIterable {
    case low = 1
    case medium = 2
    case high = 3

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

package enum FindingState: UInt8, Sendable, Hashable, CaseIterable {
    /// Found, and nothing done about it.
    case open = 1
    /// To be applied: what the interface does without the change is being measured.
    case baseline = 2
    /// Applied: what it does with the change is being measured.
    case trial = 3
    /// Applied, measured and kept.
    case confirmed = 4
    /// Taken back.
    case reverted = 5
    /// Could not be applied, or not be taken back.
    case failed = 6

    /// Measuring is under way.
    package var isTrial: Bool { self == .baseline || self == .trial }
}

/// What a rule has to say about one interface.
package struct FindingProposal: Sendable, Hashable {
    package let rule: FindingRule
    package let interface: InterfaceIndex
    package let name: String
    /// Tells findings of one rule about one interface apart; empty where there is one.
    package var detail = ""
    /// What was seen, in one line.
    package let evidence: String
    package let gain: FindingLevel
    package let gainText: String
    package let risk: FindingLevel
    package let riskText: String
    /// In the order in which they are to be made; empty for advice that only people can follow.
    package let changes: [OptimisationChange]
    /// What to do, where `changes` do not say it.
    package var advice = ""

    var key: FindingKey { FindingKey(rule: rule, interface: interface, detail: detail) }

    /// What it changes, or what that is measured by: the interface, or those that a route uses.
    var interfaces: [InterfaceIndex] {
        let weights = changes.compactMap(\.weights)
        return [interface] + weights.flatMap(\.interfaces).filter { $0 != interface }
    }

    /// What is proposed, in one line.
    package var changeText: String {
        changes.isEmpty ? advice : changes.map(\.description).joined(separator: ", ")
    }
}

/// There is one finding of each key at most.
struct FindingKey: Sendable, Hashable {
    let rule: FindingRule
    let interface: InterfaceIndex
    let detail: String
}

/// A finding at one moment.
package struct Finding: Sendable, Hashable {
    /// 1..2147483647; no other finding of this run has it.
    package let identifier: UInt32
    package internal(set) var proposal: FindingProposal
    package internal(set) var state: FindingState = .open
    /// nil when it is of an earlier run.
    package let found: MonotonicTime?
    /// When its state changed last.
    package internal(set) var changed: MonotonicTime?
    /// Who had it applied or taken back last; empty when nobody did.
    package internal(set) var requester = ""
    /// Why its state is what it is, in one line.
    package internal(set) var result = ""
    /// What the interface did before the change, and with it; nil until that is measured.
    package internal(set) var before: InterfaceLoad?
    package internal(set) var after: InterfaceLoad?
    /// In how many evaluations in a row it was not found again.
    var absences = 0
}

/// All findings at one moment.
package final class OptimisationSnapshot: Sendable {
    /// Ascending by identifier.
    package let findings: [Finding]
    /// Ascending by number.
    package let groups: [BalancingGroup]
    package let counts: OptimisationCounts

    init(findings: [Finding] = [], groups: [BalancingGroup] = [], counts: OptimisationCounts = OptimisationCounts()) {
        self.findings = findings
        self.groups = groups
        self.counts = counts
    }

    package func finding(_ identifier: UInt32) -> Finding? {
        let position = findings.firstPosition { $0.identifier >= identifier }
        return position < findings.count && findings[position].identifier == identifier ? findings[position] : nil
    }

    package func group(_ index: InterfaceIndex) -> BalancingGroup? { groups.first { $0.index == index } }

    /// By the number of its row.
    package func group(number: UInt32) -> BalancingGroup? { groups.first { $0.number == number } }
}

/// How many trials ended how, since the daemon started.
package struct OptimisationCounts: Sendable, Hashable {
    package internal(set) var applied: UInt32 = 0
    package internal(set) var confirmed: UInt32 = 0
    package internal(set) var reverted: UInt32 = 0
    package internal(set) var failed: UInt32 = 0

    init() {}
}

/// What is told of findings.
package enum OptimisationEvent: Sendable {
    case applied(Finding)
    case confirmed(Finding)
    case reverted(Finding)
    case failed(Finding)
}
