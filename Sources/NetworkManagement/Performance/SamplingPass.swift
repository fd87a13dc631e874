import CoreMetrics
package import NetworkModel
import Synchronization

/// One regular sample and everything that is made of it: rates, windows, intervals, thresholds, forecasts.
///
/// When a pass takes too long, or the host does not let it run in time, the interval stretches, an alarm says so, and
/// both go when there is room again.
package final class SamplingPass: Sendable {
    private let interfaces: InterfaceManager
    private let monitoring: MonitoringManager
    private let performance: PerformanceManager
    private let thresholds: ThresholdManager
    private let forecasts: ForecastManager
    private let alarms: AlarmManager
    private let clock: any MonotonicClock
    private let state: Mutex<State>
    private let missed = Counter(label: "orion.samples.missed")
    private let durations = Timer(label: "orion.pass.duration")

    private struct State {
        var pace: SamplePace
        var due: MonotonicTime?
    }

    /// - Parameter interval: as configured.
    package init(
        interfaces: InterfaceManager, monitoring: MonitoringManager, performance: PerformanceManager,
        thresholds: ThresholdManager, forecasts: ForecastManager, alarms: AlarmManager, clock: any MonotonicClock,
        interval: Duration
    ) {
        self.interfaces = interfaces
        self.monitoring = monitoring
        self.performance = performance
        self.thresholds = thresholds
        self.forecasts = forecasts
        self.alarms = alarms
        self.clock = clock
        state = Mutex(State(pace: SamplePace(interval)))
    }

    /// How often is sampled now.
    package var pace: SamplePace { state.withLock { $0.pace } }

    package func configure(interval: Duration) {
        state.withLock { $0.pace.configure(interval) }
    }

    /// Samples no more often than so many times the configured interval: see `SamplePace.restrain`.
    package func restrain(_ factor: Int) {
        state.withLock { $0.pace.restrain(factor) }
    }

    private static let degraded = AlarmKey(.samplingDegraded, .system)
    private static let failed = AlarmKey(.samplingDegraded, .system, detail: "failed")
    /// Intervals without a sample after which there are no rates any more, and an alarm.
    private static let patience = 3

    /// Makes one pass. On the upkeep thread.
    ///
    /// - Returns: in how long a time the next one is due.
    package func run() -> Duration {
        let start = clock.now()
        monitoring.tick()
        let snapshot = interfaces.snapshot
        let lifetime = pace.interval * Self.patience
        if monitoring.age != nil { performance.take(monitoring.latest.sample, snapshot, lifetime: lifetime) }
        thresholds.evaluate(performance.snapshot, snapshot)
        forecasts.take(performance.takeFindings(), snapshot)
        let end = clock.now()
        let (pace, due, skipped) = state.withLock { state in
            let lateness = state.due.map { start - $0 } ?? .zero
            let before = state.pace.missed
            state.pace.passed(taking: end - start, lateness: lateness)
            // What was missed is not made up for.
            let next = max(end, (lateness > state.pace.interval ? start : state.due ?? start) + state.pace.interval)
            state.due = next
            return (state.pace, next, state.pace.missed &- before)
        }
        durations.recordNanoseconds(Int64((end - start) / .nanoseconds(1)))
        if skipped > 0 { missed.increment(by: skipped) }
        alarms.set(
            Self.degraded, pace.isStretched, .warning,
            "counters are sampled more rarely than every \(pace.configured), as performance_monitoring_interval has it")
        let failure = monitoring.failure(for: lifetime)
        alarms.set(
            Self.failed, failure != nil, .major, "the counters of interfaces cannot be read: \(failure ?? "")")
        return max(.zero, due - end)
    }
}

extension PerformanceManager {
    /// Octets of memory that measuring an interface takes, history included.
    package static var octetsPerInterface: Int {
        // Beside the slot: its entries in the lists of the latest sample and of the latest snapshot, and in the table of
        // slots.
        PerformanceTable.octetsPerSlot + MemoryLayout<PerformanceMetrics>.stride + 2
            * MemoryLayout<InterfaceIndex>.stride
            + 3 * MemoryLayout<Int32>.stride
    }
}
