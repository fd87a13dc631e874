/// How long to wait before connecting again: twice as long each time, up to a limit, and never the same for two agents
/// that lost the same master.
struct Backoff: Sendable {
    private let first: Duration
    private let maximum: Duration
    private var next: Duration

    init(first: Duration, maximum: Duration) {
        self.first = first
        self.maximum = max(first, maximum)
        next = first
    }

    /// Between half of the delay that is due and all of it.
    mutating func delay(using random: inout some RandomNumberGenerator) -> Duration {
        let due = next
        next = min(next * 2, maximum)
        return due * Double.random(in: 0.5...1, using: &random)
    }

    /// The connection holds: the next loss starts anew.
    mutating func reset() {
        next = first
    }
}
