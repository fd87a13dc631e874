package import NetworkModel

/// Several members that share a load, and how equally they do.
package struct BalancingGroup: Sendable, Hashable {
    package enum Kind: UInt8, Sendable, Hashable, CaseIterable {
        case bond = 1
        case team = 2
        /// The host's processors, which share what all interfaces receive.
        case processors = 3
    }

    package struct Member: Sendable, Hashable {
        /// ifIndex, or the number of a processor.
        package let number: UInt32
        package let name: String
        /// Octets per second, or packets of a processor.
        package let rate: Double
        /// Of all members together, 0...1.
        package internal(set) var share = 0.0
    }

    package let kind: Kind
    /// nil for the processors.
    package let index: InterfaceIndex?
    package let name: String
    /// BOND_MODE_* (linux/if_bonding.h); nil for what is no bond.
    package let mode: UInt8?
    package let hashPolicy: HashPolicy?
    /// Ascending by number.
    package let members: [Member]
    /// It has been unbalanced, under load, for several evaluations in a row.
    package internal(set) var isUnbalanced = false

    init(
        _ kind: Kind, index: InterfaceIndex?, name: String, mode: UInt8? = nil, hashPolicy: HashPolicy? = nil,
        members: [Member]
    ) {
        self.kind = kind
        self.index = index
        self.name = name
        self.mode = mode
        self.hashPolicy = hashPolicy
        let total = members.reduce(0) { $0 + $1.rate }
        self.members = members.map { member in
            var member = member
            member.share = total > 0 ? member.rate / total : 0
            return member
        }
    }

    package var rate: Double { members.reduce(0) { $0 + $1.rate } }

    /// 0 when all shares are equal, 1 when one member carries everything; 0 too when only one is meant to carry anything.
    package var imbalance: Double {
        isSharing ? Self.imbalance(members.map(\.rate)) : 0
    }

    static func imbalance(_ rates: [Double]) -> Double {
        let total = rates.reduce(0, +)
        guard rates.count > 1, total > 0 else { return 0 }
        let fair = 1 / Double(rates.count)
        return ((rates.max() ?? 0) / total - fair) / (1 - fair)
    }

    /// Not active-backup (1) or broadcast (3).
    private var isSharing: Bool { mode != 1 && mode != 3 }

    /// The imbalance that is worth an alarm, and the load below which chance makes it.
    private static let limit = 0.5
    private static let leastRate = 125_000.0

    var isBeyondLimit: Bool { kind != .processors && imbalance > Self.limit && rate >= Self.leastRate }

    /// The bonds and teams among `rows`, by the loads of their members.
    static func groups(_ rows: InterfaceRows, _ loads: [InterfaceIndex: InterfaceLoad]) -> [BalancingGroup] {
        var members: [InterfaceIndex: [Member]] = [:]
        for row in rows {
            guard let master = row.link.master else { continue }
            // Only what is sent is the group's to distribute.
            members[master, default: []].append(
                Member(number: row.index.number, name: row.link.name, rate: loads[row.index]?.octetsOut ?? 0))
        }
        return rows.compactMap { row in
            switch row.link.kind {
            case "bond":
                BalancingGroup(
                    .bond, index: row.index, name: row.link.name, mode: row.link.bondMode,
                    hashPolicy: row.link.bondHashPolicy.flatMap(HashPolicy.init), members: members[row.index] ?? [])
            case "team":
                BalancingGroup(.team, index: row.index, name: row.link.name, members: members[row.index] ?? [])
            default: nil
            }
        }
    }
}
