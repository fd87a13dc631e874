package import Logging
package import NetworkModel
import Synchronization

/// Finds what could be better about interfaces, and changes it on request, on trial: a change that does harm is taken back.
///
/// `advance` does all the work, one call after the other on whatever thread it comes; requests only mark what it is to do
/// next. Readers look at `snapshot`.
package final class OptimisationManager: Sendable {
    package struct Options: Sendable, Hashable {
        /// `performance_optimization_enabled`: whether anything is looked for.
        package var isFinding = true
        /// `interface_optimization_enabled`: whether anything may be applied.
        package var isApplying = true
        /// `load_balancing_enabled`.
        package var isBalancing = true
        /// How often rules are asked.
        package var period: Duration = .seconds(10)
        /// Samples that measure what an interface does without a change, and with it.
        package var baselineSamples = 5
        package var trialSamples = 10
        /// Findings, of all states.
        package var findings = 512

        package init() {}
    }

    /// What it looks at, as the others know it at one moment.
    package struct Surroundings: Sendable {
        package var interfaces: InterfaceSnapshot
        package var sample: CounterSample
        package var statistics: DriverStatistics.Snapshot
        /// The driver an interface has, and a better one, for those that have not the best.
        package var betterDrivers: [InterfaceIndex: (present: String, better: String)] = [:]
        /// Whether the configuration says what a setting of an interface is: its name, and the setting's.
        package var isConfigured: @Sendable (String, String) -> Bool = { _, _ in false }

        package init(interfaces: InterfaceSnapshot, sample: CounterSample, statistics: DriverStatistics.Snapshot) {
            self.interfaces = interfaces
            self.sample = sample
            self.statistics = statistics
        }
    }

    /// What somebody wants done about a finding.
    enum Request: Sendable {
        case apply
        case revert
    }

    /// A change that is being measured.
    struct Trial {
        var start: LoadReading
        var latest: LoadReading
        var samples = 0
        /// The first sample after a change is where its measuring begins: what was counted before is in part of the time
        /// without it, and in part its own doing, as where a link restarts.
        var isSettling = false
        let hadCarrier: Bool
        let requester: Principal
    }

    /// What the queues of an interface pass.
    struct QueueWatch {
        var counts: QueueCounts
        /// From the last time on that they had grown.
        var shares = QueueShares()
    }

    struct State {
        var findings: [UInt32: Finding] = [:]
        var identifiers: [FindingKey: UInt32] = [:]
        var lastIdentifier: UInt32 = 0
        var requests: [(identifier: UInt32, request: Request, requester: Principal)] = []
        var trials: [UInt32: Trial] = [:]
        /// What is in the kernel, or about to be.
        var stored: [UInt32: StoredTrial] = [:]
        /// Readings at the latest evaluation.
        var readings: [InterfaceIndex: LoadReading] = [:]
        var processors: [ProcessorLoad] = []
        /// What was counted of each queue, and what followed from it.
        var queues: [InterfaceIndex: QueueWatch] = [:]
        /// When `processors` were read; nil before the first time.
        var processorsRead: MonotonicTime?
        var evaluated: MonotonicTime?
        /// Evaluations in a row in which a group was beyond its limit.
        var unbalanced: [AlarmKey: Int] = [:]
        var routes: [MultipathRoute] = []
        var routeNumbers = RouteNumbers()
        /// When they may be read again; nil for at once.
        var routesDue: MonotonicTime?
        var groups: [BalancingGroup] = []
        var lastSample: MonotonicTime?
        var counts = OptimisationCounts()
        var isRecovered = false
        var options: Options

        /// Whether the change of a finding could not be taken back, so that the kernel may have it still.
        func isOwed(_ identifier: UInt32) -> Bool {
            findings[identifier]?.state == .failed && stored[identifier] != nil
        }
    }

    let platform: any OptimisationPlatform
    let store: any OptimisationStore
    let audit: AuditTrail
    let alarms: AlarmManager
    let clock: any MonotonicClock
    let boot: String
    let logger: Logger
    let surroundings: @Sendable () -> Surroundings
    let listener: @Sendable (OptimisationEvent) -> Void
    let state: Mutex<State>
    private let published = Mutex(OptimisationSnapshot())

    /// - Parameters:
    ///   - audit: nil when auditing is switched off.
    ///   - boot: another one after each start of the host.
    ///   - surroundings: must not block.
    ///   - listener: told of events in order; must not block.
    package init(
        platform: any OptimisationPlatform, store: any OptimisationStore, audit: (any AuditStore)?,
        alarms: AlarmManager, clock: any MonotonicClock, boot: String, options: Options, logger: Logger,
        surroundings: @escaping @Sendable () -> Surroundings,
        listener: @escaping @Sendable (OptimisationEvent) -> Void
    ) {
        self.platform = platform
        self.store = store
        self.audit = AuditTrail(store: audit, clock: clock)
        self.alarms = alarms
        self.clock = clock
        self.boot = boot
        self.logger = logger
        self.surroundings = surroundings
        self.listener = listener
        state = Mutex(State(options: options))
    }

    package var snapshot: OptimisationSnapshot { published.withLock { $0 } }

    package var options: Options { state.withLock { $0.options } }

    package func reconfigure(_ options: Options) {
        state.withLock { state in
            state.options = options
            // At once, rather than with the next period.
            state.evaluated = nil
        }
    }

    /// Does what is due: call it after each regular sample.
    package func advance() async {
        let surroundings = surroundings()
        // Before the kernel's first answer nothing can be said of any interface.
        guard !surroundings.interfaces.rows.isEmpty else { return }
        if !state.withLock({ $0.isRecovered }) {
            guard await recover(surroundings) else { return }
        }
        await serveRequests(surroundings)
        let isNew = state.withLock { state in
            defer { state.lastSample = surroundings.sample.time }
            return state.lastSample != surroundings.sample.time
        }
        if isNew {
            await measureTrials(surroundings)
            evaluateIfDue(surroundings)
        }
        publish()
    }

    /// Takes back what is on trial: the daemon ends, and nobody would see how it turns out.
    package func stop() async {
        let surroundings = surroundings()
        for identifier in state.withLock({ $0.trials.keys.sorted() }) {
            await revert(identifier, surroundings, because: "oriond ended during the trial", by: nil)
        }
    }

    func publish() {
        let snapshot = state.withLock { state in
            OptimisationSnapshot(
                findings: state.findings.values.sorted { $0.identifier < $1.identifier }, groups: state.groups,
                counts: state.counts)
        }
        published.withLock { $0 = snapshot }
    }

    /// Changes a finding, if it is still there.
    ///
    /// - Returns: the finding as it is now.
    @discardableResult
    func update(_ identifier: UInt32, _ change: (inout Finding) -> Void) -> Finding? {
        let now = clock.now()
        return state.withLock { state in
            guard var finding = state.findings[identifier] else { return nil }
            let before = finding.state
            change(&finding)
            if finding.state != before { finding.changed = now }
            state.findings[identifier] = finding
            return finding
        }
    }

    /// What is counted of an interface now; nil when it is gone.
    func reading(
        of row: InterfaceRow, _ surroundings: Surroundings, queueing: [InterfaceIndex: Queueing],
        interrupts: [InterfaceIndex: UInt64]
    ) -> LoadReading? {
        let sample = surroundings.sample
        let position = sample.indexes.firstPosition { $0 >= row.index }
        guard position < sample.indexes.count, sample.indexes[position] == row.index else { return nil }
        var reading = LoadReading(time: sample.time, counters: sample.counters[position])
        if let queueing = queueing[row.index] { reading.queueing = queueing }
        reading.interrupts = interrupts[row.index]
        reading.lateCollisions = surroundings.statistics.entry(row.index)?.ethernet?.lateCollisions
        return reading
    }
}
