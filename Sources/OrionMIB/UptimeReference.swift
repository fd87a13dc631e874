package import NetworkModel
import SMI
import Synchronization

/// Turns moments on our clock into values of the master agent's sysUpTime.
///
/// A TimeStamp such as ifLastChange is "the value of sysUpTime at the time" (RFC 2579): of the agent a manager asks,
/// which is snmpd, and whose start we learn from the sysUpTime in each of its answers (RFC 2741 section 6.2.16).
package final class UptimeReference: Sendable {
    /// The master's start in nanoseconds on our clock; nil until it has said.
    private let start = Mutex<Int64?>(nil)

    /// Answers come with a resolution of 10 ms and some delay: what differs by less than this is no news.
    private static let tolerance: Int64 = 1_000_000_000

    package init() {}

    /// Takes in what the master said its sysUpTime is.
    ///
    /// - Parameters:
    ///   - sysUpTime: hundredths of a second.
    ///   - time: when it said so.
    package func learn(sysUpTime: UInt32, at time: MonotonicTime) {
        let learnt = time.nanoseconds - Int64(sysUpTime) * 10_000_000
        start.withLock { start in
            if let known = start, abs(known - learnt) < Self.tolerance { return }
            start = learnt
        }
    }

    /// sysUpTime at `time`; 0 for nil and for what was before the master started.
    package func ticks(at time: MonotonicTime?) -> UInt32 {
        guard let time, let start = start.withLock({ $0 }), time.nanoseconds > start else { return 0 }
        // TimeTicks wraps after 497 days.
        return UInt32(truncatingIfNeeded: (time.nanoseconds - start) / 10_000_000)
    }

    func timeTicks(_ time: MonotonicTime?) -> Value {
        .timeTicks(ticks(at: time))
    }
}
