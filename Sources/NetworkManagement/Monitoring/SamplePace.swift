/// How often counters are sampled: as configured, or more rarely while the host cannot keep up.
///
/// A pass may take a quarter of the interval. When passes take more, or begin late by more than an interval, the interval
/// is doubled; when ten in a row would fit into half of it with room to spare, it is halved again.
package struct SamplePace: Sendable, Hashable {
    /// What is configured.
    package private(set) var configured: Duration
    /// What is kept at present: `configured` times a power of two.
    package private(set) var interval: Duration
    /// Regular samples that were left out.
    package private(set) var missed: UInt32 = 0
    /// The interval is not shorter than so many times the configured one, to keep within the budget of processor time.
    package private(set) var restraint = 1
    private var calm = 0
    private var late = 0

    /// The interval is stretched to so much of the configured one at most.
    private static let longest = 64
    /// The part of the interval that a pass may take.
    private static let share = 4
    private static let calmPasses = 10

    package init(_ configured: Duration) {
        self.configured = configured
        interval = configured
    }

    package var isStretched: Bool { interval > configured }

    package mutating func configure(_ new: Duration) {
        guard new != configured else { return }
        configured = new
        interval = new * restraint
        calm = 0
        late = 0
    }

    /// Keeps the interval at `factor` times the configured one or more; 1 lets it go back there in its own time.
    package mutating func restrain(_ factor: Int) {
        restraint = max(1, min(factor, Self.longest))
        interval = max(interval, configured * restraint)
    }

    /// Takes in one pass.
    ///
    /// - Parameters:
    ///   - duration: how long it took, sampling included.
    ///   - lateness: how much later than due it began.
    package mutating func passed(taking duration: Duration, lateness: Duration) {
        let skipped = Int(max(.zero, lateness) / interval)
        missed &+= UInt32(clamping: skipped)
        // One late start is an accident; two in a row are a host that is too busy.
        late = skipped > 0 ? late + 1 : 0
        if duration * Self.share > interval || late >= 2 {
            calm = 0
            late = 0
            interval = min(interval * 2, configured * Self.longest)
        } else if isStretched, duration * Self.share * 4 < interval, skipped == 0 {
            calm += 1
            if calm >= Self.calmPasses {
                calm = 0
                interval = max(configured * restraint, interval / 2)
            }
        } else {
            calm = 0
        }
    }
}
