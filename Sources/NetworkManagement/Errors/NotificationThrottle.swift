import NetworkModel

/// Bounds how many notifications go out: a token bucket that counts what it holds back.
struct NotificationThrottle: Sendable {
    /// Tokens at most.
    private(set) var burst: Double
    private(set) var ratePerSecond: Double
    private var tokens: Double
    private var last: MonotonicTime?
    /// Held back since the last that went out.
    private(set) var suppressed: UInt32 = 0

    init(burst: Int, ratePerSecond: Int) {
        self.burst = Double(burst)
        self.ratePerSecond = Double(ratePerSecond)
        tokens = Double(burst)
    }

    /// Holds back by other limits from now on; what was held back stays counted.
    mutating func change(burst: Int, ratePerSecond: Int) {
        self.burst = Double(burst)
        self.ratePerSecond = Double(ratePerSecond)
        tokens = Double(burst)
    }

    /// How many were held back before this one; nil when this one is held back.
    mutating func admit(at now: MonotonicTime) -> UInt32? {
        refill(now)
        guard tokens >= 1 else {
            suppressed &+= 1
            return nil
        }
        tokens -= 1
        defer { suppressed = 0 }
        return suppressed
    }

    /// When something was held back and there is room again: how many.
    mutating func release(at now: MonotonicTime) -> UInt32? {
        refill(now)
        // Half the bucket: while a storm goes on, its end is not told over and over.
        guard suppressed > 0, tokens >= max(1, burst / 2) else { return nil }
        tokens -= 1
        defer { suppressed = 0 }
        return suppressed
    }

    private mutating func refill(_ now: MonotonicTime) {
        if let last { tokens = min(burst, tokens + max(0, (now - last) / .seconds(1)) * ratePerSecond) }
        last = now
    }
}
