import AgentX
import EventLoop
import LinuxPlatform
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

    func run() async throws {
        do {
            try platform.start { [drivers] in drivers.refresh(because: "the kernel said so") }
        } catch {
            // As in a container: what is there is shown, and not followed.
            drivers.refresh(because: "the start")
        }
        try? await gracefulShutdown()
        platform.stop()
    }
}

/// The thread that samples and reads what costs more than a moment.
struct UpkeepService: Service {
    let loop: EventLoop
    let interfaces: InterfaceManager
    let monitoring: MonitoringManager
    let statistics: DriverStatistics
    let interval: SampleInterval

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
        monitoring.tick()
        loop.schedule(after: interval.duration) { sample() }
    }

    private func keepUp() {
        interfaces.tick()
        statistics.tick(interfaces.snapshot)
        loop.schedule(after: Self.period) { keepUp() }
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
