import Logging
import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting

/// Interfaces over a fake kernel whose counters go as a test says, measured once a second.
struct PerformanceFixture {
    let manager: ManagerFixture
    let alarms: AlarmManager
    let store: MemoryPerformanceStore
    let monitoring: MonitoringManager
    let performance: PerformanceManager
    let thresholds: ThresholdManager
    let forecasts: ForecastManager
    let sampling: SamplingPass

    var clock: ManualClock { manager.clock }

    init(
        _ links: [Link], store: MemoryPerformanceStore = MemoryPerformanceStore(),
        options: PerformanceManager.Options = .init(),
        counters: (ManagerFixture) -> (any CounterPlatform)? = { _ in nil }
    ) throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        manager = try ManagerFixture(links)
        self.store = store
        let clock = manager.clock
        alarms = AlarmManager(
            stored: StoredAlarms(), store: MemoryAlarmStore(), clock: clock, wallClock: clock, logger: logger,
            listener: { _ in })
        monitoring = MonitoringManager(
            platform: counters(manager) ?? manager.platform, clock: clock, logger: logger)
        performance = PerformanceManager(
            store: store, clock: clock, wallClock: clock, options: options, logger: logger)
        performance.restore(store.intervals)
        thresholds = ThresholdManager(stored: [], store: store, alarms: alarms)
        forecasts = ForecastManager(alarms: alarms)
        sampling = SamplingPass(
            interfaces: manager.manager, monitoring: monitoring, performance: performance, thresholds: thresholds,
            forecasts: forecasts, alarms: alarms, clock: clock, interval: .seconds(1))
    }

    /// Lets an interface count, then time pass, then a sample be taken.
    func pass(_ number: Int, after duration: Duration = .seconds(1), _ count: (inout LinkCounters) -> Void) throws {
        let index = try index(number)
        var counters = manager.platform.counters(of: index) ?? LinkCounters()
        count(&counters)
        manager.platform.setCounters(counters, of: index)
        clock.advance(by: duration)
        _ = sampling.run()
    }

    func metrics(_ number: Int) throws -> PerformanceMetrics? { performance.snapshot.metrics(of: try index(number)) }

    /// What raises alarms at present.
    var raised: [String] {
        alarms.snapshot.active.map { "\($0.key.kind) \($0.key.subject.name) \($0.key.detail)" }
    }
}
