import Glibc
package import NetworkModel

/// CLOCK_REALTIME, and the system's time zone (clock_gettime(2), localtime_r(3)).
package struct CalendarClock: WallClock {
    package init() {}

    package func now() -> WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
    }

    package func secondsEastOfUTC(at time: WallTime) -> Int64 {
        var seconds = time_t(time.seconds)
        var parts = tm()
        return localtime_r(&seconds, &parts) == nil ? 0 : Int64(parts.tm_gmtoff)
    }
}
