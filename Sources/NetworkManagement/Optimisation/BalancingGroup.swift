package import NetworkModel

/// Several members that share a load, and how equally they do.
package struct BalancingGroup: Sendable, Hashable {
    package enum Kind: UInt8, Sendable, Hashable, CaseIterable {
        case bond = 1
        case team = 2
        /// The host's processors, which share what all interfaces receive.
        case processors = 3
        /// The next hops of a route.
        case multipath = 4
    }

    package struct Member: Sendable, Hashable {
        /// ifIndex, the number of a processor, or the place of a next hop, from 1.
        package let number: UInt32
        package let name: String
        /// Octets per second, or packets of a processor.
        package let rate: Double
        /// Of all members together, 0...1.
        package internal(set) var share = 0.0
        /// The interface that it is or sends by; nil for a processor.
        package var interface: InterfaceIndex?
        /// Of a next hop; nil for every other member.
        package var hop: NextHop?

        /// How much of the load it is meant to have, compared with the others.
        fileprivate var weight: Double { Double(hop?.weight ?? 1) }
    }

    package let kind: Kind
    /// The number of its row: 0 for the processors, the ifIndex of a bond or team, and above 2147483647 for a route.
    package let number: UInt32
    /// nil for what is no interface.
    package let index: InterfaceIndex?
    package let name: String
    /// BOND_MODE_* (linux/if_bonding.h); nil for what is no bond.
    package let mode: UInt8?
    package let hashPolicy: HashPolicy?
    /// nil for what is none.
    package let route: MultipathRoute?
    /// Ascending by number.
    package let members: [Member]
    /// It has been unbalanced, under load, for several evaluations in a row.
    package internal(set) var isUnbalanced = false

    init(
        _ kind: Kind, index: InterfaceIndex?, name: String, mode: UInt8? = nil, hashPolicy: HashPolicy? = nil,
        route: MultipathRoute? = nil, number: UInt32? = nil, members: [Member]
    ) {
        self.kind = kind
        self.number = number ?? index?.number ?? 0
        self.index = index
        self.name = name
        self.mode = mode
        self.hashPolicy = hashPolicy
        self.route = route
        let total = members.reduce(0) { $0 + $1.rate }
        self.members = members.map { member in
            var member = member
            member.share = total > 0 ? member.rate / total : 0
            return member
        }
    }

    package var rate: Double { members.reduce(0) { $0 + $1.rate } }

    /// How much of the load a member is meant to have, 0...1.
    package func fairShare(_ member: Member) -> Double {
        member.weight / members.reduce(0) { $0 + $1.weight }
    }

    /// 0 when all shares are as they are meant to be, 1 when the member that is meant to carry least carries everything; 0
    /// too when only one is meant to carry anything.
    package var imbalance: Double {
        isSharing ? Self.imbalance(members.map(\.rate), weights: members.map(\.weight)) : 0
    }

    /// How far the member that is the farthest above its fair share is, of how far one could be.
    ///
    /// - Parameter weights: of each; all the same when there are none.
    static func imbalance(_ rates: [Double], weights: [Double] = []) -> Double {
        let weights = weights.count == rates.count ? weights : rates.map { _ in 1 }
        let (total, sum) = (rates.reduce(0, +), weights.reduce(0, +))
        guard rates.count > 1, total > 0, let least = weights.min(), sum > least else { return 0 }
        let excess = zip(rates, weights).map { $0 / total - $1 / sum }.max() ?? 0
        return excess / (1 - least / sum)
    }

    /// Not active-backup (1) or broadcast (3).
    private var isSharing: Bool { mode != 1 && mode != 3 }

    /// The imbalance that is worth an alarm, and the load below which chance makes it.
    private static let limit = 0.5
    private static let leastRate = 125_000.0

    var isBeyondLimit: Bool { kind != .processors && imbalance > Self.limit && rate >= Self.leastRate }

    /// What the alarm about it is raised on.
    var alarm: AlarmKey { AlarmKey(.imbalance, index.map { .interface($0, name) } ?? .item(name)) }

    /// The bonds and teams among `rows`, by the loads of their members.
    static func groups(_ rows: InterfaceRows, _ loads: [InterfaceIndex: InterfaceLoad]) -> [BalancingGroup] {
        var members: [InterfaceIndex: [Member]] = [:]
        for row in rows {
            guard let master = row.link.master else { continue }
            // Only what is sent is the group's to distribute.
            members[master, default: []].append(
                Member(
                    number: row.index.number, name: row.link.name, rate: loads[row.index]?.octetsOut ?? 0,
                    interface: row.index))
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

    /// A route, by what its next hops' interfaces send: what else goes by them counts as well, since the kernel counts no
    /// packets of a route. An interface of several next hops is theirs by their weights.
    init(
        _ route: MultipathRoute, number: UInt32, _ interfaces: InterfaceSnapshot,
        _ loads: [InterfaceIndex: InterfaceLoad]
    ) {
        let hops = route.weights.hops
        let members = hops.enumerated().map { position, hop in
            let index = InterfaceIndex(hop.interface)
            let sum = hops.reduce(0) { $1.interface == hop.interface ? $0 + $1.weight : $0 }
            let rate = index.flatMap { loads[$0]?.octetsOut } ?? 0
            return Member(
                number: UInt32(clamping: position + 1),
                name: index.flatMap { interfaces.row($0)?.link.name } ?? "interface \(hop.interface)",
                rate: rate * Double(hop.weight) / Double(max(1, sum)), interface: index, hop: hop)
        }
        self.init(
            .multipath, index: nil, name: "\(route.key)", route: route, number: number, members: members)
    }
}

/// Gives routes the numbers of their rows.
///
/// A number follows from what tells the route apart, so that it is the same after a restart; of two routes that come to the
/// same one, the later has the next that is free.
struct RouteNumbers {
    private var numbers: [RouteKey: UInt32] = [:]

    /// Forgets routes that are gone, and numbers new ones in the order of `keys`.
    mutating func update(_ keys: [RouteKey]) {
        let present = Set(keys)
        numbers = numbers.filter { present.contains($0.key) }
        var taken = Set(numbers.values)
        for key in keys where numbers[key] == nil {
            var number = Self.first(for: key)
            while !taken.insert(number).inserted { number = number &+ 1 | Self.least }
            numbers[key] = number
        }
    }

    func number(of key: RouteKey) -> UInt32? { numbers[key] }

    /// No ifIndex is as large (InterfaceIndex, RFC 2863).
    private static let least: UInt32 = 1 << 31

    /// FNV-1a, 32 bits, of what the key says.
    static func first(for key: RouteKey) -> UInt32 {
        let metric = (0..<4).map { UInt8(truncatingIfNeeded: key.metric >> (8 * UInt32($0))) }
        let octets = key.octets + [key.prefixLength, key.typeOfService] + metric
        return octets.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 } | least
    }
}
