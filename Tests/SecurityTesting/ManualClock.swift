package import NetworkModel
import Synchronization

/// A clock, and a calendar, that stand still until they are told to go on.
package final class ManualClock: MonotonicClock, WallClock {
    private struct State {
        var monotonic = MonotonicTime(nanoseconds: 1_000_000_000)
        var wall = WallTime(seconds: 1_700_000_000)
        var offset: Int64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    package func now() -> MonotonicTime { state.withLock { $0.monotonic } }
    package func now() -> WallTime { state.withLock { $0.wall } }
    package func secondsEastOfUTC(at time: WallTime) -> Int64 { state.withLock { $0.offset } }

    /// Moves both on.
    package func advance(by duration: Duration) {
        state.withLock { state in
            state.monotonic = state.monotonic + duration
            state.wall = WallTime(
                seconds: state.wall.seconds + duration.components.seconds, nanoseconds: state.wall.nanoseconds)
        }
    }

    /// Sets the calendar alone, forwards or back.
    package func setWall(_ time: WallTime, offset: Int64 = 0) {
        state.withLock { state in
            state.wall = time
            state.offset = offset
        }
    }
}
