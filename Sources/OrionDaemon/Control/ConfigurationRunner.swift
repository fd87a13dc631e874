import EventLoop
import Logging
import NetworkManagement
import NetworkModel
import ServiceLifecycle
import Synchronization

/// The thread on which the configuration changes: one thing after the other, whoever asks for it.
actor ConfigurationRunner {
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    typealias Job = @Sendable () async -> Void

    nonisolated let loop: EventLoop
    private nonisolated let manager = Mutex<ConfigurationManager?>(nil)
    private nonisolated let review = Mutex<@Sendable (ConfigurationSnapshot) -> Void>({ _ in })
    private nonisolated let isCheckPending = Mutex(false)
    private var jobs: [Job] = []
    private var isWorking = false

    /// An event is looked at this much later: until then what caused it has told of itself.
    private static let checkDelay: Duration = .milliseconds(300)
    /// How often the time of an unconfirmed revision is looked at.
    private static let tickPeriod: Duration = .milliseconds(200)

    init(loop: EventLoop) {
        self.loop = loop
    }

    /// - Parameter review: what else is to be looked at when an interface or the configuration changed.
    nonisolated func connect(
        _ manager: ConfigurationManager, review: @escaping @Sendable (ConfigurationSnapshot) -> Void
    ) {
        self.manager.withLock { $0 = manager }
        self.review.withLock { $0 = review }
    }

    /// Does `job` after those that were asked for before. From any thread.
    nonisolated func add(_ job: @escaping Job) {
        loop.perform { self.assumeIsolated { $0.enqueue(job) } }
    }

    private func enqueue(_ job: @escaping Job) {
        jobs.append(job)
        guard !isWorking else { return }
        isWorking = true
        Task { await work() }
    }

    private func work() async {
        while !jobs.isEmpty {
            let job = jobs.removeFirst()
            await job()
        }
        isWorking = false
    }

    /// The same, and waits for its result.
    nonisolated func run<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            add { continuation.resume(returning: await body()) }
        }
    }

    /// Whether the configuration in force wants an interface up. From any thread.
    nonisolated func wantsUp(_ row: InterfaceRow) -> Bool {
        manager.withLock { $0 }?.wantsUp(row) ?? false
    }

    /// Something changed an interface, or the configuration. From the kernel's thread, often.
    nonisolated func noticeChange() {
        // Until then there is nothing to compare with.
        guard manager.withLock({ $0?.snapshot.revision ?? 0 }) > 0 else { return }
        let isNew = isCheckPending.withLock { isPending in
            defer { isPending = true }
            return !isPending
        }
        guard isNew else { return }
        loop.perform { [self] in
            loop.schedule(after: Self.checkDelay) { [self] in
                isCheckPending.withLock { $0 = false }
                guard let manager = manager.withLock({ $0 }) else { return }
                let review = review.withLock { $0 }
                add {
                    await manager.checkDrift()
                    review(manager.snapshot)
                }
            }
        }
    }

    nonisolated func startTicking() {
        loop.perform { [self] in tick() }
    }

    private nonisolated func tick() {
        if let manager = manager.withLock({ $0 }), manager.snapshot.deadline != nil { add { await manager.tick() } }
        loop.schedule(after: Self.tickPeriod) { [self] in tick() }
    }
}

/// Runs that thread, and the socket by which commands on the host reach it.
struct ConfigurationService: Service {
    let runner: ConfigurationRunner
    let control: ControlSocket
    let startup: ConfigurationStartup

    func run() async throws {
        try runner.loop.start()
        await startup.run()
        runner.noticeChange()
        runner.startTicking()
        control.start(on: runner.loop)
        try? await gracefulShutdown()
        control.stop()
        runner.loop.stop()
    }
}
