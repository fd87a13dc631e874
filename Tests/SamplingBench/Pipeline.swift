import LinuxPlatform
import Logging
import NetworkManagement
import NetworkModel
import Synchronization

/// What a pass of the daemon is made of, over this namespace's interfaces: the same managers, stores without a disk, and a
/// clock that can be put forward.
struct Pipeline {
    private let clock = SteppedClock()
    private let platform: LinuxInterfacePlatform
    private let manager: InterfaceManager
    private let monitoring: MonitoringManager
    private let performance: PerformanceManager
    private let alarmManager: AlarmManager
    private let sampling: SamplingPass

    /// Thresholds on every interface.
    private static let variables: [Threshold.Variable] = [.inUtilisation, .inErrorRatio, .outDiscards, .inBits]

    init() throws {
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let store = NoStore()
        platform = try LinuxInterfacePlatform()
        manager = InterfaceManager(
            platform: platform, clock: clock, limits: .init(managedInterfaces: 65_535), logger: logger,
            detailsWanted: {}, listener: { _ in })
        manager.ingest([.resynchronise(overrun: false)])
        alarmManager = AlarmManager(
            stored: StoredAlarms(), store: store, clock: clock, wallClock: clock, logger: logger,
            listener: { _ in })
        monitoring = MonitoringManager(
            platform: SteppedCounters(platform: platform, clock: clock), clock: clock, logger: logger)
        performance = PerformanceManager(store: store, clock: clock, wallClock: clock, logger: logger)
        let thresholds = ThresholdManager(stored: [], store: store, alarms: alarmManager)
        thresholds.configure(
            Self.variables.map { variable in
                var threshold = Threshold(name: "\(variable)")
                threshold.variable = variable
                threshold.rising = 90_000
                threshold.falling = 80_000
                return threshold
            } + [Self.crossed])
        sampling = SamplingPass(
            interfaces: manager, monitoring: monitoring, performance: performance, thresholds: thresholds,
            forecasts: ForecastManager(alarms: alarmManager), alarms: alarmManager, clock: clock,
            interval: .seconds(1))
    }

    /// One that a twentieth of the interfaces is beyond all the time, so that there are alarms.
    private static var crossed: Threshold {
        var threshold = Threshold(name: "idle")
        threshold.variable = .inBits
        threshold.pattern = GlobPattern("a*7") ?? .any
        // A rate below one is too low.
        threshold.rising = 1
        threshold.falling = 1000
        return threshold
    }

    var interfaces: Int { performance.snapshot.indexes.count }

    var alarms: Int { alarmManager.snapshot.active.count }

    func pass() { _ = sampling.run() }

    /// Its first part alone.
    func sample() { monitoring.tick() }

    /// Passes until every window and every history is full.
    func fill() async {
        for _ in 0..<240 { pass() }
        for _ in 0..<97 {
            _ = endInterval { pass in
                pass()
                return 0
            }
            // What is on disk is in memory no longer.
            await performance.save()
            await alarmManager.save()
        }
    }

    /// Ends a quarter of an hour.
    ///
    /// - Returns: what `measure` has for the pass that does, and the most for those behind it that make its forecasts.
    func endInterval(_ measure: (() -> Void) -> Double) -> (end: Double, behind: Double) {
        clock.advance(by: .seconds(900))
        let end = measure(pass)
        let behind = (0..<9).map { _ in measure(pass) }.max() ?? 0
        return (end, behind)
    }
}

/// Keeps nothing: what a store takes of memory is not that of an interface.
private struct NoStore: PerformanceStore, ThresholdStore, AlarmStore {
    func loadIntervals(since: WallTime) async throws(StoreError) -> [StoredInterval] { [] }
    func saveIntervals(_ intervals: [StoredInterval], removingBefore: WallTime) async throws(StoreError) {}
    func loadThresholds() async throws(StoreError) -> [Threshold] { [] }
    func saveThresholds(_ thresholds: [Threshold]) async throws(StoreError) {}
    func loadAlarms() async throws(StoreError) -> StoredAlarms { StoredAlarms() }
    func saveAlarms(_ changes: AlarmChanges) async throws(StoreError) {}
}

/// The kernel's clock, and what it was put forward by.
final class SteppedClock: MonotonicClock, WallClock {
    private let base = BootTimeClock()
    private let offset = Atomic<Int64>(0)

    func advance(by duration: Duration) {
        offset.wrappingAdd(Int64(duration / .nanoseconds(1)), ordering: .relaxed)
    }

    var passed: Duration { .nanoseconds(offset.load(ordering: .relaxed)) }

    func now() -> MonotonicTime { base.now() + passed }

    func now() -> WallTime {
        let now: MonotonicTime = now()
        return WallTime(seconds: 1_800_000_000 + now.nanoseconds / 1_000_000_000)
    }

    func secondsEastOfUTC(at time: WallTime) -> Int64 { 0 }
}

/// The kernel's counters, at the time of that clock.
struct SteppedCounters: CounterPlatform {
    let platform: LinuxInterfacePlatform
    let clock: SteppedClock

    func sample(into sample: inout CounterSample) throws(PlatformError) {
        try platform.sample(into: &sample)
        sample.time = sample.time + clock.passed
    }
}
