import NetworkModel

/// How many link notifications one interface may cause.
package struct FlapLimits: Sendable, Hashable {
    /// Notifications that may follow one another at once, 1...
    package var burst: Int
    /// Notifications per second that may go on for ever.
    package var ratePerSecond: Double
    /// How long an interface must rest before it counts as settled.
    package var settling: Duration

    package init(burst: Int = 20, ratePerSecond: Double = 2, settling: Duration = .seconds(5)) {
        self.burst = burst
        self.ratePerSecond = ratePerSecond
        self.settling = settling
    }
}

/// Holds back the link notifications of one restless interface: a token bucket that, once empty, stays shut until the
/// interface has rested.
struct FlapDamper: Sendable {
    enum Verdict {
        case send
        /// The first that is held back.
        case beginDamping
        case suppress
    }

    private(set) var isDamped = false
    private var tokens: Double
    private var lastTransition: MonotonicTime?

    init(_ limits: FlapLimits) {
        tokens = Double(limits.burst)
    }

    mutating func transition(at now: MonotonicTime, _ limits: FlapLimits) -> Verdict {
        if let lastTransition {
            let elapsed = max(.zero, now - lastTransition)
            tokens = min(Double(limits.burst), tokens + elapsed / .seconds(1) * limits.ratePerSecond)
        }
        lastTransition = now
        if isDamped { return .suppress }
        if tokens >= 1 {
            tokens -= 1
            return .send
        }
        isDamped = true
        return .beginDamping
    }

    /// Ends damping when the interface has rested long enough; true when it just did.
    mutating func settles(at now: MonotonicTime, _ limits: FlapLimits) -> Bool {
        guard isDamped, let lastTransition, now - lastTransition >= limits.settling else { return false }
        isDamped = false
        return true
    }
}
