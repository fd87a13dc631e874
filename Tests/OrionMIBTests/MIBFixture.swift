import Logging
import NetworkManagement
import NetworkModel
import OrionMIB
import PlatformTesting
import SMI
import SecurityTesting
import Synchronization
import Testing

/// A host of six interfaces over a fake kernel, and the tree that shows it.
final class MIBFixture {
    let clock = ManualClock()
    let platform: FakePlatform
    let interfaces: InterfaceManager
    let monitoring: MonitoringManager
    let statistics: DriverStatistics
    let uptime = UptimeReference()
    let tree: ObjectTree
    let security: SecurityManager
    let policies = MemoryPolicyStore()
    let securityObjects: SecurityObjects
    /// What the security manager told.
    let events = RecordedEvents()
    let audit: MemoryAuditStore
    let alarms: AlarmManager
    let thresholds: ThresholdManager
    let performance: PerformanceManager
    let sampling: SamplingPass
    let optimisation: OptimisationManager
    let optimised = FakeOptimisationPlatform()
    /// The objects about what is measured, apart from the rest.
    let measured: ObjectTree
    let writer: MIBWriter
    let performer = FakePerformer()
    let workers = ManualWorkers()
    let queue: OperationQueue
    let operations: OperationObjects

    /// The first value of orionSecurityPolicyLock.
    static let lock: Int32 = 2_147_483_646

    /// The identity of `FakePerformer.kind`.
    static let kind: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 99, 1]

    init(
        managed: Int = 32, policy: SecurityPolicy = SecurityPolicy(),
        principal: SecurityOptions.PrincipalRequirement = .optional
    ) throws {
        platform = FakePlatform(clock: clock)
        for link in try Self.links() { platform.put(link) }
        try Self.describe(platform)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        interfaces = InterfaceManager(
            platform: platform, clock: clock, limits: .init(managedInterfaces: managed), logger: logger,
            detailsWanted: {}, listener: { _ in })
        monitoring = MonitoringManager(platform: platform, clock: clock, logger: logger)
        statistics = DriverStatistics(platform: platform, clock: clock)
        // The master started 1000 seconds ago.
        uptime.learn(sysUpTime: 100_000, at: clock.now())
        let objects = InterfaceObjects(
            interfaces: interfaces, monitoring: monitoring, statistics: statistics, uptime: uptime)
        let ethernet = EthernetObjects(objects)
        let orion = OrionInterfaceObjects(objects, sampleInterval: { 1000 })
        audit = MemoryAuditStore(clock: clock)
        var options = SecurityOptions()
        options.principal = principal
        security = try SecurityManager(
            policy: policy, options: options, store: policies, audit: audit, clock: clock, wallClock: clock,
            events: { [events] in events.append($0) })
        alarms = AlarmManager(
            stored: StoredAlarms(), store: MemoryAlarmStore(), clock: clock, wallClock: clock, logger: logger,
            listener: { _ in })
        let alarmObjects = AlarmObjects(alarms: alarms, uptime: uptime)
        let store = MemoryPerformanceStore()
        performance = PerformanceManager(store: store, clock: clock, wallClock: clock, logger: logger)
        thresholds = ThresholdManager(stored: [], store: store, alarms: alarms)
        let forecasts = ForecastManager(alarms: alarms)
        let sampling = SamplingPass(
            interfaces: interfaces, monitoring: monitoring, performance: performance, thresholds: thresholds,
            forecasts: forecasts, alarms: alarms, clock: clock, interval: .seconds(1))
        self.sampling = sampling
        optimisation = OptimisationManager(
            platform: optimised, store: MemoryOptimisationStore(), audit: audit, alarms: alarms, clock: clock,
            boot: "", options: .init(), logger: logger,
            surroundings: { [interfaces, monitoring, statistics] in
                .init(
                    interfaces: interfaces.snapshot, sample: monitoring.latest.sample, statistics: statistics.latest)
            }
        ) { _ in }
        let performanceObjects = PerformanceObjects(
            interfaces: interfaces, performance: performance, thresholds: thresholds, forecasts: forecasts,
            optimisation: optimisation, uptime: uptime)
        let metrics = MetricsRegistry()
        _ = metrics.makeTimer(label: "orion.pass.duration", dimensions: [])
        _ = metrics.makeCounter(label: "orion.samples", dimensions: [])
        let monitored = MonitoringObjects(
            interfaces: interfaces, monitoring: monitoring, performance: performance, alarms: alarms,
            process: ProcessMonitor(platform: IdleProcess(), clock: clock, alarms: alarms), metrics: metrics,
            clock: clock, pace: { sampling.pace }, agent: { MonitoringObjects.AgentCounts() })
        measured = ObjectTree(
            scalars: performanceObjects.scalars + monitored.scalars,
            tables: performanceObjects.tables + monitored.tables)
        queue = OperationQueue(performers: [performer, optimisation], workers: workers, audit: audit, clock: clock) {
            _ in
        }
        operations = OperationObjects(
            queue: queue,
            vocabulary: OperationVocabulary(
                kinds: [(Self.kind, FakePerformer.kind)] + PerformanceObjects.kinds,
                targets: [InterfaceTargets(), PerformanceTargets(optimisation)]),
            uptime: uptime, clock: clock)
        securityObjects = SecurityObjects(
            interfaces: interfaces, security: security, audit: audit, uptime: uptime, clock: clock, wallClock: clock,
            isEncrypted: true, lock: Self.lock,
            others: objects.writableTables + orion.writableTables + operations.writableTables
                + alarmObjects.writableTables + performanceObjects.writableTables)
        let modules: [(scalars: [ScalarSource], tables: [any TableSource])] = [
            (objects.scalars, objects.tables), ([], ethernet.tables), (orion.scalars, orion.tables),
            (securityObjects.scalars, securityObjects.tables), (operations.scalars, operations.tables),
            (alarmObjects.scalars, alarmObjects.tables),
        ]
        tree = ObjectTree(scalars: modules.flatMap(\.scalars), tables: modules.flatMap(\.tables))
        writer = MIBWriter(
            securityObjects, interfaces: interfaces, security: security, audit: audit, clock: clock,
            preparers: [
                operations.preparer(by: security), alarmObjects.preparer, performanceObjects.preparer,
            ])
        try platform.start { [interfaces] in interfaces.ingest($0) }
        interfaces.refreshDetails()
        statistics.tick(interfaces.snapshot)
    }

    private static func links() throws -> [Link] {
        func make(_ number: Int, _ name: String, _ edit: (inout Link) -> Void) throws -> Link {
            var link = Link(index: try #require(InterfaceIndex(number)), name: name)
            link.mtu = 1500
            link.flags = [.up, .lowerUp, .broadcast]
            link.carrier = true
            link.operationalState = .up
            link.address = MACAddress([2, 0, 0, 0, 0, UInt8(truncatingIfNeeded: number)])
            link.broadcast = MACAddress([255, 255, 255, 255, 255, 255])
            link.queueLength = 1000
            edit(&link)
            return link
        }
        return [
            try make(1, "lo") { link in
                link.hardwareType = 772
                link.flags = [.up, .loopback]
                link.operationalState = .unknown
                link.mtu = 65536
                link.address = MACAddress([0, 0, 0, 0, 0, 0])
                link.broadcast = MACAddress([0, 0, 0, 0, 0, 0])
            },
            try make(2, "eth0") { link in
                link.alias = "uplink"
                link.minimumMTU = 68
                link.maximumMTU = 9000
                link.parentBus = "pci"
                link.parentDevice = "0000:00:03.0"
                link.permanentAddress = MACAddress([2, 0, 0, 0, 0, 2])
                link.master = InterfaceIndex(4)
                link.promiscuity = 1
                link.carrierUpCount = 3
                link.carrierDownCount = 2
            },
            try make(3, "eth1") { link in
                link.flags = [.broadcast]
                link.carrier = false
                link.operationalState = .down
            },
            try make(4, "br0") { $0.kind = "bridge" },
            try make(5, "br0.7") { link in
                link.kind = "vlan"
                link.lower = InterfaceIndex(4)
                link.operationalState = .lowerLayerDown
                link.carrier = false
            },
            try make(1000, "wg0") { link in
                link.kind = "wireguard"
                link.hardwareType = 65534
                link.address = MACAddress([])
                link.broadcast = MACAddress([])
                link.flags = [.up]
                link.operationalState = .unknown
            },
        ]
    }

    private static func describe(_ platform: FakePlatform) throws {
        let port = try #require(InterfaceIndex(2))
        var settings = LinkSettings()
        settings.speed = .megabits(10_000)
        settings.duplex = .full
        settings.autonegotiation = true
        settings.pause = Pause(autonegotiation: true, receive: true, transmit: false)
        settings.features = [Feature(name: "tx-gso", isActive: true, isRequested: true, isChangeable: true)]
        settings.rings = RingSizes(receive: 256, receiveMaximum: 4096, transmit: 128, transmitMaximum: 2048)
        settings.channels = ChannelCounts(
            receive: 0, receiveMaximum: 0, transmit: 0, transmitMaximum: 0, combined: 4, combinedMaximum: 8)
        var coalescing = Coalescing()
        coalescing.receiveMicroseconds = 3
        coalescing.receiveFrames = 25
        coalescing.isReceiveAdaptive = true
        coalescing.transmitMicroseconds = 50
        coalescing.transmitFrames = 60
        coalescing.isTransmitAdaptive = false
        settings.coalescing = coalescing
        platform.setSettings(settings, of: port)
        platform.setDevice(Device(driver: "e1000e", bus: "pci", busAddress: "0000:00:03.0"), of: port)
        platform.setMulticast([MACAddress([1, 0, 0x5E, 0, 0, 1])], of: port)
        var counters = LinkCounters()
        counters.receivedOctets = 5_000_000_000
        counters.transmittedOctets = 4_294_967_297
        counters.receivedPackets = 1000
        counters.transmittedPackets = 900
        counters.receivedMulticast = 40
        counters.receiveDropped = 5
        counters.receiveMissedErrors = 6
        counters.receiveErrors = 7
        counters.transmitDropped = 8
        counters.transmitErrors = 9
        counters.collisions = 10
        platform.setCounters(counters, of: port)
        var ethernet = EthernetCounters()
        ethernet.alignmentErrors = 1
        ethernet.fcsErrors = 5_000_000_001
        ethernet.singleCollisionFrames = 3
        ethernet.multipleCollisionFrames = 4
        ethernet.deferredTransmissions = 5
        ethernet.lateCollisions = 6
        ethernet.excessiveCollisions = 7
        ethernet.internalMACTransmitErrors = 8
        ethernet.carrierSenseErrors = 9
        ethernet.frameTooLongs = 10
        ethernet.internalMACReceiveErrors = 11
        ethernet.symbolErrors = 12
        ethernet.sqeTestErrors = 13
        ethernet.receivedPauseFrames = 14
        ethernet.transmittedPauseFrames = 15
        ethernet.unknownControlOpcodes = 16
        ethernet.receivedMulticastFrames = 41
        ethernet.receivedBroadcastFrames = 17
        ethernet.transmittedMulticastFrames = 18
        ethernet.transmittedBroadcastFrames = 19
        platform.setEthernet(ethernet, of: port)
        platform.setStatistics([DriverStatistic(name: "rx_csum_good", value: 77)], of: port)
    }

    /// Everything in the tree, in GETNEXT's order.
    func walk(_ root: OID = [1], in other: ObjectTree? = nil) -> [VarBind] {
        let reader = (other ?? tree).makeReader()
        reader.begin()
        var cursor = ObjectCursor(root)
        var result: [VarBind] = []
        while true {
            let value = reader.advance(&cursor, inclusive: false, before: [])
            if value == .endOfMIBView { return result }
            result.append(VarBind(cursor.name, value))
        }
    }

    func row(_ number: Int) throws -> InterfaceRow {
        let index = try #require(InterfaceIndex(number))
        return try #require(interfaces.snapshot.row(index))
    }

    func get(_ name: OID) -> Value {
        let reader = tree.makeReader()
        reader.begin()
        return reader.value(of: name)
    }

    /// - Parameter user: who asks, as snmpd's module would say it; nil for no record.
    func set(_ bindings: [VarBind], by user: String? = nil) throws(SetFailure) -> any SetTransaction {
        let record = user.map { "orion1;r=7;t=1;v=3;u=\($0);m=3;l=3;c=;a=udp:192.0.2.9:5000" }
        let context: [UInt8] = record.map { [0xFF] + Array($0.utf8) } ?? []
        return try writer.test(
            SetRequest(transaction: 1, connection: 1, context: OctetString(context), bindings: bindings))
    }
}

/// Security events, from any thread.
final class RecordedEvents: Sendable {
    private let events = Mutex<[SecurityEvent]>([])

    func append(_ event: SecurityEvent) { events.withLock { $0.append(event) } }

    var all: [SecurityEvent] { events.withLock { $0 } }
}

/// A process that uses nothing.
private struct IdleProcess: ProcessPlatform {
    func usage() throws(PlatformError) -> ProcessUsage { ProcessUsage() }
    func releaseMemory() {}
}
