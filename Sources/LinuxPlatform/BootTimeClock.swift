import Glibc
package import NetworkModel

/// CLOCK_BOOTTIME: nanoseconds since the system started, suspension included (clock_gettime(2)).
package struct BootTimeClock: MonotonicClock {
    package init() {}

    package func now() -> MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }
}
