import Synchronization

/// Counts of decisions since the daemon began.
package struct SecurityCounts: Sendable, Hashable {
    package var permitted: UInt64 = 0
    /// By `DenialReason.rawValue`; what would have been denied is not among them.
    package var denied = Array(repeating: UInt64(0), count: DenialReason.allCases.count)
    /// Permitted only because the policy is not enforced.
    package var unenforced: UInt64 = 0
    /// SETs that came without a principal record.
    package var unknownPrincipals: UInt64 = 0
    /// Records that were malformed or named another transaction.
    package var forgedRecords: UInt64 = 0
    /// Requests for objects of ours that snmpd's own access control refused.
    package var agentRefusals: UInt64 = 0

    package init() {}

    package var deniedTotal: UInt64 { denied.reduce(0, &+) }

    package func denied(because reason: DenialReason) -> UInt64 { denied[Int(reason.rawValue)] }
}

/// The counters behind `SecurityCounts`: any thread adds, nobody waits.
final class SecurityCounters: Sendable {
    let permitted = Atomic<UInt64>(0)
    let unenforced = Atomic<UInt64>(0)
    let unknownPrincipals = Atomic<UInt64>(0)
    let forgedRecords = Atomic<UInt64>(0)
    let agentRefusals = Atomic<UInt64>(0)
    private let rule = Atomic<UInt64>(0)
    private let principal = Atomic<UInt64>(0)
    private let source = Atomic<UInt64>(0)
    private let level = Atomic<UInt64>(0)
    private let window = Atomic<UInt64>(0)
    private let action = Atomic<UInt64>(0)
    private let target = Atomic<UInt64>(0)

    func deny(_ reason: DenialReason) {
        switch reason {
        case .rule: rule.wrappingAdd(1, ordering: .relaxed)
        case .principal: principal.wrappingAdd(1, ordering: .relaxed)
        case .source: source.wrappingAdd(1, ordering: .relaxed)
        case .level: level.wrappingAdd(1, ordering: .relaxed)
        case .window: window.wrappingAdd(1, ordering: .relaxed)
        case .action: action.wrappingAdd(1, ordering: .relaxed)
        case .target: target.wrappingAdd(1, ordering: .relaxed)
        }
    }

    var counts: SecurityCounts {
        var counts = SecurityCounts()
        counts.permitted = permitted.load(ordering: .relaxed)
        counts.unenforced = unenforced.load(ordering: .relaxed)
        counts.unknownPrincipals = unknownPrincipals.load(ordering: .relaxed)
        counts.forgedRecords = forgedRecords.load(ordering: .relaxed)
        counts.agentRefusals = agentRefusals.load(ordering: .relaxed)
        for reason in DenialReason.allCases {
            counts.denied[Int(reason.rawValue)] =
                switch reason {
                case .rule: rule.load(ordering: .relaxed)
                case .principal: principal.load(ordering: .relaxed)
                case .source: source.load(ordering: .relaxed)
                case .level: level.load(ordering: .relaxed)
                case .window: window.load(ordering: .relaxed)
                case .action: action.load(ordering: .relaxed)
                case .target: target.load(ordering: .relaxed)
                }
        }
        return counts
    }
}
