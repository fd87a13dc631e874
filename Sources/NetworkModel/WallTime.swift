/// A moment of the calendar: what the clock on the wall says, which an administrator or NTP may set back.
package struct WallTime: Sendable, Hashable, Comparable {
    /// Since 1970-01-01T00:00:00Z, without leap seconds.
    package let seconds: Int64
    /// 0..999999999.
    package let nanoseconds: UInt32

    package init(seconds: Int64, nanoseconds: UInt32 = 0) {
        self.seconds = seconds
        self.nanoseconds = min(nanoseconds, 999_999_999)
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

/// Reads the calendar; tests inject their own.
package protocol WallClock: Sendable {
    func now() -> WallTime
    /// Seconds that local time is ahead of UTC at `time`.
    func secondsEastOfUTC(at time: WallTime) -> Int64
}
