package import NetworkModel

/// What the members of a group could do together, and how much of it they do.
package struct GroupCapacity: Sendable, Hashable {
    /// Bits per second: the speeds of the members that have one and are rated.
    package private(set) var speed: UInt64 = 0
    private var received: Float = 0
    private var transmitted: Float = 0

    /// How much of the speed is used: 0...1 and a little beyond; a member on a half duplex medium uses as much of it in each
    /// direction as in both together. nil when no member has a speed.
    package var utilisation: (received: Float, transmitted: Float)? {
        speed > 0 ? (received / Float(speed), transmitted / Float(speed)) : nil
    }

    private mutating func add(_ metrics: PerformanceMetrics, _ speed: BitsPerSecond, _ duplex: Duplex) {
        let used = metrics.utilisation(speed, duplex)
        self.speed &+= speed.value
        received += used.received * Float(speed.value)
        transmitted += used.transmitted * Float(speed.value)
    }

    /// Of each group that has a member with a known speed.
    package static func all(
        _ performance: PerformanceSnapshot, _ interfaces: InterfaceSnapshot
    ) -> [AggregatedNetworkStats.Scope: GroupCapacity] {
        var capacities: [AggregatedNetworkStats.Scope: GroupCapacity] = [:]
        for (index, metrics) in zip(performance.indexes, performance.metrics) where metrics.isValid {
            guard let row = interfaces.row(index), let speed = interfaces.speed(of: row), speed.value > 0 else {
                continue
            }
            let duplex = row.interface.settings?.duplex ?? .unknown
            for scope in row.scopes { capacities[scope, default: GroupCapacity()].add(metrics, speed, duplex) }
        }
        return capacities
    }
}
