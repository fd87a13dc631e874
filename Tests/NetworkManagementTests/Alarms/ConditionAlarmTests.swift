import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Synchronization
import Testing

/// What the drivers, the configuration and the interfaces of a host are, as a test says, under review.
private final class Conditions: Sendable {
    let fixture = AlarmFixture()
    let interfaces: ManagerFixture
    let drivers: DriverFixture
    let drift = Mutex<[ConfigurationDrift]>([])

    init(_ edit: (inout DriverManager.Options) -> Void = { _ in }) throws {
        interfaces = try ManagerFixture([makeLink(1, "eth0"), makeLink(2, "eth1")], alarms: fixture)
        drivers = try DriverFixture(edit)
    }

    var alarms: ManagerAlarms { ManagerAlarms(fixture.alarms) }

    func review() {
        let (drivers, drift) = (drivers.manager, drift.withLock { $0 })
        AlarmReview(
            fixture.alarms, interfaces: interfaces.alarms, drivers: { drivers.snapshot }, drift: { drift }
        ).tick()
    }

    /// Hands on what the driver manager told.
    func takeDriverEvents(from count: Int = 0) {
        for event in drivers.events.dropFirst(count) { alarms.take(event) }
    }

    var raised: [String] {
        fixture.alarms.snapshot.active.map { alarm in
            [alarm.key.kind.words, alarm.key.subject.name, alarm.key.detail].filter { !$0.isEmpty }
                .joined(separator: " ")
        }
    }
}

extension AlarmKind {
    fileprivate var words: String { "\(self)" }
}

@Suite struct `Alarms of conditions` {
    @Test func `a driver that fails is an alarm until it works`() throws {
        let host = try Conditions()
        host.drivers.platform.state.withLock { $0.unfit = Set($0.device.candidates.prefix(1)) }
        _ = try host.drivers.run(.deviceBind, host.drivers.device)
        host.takeDriverEvents()
        host.review()
        #expect(host.raised == ["driverFailed better"])
        let count = host.drivers.events.count
        host.drivers.platform.state.withLock { $0.unfit = [] }
        _ = try host.drivers.run(.deviceRebind, host.drivers.device, "better")
        host.takeDriverEvents(from: count)
        #expect(host.raised == [])
    }

    @Test func `a driver that cannot be unloaded has not failed`() throws {
        let host = try Conditions()
        _ = try host.drivers.run(.driverLoad, .driver("good"))
        host.alarms.take(.failed(try host.drivers.row("good"), reason: "in use"))
        #expect(host.raised == [])
    }

    @Test func `what a restart has left of a driver that works is cleared`() throws {
        let host = try Conditions()
        host.fixture.alarms.raise(AlarmKey(.driverFailed, .driver("good")), .major, "before the restart")
        host.review()
        #expect(host.raised == [])
    }

    @Test func `too many drivers are an alarm until all are managed`() throws {
        let host = try Conditions { $0.managedDrivers = 1 }
        host.takeDriverEvents()
        host.review()
        #expect(host.raised == ["capacityExceeded drivers"])
        host.drivers.manager.reconfigure(DriverManager.Options())
        host.review()
        #expect(host.raised == [])
    }

    @Test func `room for more interfaces ends the alarm, though no event tells of it`() throws {
        let host = try Conditions()
        host.fixture.alarms.raise(
            AlarmKey(.capacityExceeded, .system, detail: "interfaces"), .warning, "before the limit was raised")
        host.review()
        #expect(host.raised == [])
    }

    @Test func `drift is an alarm while any of it is left, and when it vanishes by itself`() throws {
        let host = try Conditions()
        let one = ConfigurationDrift(setting: "interfaces.eth0.mtu", interface: "eth0", text: "mtu of eth0: 1400")
        let two = ConfigurationDrift(setting: "interfaces.eth1.mtu", interface: "eth1", text: "mtu of eth1: 1400")
        host.drift.withLock { $0 = [one, two] }
        host.alarms.take(.driftDetected([one, two]))
        #expect(host.raised == ["configurationDrift"])
        #expect(host.fixture.alarms.snapshot.worst == .warning)
        host.alarms.take(.driftRepaired([one]))
        host.drift.withLock { $0 = [two] }
        host.review()
        #expect(host.raised == ["configurationDrift"])
        host.drift.withLock { $0 = [] }
        host.review()
        #expect(host.fixture.take() == ["raised configurationDrift ", "cleared configurationDrift "])
    }

    @Test func `a configuration that is not accepted is an alarm until one is`() throws {
        let host = try Conditions()
        let revision = ConfigurationRevision(
            number: 3, seconds: 0, principal: "alice", origin: .snmp, comment: "", digest: [], changes: 1,
            state: .failed)
        host.alarms.take(.failed(revision, ConfigurationFinding(.error, "interfaces.eth0.mtu", "too large")))
        #expect(host.raised == ["configurationRejected"])
        host.alarms.take(.changed(revision, first: "interfaces.eth0.mtu"))
        #expect(host.raised == [])
        host.alarms.take(.setNotKept(.host, ConfigurationFinding(.error, "interfaces.eth0.mtu", "too large")))
        #expect(host.raised == ["configurationRejected"])
        host.alarms.take(.confirmed(revision))
        #expect(host.raised == [])
    }

    @Test func `an operation that does not come back is an alarm until it does`() async throws {
        let fixture = AlarmFixture()
        let workers = ManualWorkers()
        let queue = OperationQueue(
            performers: [FakePerformer()], workers: workers, audit: nil, clock: fixture.clock
        ) { ManagerAlarms(fixture.alarms).take($0) }
        for _ in 0..<2 {
            try queue.submit(OperationOrder(FakePerformer.kind, .system))
            try await reach("a job") { workers.jobCount == 1 }
            workers.passTime()
            fixture.pass(seconds: 4)
            #expect(fixture.take() == [])
            // It comes back in time, the first time.
            if queue.counts.unsuccessful == 1 { workers.runNext() }
        }
        fixture.pass(seconds: 2)
        #expect(fixture.take() == ["raised operationStuck "])
        workers.runNext()
        #expect(fixture.take() == ["cleared operationStuck "])
    }

    @Test func `an audit that takes no records is critical until it does`() throws {
        let fixture = AlarmFixture()
        let alarms = SecurityAlarms(fixture.alarms)
        alarms.take(.auditFailed(StoreError(.full, "append", errno: 28)))
        #expect(fixture.alarms.snapshot.worst == .critical)
        alarms.take(.auditRestored)
        #expect(fixture.take() == ["raised auditFailed ", "cleared auditFailed "])
        alarms.begin(auditFailure: StoreError(.full, "append", errno: 28))
        #expect(fixture.take() == ["raised auditFailed "])
    }

    @Test func `SETs without a principal are an alarm until one has it, or nobody is known to lack it`() throws {
        let fixture = AlarmFixture()
        let alarms = SecurityAlarms(fixture.alarms)
        alarms.take(.principalUnavailable)
        alarms.take(.principalRestored)
        #expect(fixture.take() == ["raised principalMissing ", "cleared principalMissing "])
        alarms.take(.principalUnavailable)
        alarms.begin(auditFailure: nil)
        #expect(fixture.take() == ["raised principalMissing ", "cleared principalMissing "])
    }
}

/// What a process uses, as a test says.
private final class FakeProcess: ProcessPlatform {
    let used = Mutex(ProcessUsage())

    func usage() throws(PlatformError) -> ProcessUsage { used.withLock { $0 } }
    func releaseMemory() {}
}

@Suite struct `The process monitor` {
    private let process = FakeProcess()
    private let fixture = AlarmFixture()

    private func monitor() -> ProcessMonitor {
        ProcessMonitor(platform: process, clock: fixture.clock, alarms: fixture.alarms)
    }

    /// The process uses so much of a processor, for so long.
    private func work(_ share: Double, seconds: Int, _ monitor: ProcessMonitor) {
        for _ in 0..<seconds {
            fixture.clock.advance(by: .seconds(1))
            process.used.withLock { $0.processorTime += .seconds(1) * share }
            monitor.tick(interfaces: 10)
        }
    }

    @Test func `what is over a budget is an alarm until it is within`() {
        let monitor = monitor()
        work(0.9, seconds: 60, monitor)
        #expect(fixture.take() == ["raised resourceExceeded "])
        #expect(abs(monitor.report.processorShare - 0.9) < 0.001)
        work(0.01, seconds: 60, monitor)
        #expect(fixture.take() == ["cleared resourceExceeded "])
        process.used.withLock { $0.residentMemory = 300 << 20 }
        work(0, seconds: 1, monitor)
        process.used.withLock { $0.descriptors = 300 }
        work(0, seconds: 1, monitor)
        #expect(fixture.alarms.snapshot.active.map(\.key.detail) == ["memory", "descriptors"])
        process.used.withLock { $0.descriptors = 3 }
        // What the interfaces of a host take is allowed for.
        monitor.tick(interfaces: 10_000)
        #expect(fixture.alarms.snapshot.active.isEmpty)
    }

    @Test func `without resource management nothing is an alarm, and all is shown`() {
        let monitor = monitor()
        monitor.enforce(false)
        work(0.9, seconds: 5, monitor)
        #expect(fixture.alarms.snapshot.active.isEmpty)
        #expect(monitor.report.processorShare > 0.8)
    }
}
