/// How bad an alarm is (the perceived severity of ITU-T X.733). The lower the number, the worse.
package enum AlarmSeverity: UInt8, Sendable, Hashable, CaseIterable, Comparable {
    /// Service is gone; somebody has to act now.
    case critical = 1
    /// Service suffers.
    case major = 2
    /// Nothing suffers yet that anybody would notice.
    case minor = 3
    /// It is going to be worse if nobody looks.
    case warning = 4

    /// A worse severity is greater.
    package static func < (left: Self, right: Self) -> Bool { left.rawValue > right.rawValue }
}
