import Logging
import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Synchronization
import Testing

/// A manager over fakes, whose interfaces count as a test says, sampled once a second.
final class OptimisationFixture: Sendable {
    let interfaces: ManagerFixture
    let platform = FakeOptimisationPlatform()
    let store: MemoryOptimisationStore
    let audit: MemoryAuditStore
    let alarms: AlarmManager
    let monitoring: MonitoringManager
    let manager: OptimisationManager
    let events = Mutex<[OptimisationEvent]>([])
    let configured = Mutex<Set<String>>([])

    var clock: ManualClock { interfaces.clock }

    static let principal = Principal(
        name: Array("alice".utf8), model: .usm, level: .authPriv, source: .ipv4(0x7F00_0001, port: 1))

    init(
        _ links: [Link], store: MemoryOptimisationStore = MemoryOptimisationStore(), boot: String = "boot",
        options: OptimisationManager.Options = .init()
    ) throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let interfaces = try ManagerFixture(links)
        self.interfaces = interfaces
        self.store = store
        audit = MemoryAuditStore(clock: interfaces.clock)
        alarms = AlarmManager(
            stored: StoredAlarms(), store: MemoryAlarmStore(), clock: interfaces.clock, wallClock: interfaces.clock,
            logger: logger, listener: { _ in })
        let monitoring = MonitoringManager(platform: interfaces.platform, clock: interfaces.clock, logger: logger)
        self.monitoring = monitoring
        let statistics = DriverStatistics(platform: interfaces.platform, clock: interfaces.clock)
        let told = Told()
        manager = OptimisationManager(
            platform: platform, store: store, audit: audit, alarms: alarms, clock: interfaces.clock, boot: boot,
            options: options, logger: logger,
            surroundings: {
                var surroundings = OptimisationManager.Surroundings(
                    interfaces: interfaces.manager.snapshot, sample: monitoring.latest.sample,
                    statistics: statistics.latest)
                surroundings.isConfigured = { name, setting in told.isConfigured("\(name) \(setting)") }
                return surroundings
            }
        ) { told.append($0) }
        told.fixture.withLock { $0 = self }
    }

    /// What the manager was given before the fixture was whole.
    private final class Told: Sendable {
        let fixture = Mutex<OptimisationFixture?>(nil)

        func append(_ event: OptimisationEvent) {
            fixture.withLock { $0 }?.events.withLock { $0.append(event) }
        }

        func isConfigured(_ key: String) -> Bool {
            fixture.withLock { $0 }?.configured.withLock { $0.contains(key) } ?? false
        }
    }

    /// A second of the life of interface `number`.
    func second(_ number: Int, _ count: (inout LinkCounters) -> Void = { _ in }) async throws {
        let index = try #require(InterfaceIndex(number))
        var counters = interfaces.platform.counters(of: index) ?? LinkCounters()
        count(&counters)
        interfaces.platform.setCounters(counters, of: index)
        clock.advance(by: .seconds(1))
        monitoring.tick()
        await manager.advance()
    }

    /// `seconds` of traffic: each second a thousand packets in and out, and so many that are dropped.
    func pass(_ seconds: Int, of number: Int = 2, dropping drops: UInt64 = 0) async throws {
        for _ in 0..<seconds {
            try await second(number) { counters in
                counters.receivedPackets += 1000
                counters.transmittedPackets += 1000
                counters.receivedOctets += 100_000
                counters.transmittedOctets += 100_000
                counters.transmitDropped += drops
            }
        }
    }

    /// The finding of a rule, when there is one.
    func finding(_ rule: FindingRule) -> Finding? { manager.snapshot.findings.first { $0.proposal.rule == rule } }

    /// Asks for what an operator asks for, as the queue does.
    func ask(_ kind: OperationKind, _ target: OperationTarget, argument: String = "") throws {
        let order = OperationOrder(kind, target, argument: argument)
        _ = try manager.access(order)
        try manager.check(order, by: Self.principal, isAdministrator: false)
        let run = OperationRun(requester: Self.principal, deadline: clock.now() + .seconds(10))
        _ = try manager.perform(order, run)
    }

    /// What the audit says of optimising: phase, principal, result.
    var audited: [String] {
        audit.entries.map(\.record).filter { $0.event == .optimisation }.map {
            "\($0.phase) \($0.principal.printableName) \($0.result)"
        }
    }

    /// What was told, in words.
    var told: [String] {
        events.withLock { events in
            events.map { event in
                switch event {
                case .applied(let finding): "applied \(finding.identifier)"
                case .confirmed(let finding): "confirmed \(finding.identifier)"
                case .reverted(let finding): "reverted \(finding.identifier)"
                case .failed(let finding): "failed \(finding.identifier)"
                }
            }
        }
    }
}

/// A veth that lacks one offload.
func port(_ number: Int = 2, _ name: String = "d0", _ edit: (inout Link) -> Void = { _ in }) throws -> Link {
    var link = Link(index: try #require(InterfaceIndex(number)), name: name)
    link.kind = "veth"
    link.mtu = 1500
    link.flags = [.up, .lowerUp]
    link.carrier = true
    link.operationalState = .up
    link.queueLength = 1000
    edit(&link)
    return link
}
