import Logging
import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Synchronization
import Testing

/// A device that two modules fit, its interface eth0, and a driver manager over fakes.
final class DriverFixture: Sendable {
    let platform = FakeDriverPlatform()
    let links: FakePlatform
    let clock = ManualClock()
    /// What is set of interfaces.
    let kernel = FakeConfigurationPlatform()
    let interfaces: InterfaceManager
    let monitoring: MonitoringManager
    let manager: DriverManager
    /// By which interface packets to any address leave.
    let way = Told<String>()
    /// The interface that the configuration wants up.
    let wantedUp = Told<String>()
    private let told = Told<DriverEvent>()

    final class Told<Element: Sendable>: Sendable {
        let all = Mutex<[Element]>([])
    }

    init(isUp: Bool = false, _ edit: (inout DriverManager.Options) -> Void = { _ in }) throws {
        let good = try #require(DriverName("good"))
        let better = try #require(DriverName("better"))
        let number = try #require(InterfaceIndex(7))
        platform.state.withLock { state in
            state.device.candidates = [better, good]
            state.device.interfaces = [number: "eth0"]
            var facts = ModuleFacts()
            facts.parameters = [ModuleParameter(name: "debug", type: "int")]
            state.facts = [good: facts, better: facts]
        }
        links = FakePlatform(clock: clock)
        var link = Link(index: number, name: "eth0")
        link.flags = isUp ? [.up, .lowerUp] : []
        links.put(link)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        interfaces = InterfaceManager(
            platform: links, clock: clock, limits: .init(managedInterfaces: 32), logger: logger, detailsWanted: {},
            listener: { _ in })
        try links.start { [interfaces] in interfaces.ingest($0) }
        monitoring = MonitoringManager(platform: links, clock: clock, logger: logger)
        kernel.put("eth0") { link in
            link.isUp = isUp
            link.addresses = ["192.0.2.5/24", "2001:db8::5/64"].compactMap { InterfaceAddress($0) }
        }
        var options = DriverManager.Options()
        edit(&options)
        manager = DriverManager(
            platform: platform, store: platform, book: DriverBook(), options: options, clock: clock, wallClock: clock,
            logger: logger, links: kernel,
            interfaces: InterfaceGuard(
                snapshot: { [interfaces] in interfaces.snapshot },
                way: { [way] _ in way.all.withLock { $0.last } },
                isWantedUp: { [wantedUp] row in wantedUp.all.withLock { $0.contains(row.link.name) } })
        ) { [told] event in told.all.withLock { $0.append(event) } }
        manager.refresh(because: "the start")
    }

    var events: [DriverEvent] { told.all.withLock { $0 } }

    /// What was told since the last call.
    func takeEvents() -> [DriverEvent] {
        told.all.withLock { events in
            defer { events = [] }
            return events
        }
    }

    /// What was asked for by itself since the last call.
    func takeOrders() -> [OperationOrder] { takeEvents().compactMap(\.order) }

    func run(
        _ kind: OperationKind, _ target: OperationTarget, _ argument: String = "", isAdministrator: Bool = false
    ) throws(ManagementError) -> String {
        let order = OperationOrder(kind, target, argument: argument)
        try manager.check(order, by: .host, isAdministrator: isAdministrator)
        return try manager.perform(
            order, OperationRun(requester: .host, deadline: clock.now() + .seconds(30)))
    }

    /// Adds or changes an interface, and tells of it.
    func put(_ link: Link) {
        links.put(link)
        links.deliver([.link(link)])
    }

    /// Changes what an interface has counted.
    func count(_ index: InterfaceIndex, _ edit: (inout LinkCounters) -> Void) throws {
        var counters = try #require(links.counters(of: index))
        edit(&counters)
        links.setCounters(counters, of: index)
    }

    var device: OperationTarget { .device(DeviceAddress(bus: "pci", name: "0000:00:03.0")) }

    func row(_ name: String) throws -> DriverRow {
        let name = try #require(DriverName(name))
        return try #require(manager.snapshot.driver(name))
    }
}

/// The options that a configuration gives the driver manager.
func driverOptions(_ settings: [String: SettingValue]) -> DriverManager.Options {
    var options = DriverManager.Options()
    let configuration = configuration(settings)
    options.isAutoLoading = configuration.networkManager.driverAutoLoad
    options.drivers = DriverConfiguration.all(of: configuration)
    return options
}
