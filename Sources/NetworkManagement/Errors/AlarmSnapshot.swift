package import NetworkModel

/// The alarms at one moment.
package final class AlarmSnapshot: Sendable {
    /// Ascending by identifier.
    package let active: [Alarm]
    /// The newest lines of the history, ascending by sequence.
    package let log: [AlarmRecord]
    /// How many alarms stand for themselves, by severity.
    package let counts: [AlarmSeverity: Int]
    /// How many are explained by another one.
    package let explained: Int
    /// The number of the latest line of the history; 0 before the first.
    package let sequence: UInt32
    /// When the active alarms last changed; nil when they have not since the start.
    package let lastChange: MonotonicTime?
    package let statistics: AlarmStatistics

    init(
        active: [Alarm], log: [AlarmRecord], sequence: UInt32, lastChange: MonotonicTime?, statistics: AlarmStatistics
    ) {
        self.active = active
        self.log = log
        self.sequence = sequence
        self.lastChange = lastChange
        self.statistics = statistics
        var counts: [AlarmSeverity: Int] = [:]
        for alarm in active where alarm.cause == nil { counts[alarm.severity, default: 0] += 1 }
        self.counts = counts
        explained = active.count - counts.values.reduce(0, +)
    }

    /// The worst severity of those that stand for themselves; nil when there are none.
    package var worst: AlarmSeverity? { counts.keys.max() }

    package func alarm(_ identifier: UInt32) -> Alarm? {
        let position = active.firstPosition { $0.identifier >= identifier }
        return position < active.count && active[position].identifier == identifier ? active[position] : nil
    }
}

/// What became of alarms since the start; the numbers wrap.
package struct AlarmStatistics: Sendable, Hashable {
    /// Lines that were handed out as notifications.
    package var notified: UInt32 = 0
    /// Lines that were not, by throttling.
    package var throttled: UInt32 = 0
    /// Changes of conditions that damping kept out of the history.
    package var damped: UInt32 = 0
    /// Alarms that were not taken for want of room.
    package var overflowed: UInt32 = 0
    /// Saves that failed.
    package var saveFailures: UInt32 = 0

    package init() {}
}
