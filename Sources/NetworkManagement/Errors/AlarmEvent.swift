package import NetworkModel

/// What a console is told of the alarms.
package enum AlarmEvent: Sendable, Hashable {
    /// A line of the history, and how many lines before it were not told, by throttling, since the last that was.
    case record(AlarmRecord, suppressed: UInt32)
    /// Throttling is over: so many lines, the last of them `sequence`, were not told. The active alarms tell the rest.
    case heldBack(sequence: UInt32, suppressed: UInt32)
}
