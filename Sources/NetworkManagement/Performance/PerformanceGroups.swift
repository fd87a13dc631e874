package import NetworkModel

/// What is measured of groups: all interfaces, each driver, each kind.
///
/// A group has a slot as an interface has, whose counters are the sums of what its members counted while they were members:
/// one that comes or goes adds nothing at once, and takes nothing away.
struct PerformanceGroups {
    /// What the members of a group showed in one pass.
    struct Delta {
        var counted = SIMD8<UInt64>()
        /// How many of them have rates.
        var rated: Int32 = 0
        /// Counters of one ran backwards.
        var isBroken = false

        @inline(__always)
        mutating func add(_ delta: SIMD8<UInt64>) {
            counted &+= delta
            rated += 1
        }
    }

    private(set) var stats: [AggregatedNetworkStats] = [AggregatedNetworkStats(.all)]
    /// Beside `stats`, as far as they were given.
    private(set) var slots: [Int32] = []
    private var numbers: [AggregatedNetworkStats.Scope: Int32] = [.all: 0]

    /// The number of a group, which it keeps.
    mutating func number(_ scope: AggregatedNetworkStats.Scope) -> Int32 {
        if let number = numbers[scope] { return number }
        let number = Int32(stats.count)
        stats.append(AggregatedNetworkStats(scope))
        numbers[scope] = number
        return number
    }

    func slot(_ scope: AggregatedNetworkStats.Scope) -> Int? {
        numbers[scope].flatMap { Int($0) < slots.count ? Int(slots[Int($0)]) : nil }
    }

    /// Nobody is in a group any more.
    mutating func empty() {
        for number in stats.indices { stats[number].interfaces = 0 }
    }

    mutating func add(to number: Int32, _ members: Int = 1) {
        stats[Int(number)].interfaces += members
    }

    /// Gives a slot to each group that has none.
    mutating func takeSlots(of table: inout PerformanceTable, at now: MonotonicTime) {
        while slots.count < stats.count {
            let slot = table.takeSlot(nil, at: now)
            // It counts from nothing on.
            table.hot[Int(slot)].isFresh = false
            slots.append(slot)
        }
    }

    /// The slots are elsewhere.
    mutating func move(to places: [Int32: Int32]) {
        slots = slots.map { places[$0] ?? $0 }
    }

    /// Adds what a pass found.
    ///
    /// - Returns: the groups that have members, and beside them what they do.
    mutating func sum(
        _ deltas: [Delta], seconds: Float, weight: Float, at now: MonotonicTime, into table: borrowing PerformanceTable
    ) -> (stats: [AggregatedNetworkStats], metrics: [PerformanceMetrics]) {
        let perSecond: Float = seconds > 0 ? 1 / seconds : 0
        var shown: (stats: [AggregatedNetworkStats], metrics: [PerformanceMetrics]) = ([], [])
        shown.stats.reserveCapacity(stats.count)
        shown.metrics.reserveCapacity(stats.count)
        for number in stats.indices {
            let delta = number < deltas.count ? deltas[number] : Delta()
            let slot = Int(slots[number])
            // In the order of PerformanceCounter, which puts the two directions side by side as the groups have them.
            stats[number].totals &+= delta.counted
            stats[number].rates = SIMD8<Float>(delta.counted) * perSecond
            table.hot[slot].previous = stats[number].totals
            if delta.isBroken { table.hot[slot].isSuspect = true }
            let metrics =
                delta.rated > 0
                ? table.takeRates(stats[number].rates, weight: weight, into: slot) : PerformanceMetrics.unknown
            // A kind or driver that is no longer there keeps its totals, but is not shown.
            guard number == 0 || stats[number].interfaces > 0 else { continue }
            shown.stats.append(stats[number])
            shown.metrics.append(metrics)
        }
        return shown
    }
}

extension InterfaceRow {
    /// The groups it belongs to.
    package var scopes: [AggregatedNetworkStats.Scope] {
        var scopes: [AggregatedNetworkStats.Scope] = [.all, .kind(link.kindName)]
        if let driver = interface.device?.driver { scopes.append(.driver(driver)) }
        return scopes
    }
}
