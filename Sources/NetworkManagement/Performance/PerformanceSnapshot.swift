package import NetworkModel

/// What all interfaces do, as of one pass over a sample.
package final class PerformanceSnapshot: Sendable {
    /// When the sample was taken that the rates lead up to.
    package let time: MonotonicTime
    /// From the sample before to this one; zero for the first.
    package let elapsed: Duration
    /// How long the rates are those of the present when no other sample comes; nil when they are no longer.
    let lifetime: Duration?
    /// Ascending; `metrics` lies beside it.
    package let indexes: [InterfaceIndex]
    /// The numbers of `indexes`.
    package let numbers: [UInt32]
    package let metrics: [PerformanceMetrics]
    /// All interfaces together, each driver, each kind.
    package let groups: [AggregatedNetworkStats]
    /// Beside `groups`; of those members that have rates.
    package let groupMetrics: [PerformanceMetrics]

    init(
        time: MonotonicTime, elapsed: Duration, lifetime: Duration?, indexes: [InterfaceIndex], numbers: [UInt32],
        metrics: [PerformanceMetrics], groups: [AggregatedNetworkStats], groupMetrics: [PerformanceMetrics]
    ) {
        self.time = time
        self.elapsed = elapsed
        self.lifetime = lifetime
        self.indexes = indexes
        self.numbers = numbers
        self.metrics = metrics
        self.groups = groups
        self.groupMetrics = groupMetrics
    }

    /// The same without rates: they are too old.
    func withoutRates() -> PerformanceSnapshot {
        PerformanceSnapshot(
            time: time, elapsed: elapsed, lifetime: nil, indexes: indexes, numbers: numbers,
            metrics: Array(repeating: .unknown, count: metrics.count),
            groups: groups.map { group in
                var group = group
                group.rates = SIMD8()
                return group
            },
            groupMetrics: Array(repeating: .unknown, count: groups.count))
    }

    /// What a group does; nil when it has no members.
    package func metrics(of scope: AggregatedNetworkStats.Scope) -> PerformanceMetrics? {
        groups.firstIndex { $0.scope == scope }.map { groupMetrics[$0] }
    }

    package func metrics(of index: InterfaceIndex) -> PerformanceMetrics? {
        let position = indexes.firstPosition { $0 >= index }
        return position < indexes.count && indexes[position] == index ? metrics[position] : nil
    }
}
