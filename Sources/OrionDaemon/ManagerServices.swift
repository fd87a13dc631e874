import AgentX
import EventLoop
import LinuxPlatform
import Logging
import NetworkManagement
import ServiceLifecycle

/// The thread that follows the kernel.
struct KernelService: Service {
    let platform: LinuxInterfacePlatform
    let interfaces: InterfaceManager
    /// Called after events, on their thread; must not block.
    let noticed: @Sendable () -> Void

    func run() async throws {
        try platform.start { [interfaces, noticed] events in
            interfaces.ingest(events)
            noticed()
        }
        try? await gracefulShutdown()
        platform.stop()
    }
}

/// The thread that follows devices and drivers.
struct DriverService: Service {
    let platform: LinuxDriverPlatform
    let drivers: DriverManager
    let kernelLog: any KernelLogPlatform
    let logger: Logger

    func run() async throws {
        do {
            try platform.start { [drivers] in drivers.refresh(because: "the kernel said so") }
        } catch {
            // As in a container: what is there is shown, and not followed.
            drivers.refresh(because: "the start")
        }
        do {
            try kernelLog.start { [drivers] in drivers.take($0) }
        } catch {
            logger.notice(
                "what the kernel logs of drivers is not seen; their counters are", metadata: ["error": "\(error)"])
        }
        try? await gracefulShutdown()
        kernelLog.stop()
        platform.stop()
    }
}

/// The thread that samples and reads what costs more than a moment.
struct UpkeepService: Service {
    let loop: EventLoop
    let interfaces: InterfaceManager
    let drivers: DriverManager
    let monitoring: MonitoringManager
    let statistics: DriverStatistics
    let alarms: AlarmManager
    let review: AlarmReview
    let process: ProcessMonitor
    let sampling: SamplingPass
    /// Called after each regular sample; must not block.
    let sampled: @Sendable () -> Void

    /// How often what is due by the clock is looked at.
    private static let period: Duration = .seconds(1)

    func run() async throws {
        try loop.start()
        loop.perform { [self] in
            sample()
            keepUp()
        }
        try? await gracefulShutdown()
        loop.stop()
    }

    private func sample() {
        let pause = sampling.run()
        sampled()
        loop.schedule(after: pause) { sample() }
    }

    private func keepUp() {
        interfaces.tick()
        drivers.tick()
        drivers.watch(interfaces.snapshot, monitoring.latest)
        drivers.readReporters()
        drivers.assessHealth()
        statistics.tick(interfaces.snapshot)
        process.tick(interfaces: interfaces.snapshot.rows.count)
        review.tick()
        alarms.tick()
        loop.schedule(after: Self.period) { keepUp() }
    }
}

/// Looks for what could be better, and tries what somebody wants tried, after each regular sample.
struct OptimisationService: Service {
    let optimisation: OptimisationManager
    /// One for each sample; those that come while there is work to do count as one.
    let samples: AsyncStream<Void>

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in samples { await optimisation.advance() }
        }
        await optimisation.stop()
    }
}

/// Keeps the alarms and the history of performance on disk.
struct KeepingService: Service {
    let alarms: AlarmManager
    let performance: PerformanceManager

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                await alarms.save()
                await performance.save()
            }
        }
        await performance.save(isLast: true)
        await alarms.save(isLast: true)
    }
}

/// The session with the master agent.
struct SubagentService: Service {
    let subagent: AgentXSubagent
    let loop: EventLoop

    func run() async throws {
        try loop.start()
        await subagent.start()
        try? await gracefulShutdown()
        await subagent.shutDown()
        loop.stop()
    }
}
