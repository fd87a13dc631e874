import Logging
import NetworkManagement
import NetworkModel
import OrionMIB
import OrionSchema
import PlatformTesting
import SMI
import SecurityTesting
import Synchronization
import Testing

private let root: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 3, 1]

/// A host of one device, the driver that drives it, and another that could.
private struct Fixture {
    let manager: DriverManager
    let tree: ObjectTree

    init() throws {
        let platform = FakeDriverPlatform()
        let clock = ManualClock()
        let good = try #require(DriverName("good"))
        let better = try #require(DriverName("better"))
        let index = try #require(InterfaceIndex(7))
        platform.state.withLock { state in
            state.device.vendor = 0x8086
            state.device.product = 0x100E
            state.device.classCode = 0x02_0000
            state.device.modalias = "pci:v00008086d0000100E"
            state.device.candidates = [better, good]
            state.device.interfaces = [index: "eth0"]
            var facts = ModuleFacts()
            facts.version = "7.3"
            facts.parameters = [ModuleParameter(name: "debug", type: "int", summary: "Verbosity")]
            state.facts = [good: facts, better: facts]
        }
        var options = DriverManager.Options()
        options.drivers = DriverConfiguration.all(of: Self.configuration)
        let host = try MIBFixture()
        manager = DriverManager(
            platform: platform, store: platform, book: DriverBook(), options: options, clock: clock, wallClock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, links: FakeConfigurationPlatform(),
            interfaces: InterfaceGuard(snapshot: { [interfaces = host.interfaces] in interfaces.snapshot }),
            listener: { _ in })
        manager.refresh(because: "the start")
        let uptime = UptimeReference()
        // The master started 1000 seconds ago.
        uptime.learn(sysUpTime: 100_000, at: clock.now())
        _ = try manager.perform(
            OperationOrder(.driverLoad, .driver("good")),
            OperationRun(requester: .host, deadline: clock.now() + .seconds(30)))
        let objects = DriverObjects(manager: manager, uptime: uptime, wallClock: clock)
        tree = ObjectTree(scalars: objects.scalars, tables: objects.tables)
    }

    private static var configuration: NetworkConfiguration {
        var configuration = NetworkConfiguration()
        _ = configuration.set(SettingPath(.drivers, "good", "autoload"), to: .boolean(false))
        _ = configuration.set(SettingPath(.drivers, "good", "parameters"), to: .list(["debug=1"]))
        _ = configuration.set(SettingPath(.drivers, "good", "fallback"), to: .list(["better"]))
        return configuration
    }

    /// Every instance there is, in order.
    func expected() -> [VarBind] {
        var result: [VarBind] = []
        func add(_ name: OID, _ value: Value) { result.append(VarBind(name, value)) }
        let scalars: [Value] = [
            .integer(1), .gauge32(2), .gauge32(16), .gauge32(1), .counter32(manager.snapshot.surveys), .gauge32(0),
        ]
        for (number, value) in scalars.enumerated() { add(root.appending([1, UInt32(number + 1), 0]), value) }
        // Of "better", then of "good".
        let drivers: [(Value, Value)] = [
            (.text("better"), .text("good")), (.text(""), .text("")), (.text("7.3"), .text("7.3")),
            (.integer(2), .integer(5)), (.integer(2), .integer(1)), (.integer(2), .integer(2)),
            (.integer(1), .integer(1)), (.integer(1), .integer(1)), (.text(""), .text("")),
            (.gauge32(0), .gauge32(1)), (.gauge32(0), .gauge32(1)), (.gauge32(0), .gauge32(0)),
            (.text(""), .text("")), (.counter32(0), .counter32(1)), (.counter32(0), .counter32(0)),
            (.gauge32(0), .gauge32(0)), (.timeTicks(0), .timeTicks(100_000)),
            (.text(""), .text("driver-load by host")), (.text(""), .text("")), (.integer(1), .integer(2)),
            (.text(""), .text("better")), (.text(""), .text("debug=1")), (.gauge32(0), .gauge32(0)),
        ]
        for (number, values) in drivers.enumerated() {
            add(root.appending([2, 1, UInt32(number + 2), 1]), values.0)
            add(root.appending([2, 1, UInt32(number + 2), 2]), values.1)
        }
        let device: [Value] = [
            .text("pci"), .text("0000:00:03.0"), .gauge32(0x8086), .gauge32(0x100E), .gauge32(0x02_0000),
            .text("pci:v00008086d0000100E"), .text("good"), .gauge32(2), .text("better,good"), .text("candidate 2"),
            .text(""), .gauge32(1), .integer(7), .timeTicks(100_000), .text(""),
        ]
        for (number, value) in device.enumerated() { add(root.appending([3, 1, UInt32(number + 2), 1]), value) }
        let name = [5] + Array("debug".utf8).map { UInt32($0) }
        for driver: UInt32 in [1, 2] { add(root.appending([4, 1, 2, driver] + name), .text("int")) }
        for driver: UInt32 in [1, 2] { add(root.appending([4, 1, 3, driver] + name), .text("Verbosity")) }
        add(root.appending([4, 1, 4, 2] + name), .text("0"))
        return result
    }
}

@Suite struct DriverObjectsTests {
    @Test func `drivers, devices and parameters have exactly their rows and values, in order`() throws {
        let fixture = try Fixture()
        let walked = fixture.tree.walk(root)
        let expected = fixture.expected()
        for (found, wanted) in zip(walked, expected) { #expect(found == wanted) }
        #expect(walked.count == expected.count)
    }

    @Test func `GET and GETNEXT answer each instance, also from between`() throws {
        let fixture = try Fixture()
        let expected = fixture.expected()
        for binding in expected { #expect(fixture.tree.get(binding.name) == binding.value, "\(binding.name)") }
        for (binding, following) in zip(expected, expected.dropFirst()) {
            #expect(binding.name < following.name)
            #expect(fixture.tree.next(after: binding.name) == following)
            #expect(fixture.tree.next(after: binding.name.appending(0)) == following)
        }
    }

    @Test func `every value has the type and range of its object, and every object a value`() throws {
        let walk = try Fixture().tree.walk(root)
        let tables = [
            OrionDriverMIB.OrionDriverEntry.table, OrionDriverMIB.OrionDeviceEntry.table,
            OrionDriverMIB.OrionDriverParameterEntry.table,
        ]
        let objects = tables.flatMap(\.columns) + OrionDriverMIB.Scalar.allCases.map(\.schema)
        for object in objects {
            let instances = walk.filter { $0.name.starts(with: object.oid) }
            #expect(!instances.isEmpty, "\(object.name)")
            for instance in instances {
                #expect(object.syntax.refusal(of: instance.value) == nil, "\(object.name) \(instance)")
            }
        }
    }
}
