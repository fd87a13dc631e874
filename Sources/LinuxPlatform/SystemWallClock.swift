import Glibc
package import NetworkModel

/// The system's calendar (CLOCK_REALTIME) in the host's time zone (tzset(3)).
package struct SystemWallClock: WallClock {
    package init() {
        tzset()
    }

    package func now() -> WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(seconds: Int64(time.tv_sec), nanoseconds: UInt32(clamping: time.tv_nsec))
    }

    package func secondsEastOfUTC(at time: WallTime) -> Int64 {
        var seconds = time_t(time.seconds)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return 0 }
        return Int64(parts.tm_gmtoff)
    }
}
