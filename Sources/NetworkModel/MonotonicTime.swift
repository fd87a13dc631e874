/// A moment on the clock that neither stops nor jumps (CLOCK_BOOTTIME), in nanoseconds.
package struct MonotonicTime: Sendable, Hashable, Comparable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    package static func - (left: Self, right: Self) -> Duration {
        .nanoseconds(left.nanoseconds - right.nanoseconds)
    }

    package static func + (left: Self, right: Duration) -> Self {
        let parts = right.components
        return Self(nanoseconds: left.nanoseconds + parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }
}

/// Reads the time; tests inject their own.
package protocol MonotonicClock: Sendable {
    func now() -> MonotonicTime
}
