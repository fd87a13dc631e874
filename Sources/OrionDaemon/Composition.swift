import AgentX
import CoreMetrics
import EventLoop
import Glibc
import LinuxPlatform
import Logging
import NetworkManagement
import NetworkModel
import OrionMIB
import OrionSchema
import SMI
import ServiceLifecycle
import Synchronization

/// Makes the parts of the daemon and connects them.
///
/// Three threads do the work: `kernel-events` merges what rtnetlink says, `agentx` answers the master agent and makes its
/// changes, `upkeep` samples counters and reads what costs more than a moment. They meet in the managers' snapshots.
enum Composition {
    static func parts(for context: DaemonContext) async throws -> DaemonParts {
        LinuxProcessPlatform.returnLargeBlocks()
        // Before whatever measures itself is made.
        let metrics = MetricsRegistry()
        MetricsSystem.bootstrap(metrics)
        let clock = BootTimeClock()
        let platform = try LinuxInterfacePlatform()
        let upkeep = try EventLoop(name: "upkeep")
        let protocolLoop = try EventLoop(name: "agentx")

        let relay = EventRelay(logger: Logger(label: "oriond.interfaces"))
        let credentials = context.environment["CREDENTIALS_DIRECTORY"]
        let state = try await ManagementState(
            ManagementState.initialConfiguration(
                for: context, clock: clock, wallClock: CalendarClock(), credentials: credentials),
            clock: clock, wallClock: CalendarClock(), credentials: credentials, events: { relay.take($0) },
            alarmEvents: { relay.take($0) })
        // What was confirmed last, unless the file says otherwise.
        let configuration = try state.configuration(for: context)
        let interfaces = InterfaceManager(
            platform: platform, clock: clock, limits: .init(configuration), logger: Logger(label: "oriond.interfaces"),
            detailsWanted: { relay.detailsWanted(on: upkeep) }, listener: { relay.take($0) })
        let monitoring = MonitoringManager(platform: platform, clock: clock, logger: Logger(label: "oriond.monitoring"))
        let statistics = DriverStatistics(platform: platform, clock: clock)

        let uptime = UptimeReference()
        let interval = SampleInterval(configuration.networkManager.performanceMonitoringInterval)
        let objects = InterfaceObjects(
            interfaces: interfaces, monitoring: monitoring, statistics: statistics, uptime: uptime)
        let ethernet = EthernetObjects(objects)
        let orion = OrionInterfaceObjects(objects, sampleInterval: { interval.milliseconds })
        let alarms = AlarmObjects(alarms: state.alarms, uptime: uptime)
        let forecasts = ForecastManager(alarms: state.alarms)
        let sampling = SamplingPass(
            interfaces: interfaces, monitoring: monitoring, performance: state.performance,
            thresholds: state.thresholds, forecasts: forecasts, alarms: state.alarms, clock: clock,
            interval: configuration.networkManager.performanceMonitoringInterval)
        // Before the first pass: which alarms of before the restart are theirs.
        state.thresholds.configure(from: configuration)
        var relief = ProcessMonitor.Relief()
        relief.restrain = { sampling.restrain($0) }
        relief.shed = { state.performance.shed() }
        let process = ProcessMonitor(
            platform: LinuxProcessPlatform(), clock: clock, alarms: state.alarms, relief: relief)
        process.enforce(configuration.networkManager.resourceManagementEnabled)
        let monitored = MonitoringObjects(
            interfaces: interfaces, monitoring: monitoring, performance: state.performance, alarms: state.alarms,
            process: process, metrics: metrics, clock: clock, pace: { sampling.pace }, agent: { relay.agentCounts })
        let configurationPlatform = try LinuxConfigurationPlatform(platform)
        let runner = ConfigurationRunner(loop: try EventLoop(name: "configuration"))
        let driverPlatform = LinuxDriverPlatform()
        let drivers = DriverManager(
            platform: driverPlatform, store: state.drivers, book: try await state.drivers.loadDrivers(),
            options: DriverManager.Options(configuration), clock: clock, wallClock: CalendarClock(),
            logger: Logger(label: "oriond.drivers"),
            links: configurationPlatform,
            interfaces: InterfaceGuard(
                snapshot: { interfaces.snapshot }, way: { configurationPlatform.interface(toward: $0) },
                managers: { [security = state.security] in security.managers },
                isWantedUp: { runner.wantsUp($0) })
        ) { relay.take($0) }
        ManagerAlarms(state.alarms).begin()
        let governed = ConfiguredSettings()
        let optimisation = OptimisationManager(
            platform: try LinuxOptimisationPlatform(platform, configurationPlatform), store: state.optimisation,
            audit: state.audit, alarms: state.alarms, clock: clock, boot: bootIdentifier(),
            options: .init(configuration), logger: Logger(label: "oriond.optimisation"),
            surroundings: {
                var surroundings = OptimisationManager.Surroundings(
                    interfaces: interfaces.snapshot, sample: monitoring.latest.sample, statistics: statistics.latest)
                surroundings.betterDrivers = drivers.snapshot.betterDrivers
                surroundings.isConfigured = { governed.contains($1, of: $0) }
                return surroundings
            }
        ) { relay.take($0) }
        let (samples, sampled) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let performance = PerformanceObjects(
            interfaces: interfaces, performance: state.performance, thresholds: state.thresholds, forecasts: forecasts,
            optimisation: optimisation, uptime: uptime)
        let driverObjects = DriverObjects(manager: drivers, uptime: uptime, wallClock: CalendarClock())
        let queue = OperationQueue(
            performers: [drivers, optimisation], workers: Workers(loop: upkeep), audit: state.audit, clock: clock
        ) { relay.take($0) }
        let operations = OperationObjects(
            queue: queue,
            vocabulary: OperationVocabulary(
                kinds: DriverObjects.kinds + PerformanceObjects.kinds,
                targets: [InterfaceTargets(), DriverTargets(drivers), PerformanceTargets(optimisation)]),
            uptime: uptime, clock: clock)
        let manager = ConfigurationManager(
            platform: configurationPlatform, store: state.configurations,
            target: DaemonConfigurationTarget(
                security: state.security, thresholds: state.thresholds, drivers: drivers, source: context.source
            ) { configuration in
                context.output.set(level: configuration.log.level)
                interfaces.reconfigure(.init(configuration))
                drivers.reconfigure(DriverManager.Options(configuration))
                optimisation.reconfigure(.init(configuration))
                state.security.setOptions(SecurityOptions(configuration))
                state.alarms.reconfigure(.init(configuration))
                interval.change(to: configuration.networkManager.performanceMonitoringInterval)
                sampling.configure(interval: configuration.networkManager.performanceMonitoringInterval)
                process.enforce(configuration.networkManager.resourceManagementEnabled)
                relay.watchInterfaces(configuration.networkManager.interfaceMonitoringEnabled)
                runner.noticeChange()
            },
            audit: state.audit, clock: clock, wallClock: CalendarClock(), boot: bootIdentifier(),
            lock: Int32.random(in: 0...Int32.max)
        ) { relay.take($0) }
        relay.watchInterfaces(configuration.networkManager.interfaceMonitoringEnabled)
        let interfaceWatch = InterfaceWatch(alarms: state.alarms, audit: state.audit, clock: clock)
        runner.connect(manager) { interfaceWatch.review(interfaces.snapshot, $0) }
        governed.connect(manager)
        let configurations = ConfigurationObjects(
            manager, interfaces: interfaces, clock: clock, wallClock: CalendarClock(),
            queue: ConfigurationQueue(
                perform: { owner, principal in runner.add { await manager.perform(owner: owner, by: principal) } },
                absorb: { changes, principal in runner.add { await manager.absorb(changes, by: principal) } }))
        let security = SecurityObjects(
            interfaces: interfaces, security: state.security, audit: state.audit, uptime: uptime, clock: clock,
            wallClock: CalendarClock(), isEncrypted: configuration.networkManager.encryptionEnabled,
            lock: Int32.random(in: 0...Int32.max),
            others: objects.writableTables + orion.writableTables + configurations.writableTables
                + operations.writableTables + driverObjects.writableTables + alarms.writableTables
                + performance.writableTables,
            otherScalars: configurations.writableScalars)
        let modules: [(scalars: [ScalarSource], tables: [any TableSource])] = [
            (objects.scalars, objects.tables), ([], ethernet.tables), (orion.scalars, orion.tables),
            (configurations.scalars, configurations.tables), (security.scalars, security.tables),
            (operations.scalars, operations.tables), (driverObjects.scalars, driverObjects.tables),
            (alarms.scalars, alarms.tables), (monitored.scalars, monitored.tables),
            (performance.scalars, performance.tables),
        ]
        let tree = ObjectTree(scalars: modules.flatMap(\.scalars), tables: modules.flatMap(\.tables))
        let writer = MIBWriter(
            security, interfaces: interfaces, security: state.security, audit: state.audit, clock: clock,
            preparers: [
                driverObjects.preparer, operations.preparer(by: state.security), configurations.preparer,
                configurations.absorber, alarms.preparer, performance.preparer,
            ])

        let subagent = AgentXSubagent(
            configuration: agentX(configuration), reader: tree.makeReader(), writer: writer, loop: protocolLoop,
            logger: Logger(label: "oriond.agentx")
        ) { event in
            switch event {
            case .sysUpTime(let ticks, let nanoseconds):
                uptime.learn(sysUpTime: ticks, at: MonotonicTime(nanoseconds: nanoseconds))
            case .ready:
                context.serviceManager.status("Serving snmpd")
            case .closed, .connectionFailed:
                context.serviceManager.status("Waiting for snmpd at \(configuration.agentX.socket)")
            default:
                break
            }
        }
        let interfaceAlarms = InterfaceAlarms(state.alarms, interfaces: { interfaces.snapshot })
        relay.connect(
            interfaces, interfaceAlarms, subagent, uptime, security, configurations, operations, driverObjects,
            performance,
            state.alarms)

        let refusals = RefusalService(
            loop: upkeep, path: configuration.security.refusalSocket, trusted: trustedUsers(configuration),
            security: state.security, objects: security)
        let kernel = KernelService(platform: platform, interfaces: interfaces) { runner.noticeChange() }
        let handler = ControlHandler(
            manager: manager, runner: runner,
            file: OwnConfigurationFile(source: context.source, store: state.configurations))
        let control = ControlSocket(
            path: configuration.security.stateDirectory + "/" + ControlSocket.name,
            logger: Logger(label: "oriond.control"), answer: { handler.answer($0, $1, $2) })
        let startup = ConfigurationStartup(
            manager: manager, runner: runner, context: context, state: state,
            logger: Logger(label: "oriond.configuration"))
        let upkeepService = UpkeepService(
            loop: upkeep, interfaces: interfaces, drivers: drivers, monitoring: monitoring, statistics: statistics,
            alarms: state.alarms,
            review: AlarmReview(
                state.alarms, interfaces: interfaceAlarms, drivers: { drivers.snapshot },
                drift: { manager.snapshot.drift }), process: process, sampling: sampling,
            sampled: { sampled.yield() })
        return DaemonParts(
            services: [
                StateService(state: state), KeepingService(alarms: state.alarms, performance: state.performance),
                OptimisationService(optimisation: optimisation, samples: samples), upkeepService, refusals, kernel,
                DriverService(
                    platform: driverPlatform, drivers: drivers, kernelLog: LinuxKernelLog(),
                    logger: Logger(label: "oriond.drivers")),
                ConfigurationService(runner: runner, control: control, startup: startup),
                SubagentService(subagent: subagent, loop: protocolLoop),
            ],
            reload: { await startup.reload() })
    }

    /// What asks snmpd's orion module to say who sends each SET, and to pass GETBULK on whole.
    private static let moduleWishes = "orion-principal=1 orion-bulk=1"

    /// As whom snmpd may run to be believed.
    private static func trustedUsers(_ configuration: NetworkConfiguration) -> Set<UInt32> {
        var trusted: Set<UInt32> = [0, geteuid()]
        if let user = userIdentifier(configuration.security.snmpdUser) { trusted.insert(user) }
        return trusted
    }

    private static func agentX(_ all: NetworkConfiguration) -> AgentXConfiguration {
        let settings = all.agentX
        var configuration = AgentXConfiguration(description: "Orion Network Manager \(version) \(moduleWishes)")
        let trusted = trustedUsers(all)
        configuration.trustsUser = { trusted.contains($0) }
        configuration.identifier = OrionSMIMIB.orionManagedHost
        configuration.socketPath = settings.socket
        configuration.pingInterval = settings.pingInterval
        configuration.responseTimeout = settings.timeout
        configuration.notificationLimit = settings.notificationQueue
        let priority = UInt8(clamping: settings.priority)
        configuration.regions = subtrees.map { Region($0, priority: priority) }
        configuration.capabilities = [
            AgentCapability(OrionAgentCapabilitiesMIB.orionInterfaceAgent, "Orion Network Manager \(version)"),
            AgentCapability(OrionAgentCapabilitiesMIB.orionSecurityAgent, "Orion Network Manager \(version), security"),
            AgentCapability(
                OrionAgentCapabilitiesMIB.orionConfigAgent, "Orion Network Manager \(version), configuration"),
            AgentCapability(OrionAgentCapabilitiesMIB.orionDriverAgent, "Orion Network Manager \(version), drivers"),
            AgentCapability(
                OrionAgentCapabilitiesMIB.orionMonitoringAgent, "Orion Network Manager \(version), monitoring"),
            AgentCapability(
                OrionAgentCapabilitiesMIB.orionPerformanceAgent, "Orion Network Manager \(version), performance"),
            AgentCapability(OrionAgentCapabilitiesMIB.orionAlarmAgent, "Orion Network Manager \(version), alarms"),
        ]
        return configuration
    }

    /// What is registered: snmpd's own objects by exactly their identifiers, so that ours hide them whole and they answer
    /// again the moment the session ends; and the private tree.
    private static let subtrees: [OID] = [
        IFMIB.ifNumber.oid, IFMIB.IfEntry.table.oid, IFMIB.IfXEntry.table.oid, IFMIB.IfStackEntry.table.oid,
        IFMIB.IfRcvAddressEntry.table.oid, IFMIB.ifTableLastChange.oid, IFMIB.ifStackLastChange.oid,
        IFInvertedStackMIB.IfInvStackEntry.table.oid, EtherLikeMIB.Dot3StatsEntry.table.oid,
        EtherLikeMIB.Dot3HCStatsEntry.table.oid, EtherLikeMIB.Dot3PauseEntry.table.oid,
        EtherLikeMIB.Dot3ControlEntry.table.oid, OrionSMIMIB.orion,
    ]
}

extension InterfaceManager.Limits {
    init(_ configuration: NetworkConfiguration) {
        let notifications = configuration.notifications
        self.init(
            managedInterfaces: configuration.networkManager.managerMaxInterfaces,
            isDiscovering: configuration.networkManager.managerAutoDiscovery,
            flapping: FlapLimits(
                burst: notifications.flapBurst, ratePerSecond: Double(notifications.flapRate),
                settling: notifications.flapSettling))
    }
}

/// Another one after each boot of the host (random(4)); empty where that is hidden.
private func bootIdentifier() -> String {
    let descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var octets = [UInt8](repeating: 0, count: 64)
    let count = read(descriptor, &octets, octets.count)
    return String(decoding: octets.prefix(max(count, 0)).prefix { $0 > 0x20 }, as: UTF8.self)
}

extension DriverManager.Options {
    init(_ configuration: NetworkConfiguration) {
        let settings = configuration.networkManager
        self.init()
        managedDrivers = settings.managerMaxDrivers
        timeout = settings.managerTimeout
        isDiscovering = settings.managerAutoDiscovery
        isAutoLoading = settings.driverAutoLoad
        isFallingBack = settings.driverFallbackEnabled
        isMonitoringHealth = settings.driverHealthMonitoring
        drivers = DriverConfiguration.all(of: configuration)
    }
}

/// The time between two samples, which a reload may change.
final class SampleInterval: Sendable {
    private let value: Mutex<Duration>

    init(_ value: Duration) {
        self.value = Mutex(value)
    }

    var duration: Duration { value.withLock { $0 } }

    var milliseconds: UInt32 { UInt32(clamping: Int64(duration / .milliseconds(1))) }

    func change(to new: Duration) {
        value.withLock { $0 = new }
    }
}
