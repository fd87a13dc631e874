package import Logging
package import NetworkModel
import Synchronization

/// Makes rates, windows, intervals and forecasts of the counters that Monitoring samples.
///
/// `take` is called with each regular sample, on the upkeep thread; readers look at `snapshot`, or ask for one interface's
/// windows and history, which are kept in flat memory behind a lock that is never held for longer than a few hundred
/// interfaces take.
package final class PerformanceManager: Sendable {
    package struct Options: Sendable, Hashable {
        /// The time constant of smoothed rates.
        package var smoothing: Duration = .seconds(60)
        /// Of a 15-minute interval.
        package var interval: Duration = .seconds(900)
        package var season = HoltWinters.Parameters()

        package init() {}
    }

    struct State: ~Copyable {
        var table = PerformanceTable()
        /// The indexes of the latest sample, and the slots beside them.
        var indexes: [InterfaceIndex] = []
        var slots: [Int32] = []
        var numbers: [UInt32] = []
        var slotOf: [InterfaceIndex: Int32] = [:]
        var groups = PerformanceGroups()
        /// Stable identifiers and history from before a restart.
        var restored: [String: [StoredInterval]] = [:]
        /// What is to be saved, in the order in which it ended.
        var finished: [StoredInterval] = []
        /// What the latest intervals showed, until it is fetched.
        var findings: PerformanceFindings?
        /// What they may show yet.
        var unjudged = Unjudged([], [], phase: 0, missed: 0)
        let season: HoltWinters.Parameters
        /// nil when it is to be worked out anew.
        var intervalIndex: IntervalIndex?
        var groupIntervals: GroupIntervals?

        init(season: HoltWinters.Parameters) {
            self.season = season
        }

        /// What the groups were worked out from; nil when they are to be worked out anew.
        var grouped: InterfaceSnapshot?
    }

    let clock: any MonotonicClock
    let wallClock: any WallClock
    let store: any PerformanceStore
    let logger: Logger
    let options: Options
    let state: Mutex<State>
    private let published: Mutex<PerformanceSnapshot>
    let progress = Mutex(Progress())

    /// Where the passes are.
    struct Progress {
        var passes: UInt64 = 0
        var lastTime: MonotonicTime?
        var timeline: IntervalTimeline?
        var lastDuration: Duration = .zero
        var intervalsSaved: UInt64 = 0
        /// The latest attempt to save intervals failed.
        var isSaveFailing = false
    }

    package init(
        store: any PerformanceStore, clock: any MonotonicClock, wallClock: any WallClock, options: Options = Options(),
        logger: Logger
    ) {
        self.store = store
        self.clock = clock
        self.wallClock = wallClock
        self.options = options
        self.logger = logger
        state = Mutex(State(season: options.season))
        published = Mutex(
            PerformanceSnapshot(
                time: MonotonicTime(nanoseconds: 0), elapsed: .zero, lifetime: nil, indexes: [], numbers: [],
                metrics: [], groups: [], groupMetrics: []))
    }

    /// As of the latest pass; without rates when that was too long ago.
    package var snapshot: PerformanceSnapshot {
        let now = clock.now()
        return published.withLock { published in
            if let lifetime = published.lifetime, now - published.time > lifetime {
                published = published.withoutRates()
            }
            return published
        }
    }

    /// How long the latest pass took.
    package var lastDuration: Duration { progress.withLock { $0.lastDuration } }

    /// How many there were.
    package var passes: UInt64 { progress.withLock { $0.passes } }

    /// Takes in history from before a restart. Before the first pass.
    package func restore(_ intervals: [StoredInterval]) {
        state.withLock { state in
            for interval in intervals { state.restored[interval.interface, default: []].append(interval) }
        }
    }

    /// How many interfaces are measured under one holding of the lock.
    static let portion = 512

    /// Takes in a sample, later than the one before. On the upkeep thread.
    ///
    /// - Parameters:
    ///   - interfaces: as new as the sample, or a little older: an interface it does not have yet is measured, and put
    ///     into its groups later.
    ///   - lifetime: how long the rates are those of the present when no other sample comes.
    package func take(_ sample: CounterSample, _ interfaces: InterfaceSnapshot, lifetime: Duration) {
        let start = clock.now()
        let (pass, last) = progress.withLock { progress in
            defer { progress.lastTime = sample.time }
            return (progress.passes + 1, progress.lastTime)
        }
        if let last, sample.time <= last { return }
        let elapsed = last.map { sample.time - $0 }
        let seconds = elapsed.map { Float($0 / .seconds(1)) } ?? 0
        align(sample, interfaces)
        var metrics = [PerformanceMetrics](repeating: .unknown, count: sample.indexes.count)
        let weight: Float = 1 - Self.exponential(-seconds / Float(options.smoothing / .seconds(1)))
        var groupDeltas: [PerformanceGroups.Delta] = []
        var first = 0
        while first < sample.indexes.count {
            let end = min(first + Self.portion, sample.indexes.count)
            state.withLock { state in
                let missing = state.groups.stats.count - groupDeltas.count
                if missing > 0 { groupDeltas += Array(repeating: PerformanceGroups.Delta(), count: missing) }
                state.measure(
                    sample, first..<end, seconds: seconds, weight: weight, into: &metrics, &groupDeltas)
            }
            first = end
        }
        let (groups, numbers) = state.withLock { state in
            (
                state.groups.sum(
                    groupDeltas, seconds: seconds, weight: weight, at: sample.time, into: state.table),
                state.numbers
            )
        }
        let snapshot = PerformanceSnapshot(
            time: sample.time, elapsed: elapsed ?? .zero, lifetime: lifetime, indexes: sample.indexes,
            numbers: numbers, metrics: metrics, groups: groups.stats, groupMetrics: groups.metrics)
        published.withLock { $0 = snapshot }
        closeInterval(at: sample.time, interfaces)
        let duration = clock.now() - start
        progress.withLock { progress in
            progress.passes = pass
            progress.lastDuration = duration
        }
    }

    /// exp of a number from -87 to 0.
    private static func exponential(_ power: Float) -> Float {
        // (1 + x / 2^12) ^ (2^12), good to one in 500 where it is used: x is hardly ever below -1.
        var result = 1 + max(power, -16) / 4096
        for _ in 0..<12 { result *= result }
        return result
    }

    /// Makes `slots` lie beside the sample's indexes, and sees which interfaces are others by now.
    private func align(_ sample: CounterSample, _ interfaces: InterfaceSnapshot) {
        let timeline = timeline(at: sample.time)
        state.withLock { state in
            if state.indexes != sample.indexes {
                state.realign(sample)
                state.grouped = nil
            }
            // A driver becomes known a moment after its interface.
            if state.grouped !== interfaces {
                state.group(interfaces, at: sample.time, timeline)
                state.grouped = interfaces
            }
        }
    }
}
