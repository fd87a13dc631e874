import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Synchronization
import Testing

@Suite struct `What the configuration says of drivers` {
    @Test func `a driver with autoload is loaded at the start, and again when something else unloads it`() throws {
        let fixture = try DriverFixture {
            $0 = driverOptions(["drivers.good.autoload": .boolean(true), "drivers.better.autoload": .boolean(false)])
        }
        #expect(fixture.takeOrders().contains { $0.kind == .driverLoad && $0.target == .driver("good") })
        _ = try fixture.run(.driverLoad, .driver("good"))
        fixture.platform.state.withLock { state in
            state.modules = [:]
            state.device.driver = nil
        }
        fixture.manager.refresh(because: "rmmod")
        #expect(fixture.takeOrders().map(\.kind) == [.driverLoad])
    }

    @Test func `what an operation unloads stays unloaded until the configuration says something new`() throws {
        let fixture = try DriverFixture { $0 = driverOptions(["drivers.good.autoload": .boolean(true)]) }
        _ = try fixture.run(.driverLoad, .driver("good"))
        _ = fixture.takeOrders()
        _ = try fixture.run(.driverUnload, .driver("good"))
        fixture.clock.advance(by: .seconds(600))
        fixture.manager.tick()
        #expect(fixture.takeOrders().isEmpty)
        fixture.manager.reconfigure(
            driverOptions(["drivers.good.autoload": .boolean(true), "drivers.good.preferred": .boolean(true)]))
        #expect(Set(fixture.takeOrders().map(\.kind)) == [.driverLoad, .deviceBind])
    }

    @Test func `with driver_auto_load off nothing is loaded unasked`() throws {
        let fixture = try DriverFixture {
            $0 = driverOptions([
                "drivers.good.autoload": .boolean(true), "network_manager.driver_auto_load": .boolean(false),
            ])
        }
        #expect(fixture.takeOrders().isEmpty)
    }

    @Test func `a device that found no driver is tried again, unless its drivers are not to be loaded`() throws {
        let fixture = try DriverFixture()
        #expect(fixture.takeOrders().map(\.kind) == [.deviceBind])
        fixture.manager.tick()
        #expect(fixture.takeOrders().isEmpty)
        fixture.clock.advance(by: .seconds(31))
        fixture.manager.tick()
        #expect(fixture.takeOrders().map(\.kind) == [.deviceBind])
        fixture.manager.reconfigure(
            driverOptions(["drivers.good.autoload": .boolean(false), "drivers.better.autoload": .boolean(false)]))
        #expect(fixture.takeOrders().isEmpty)
    }

    @Test func `a driver is loaded with the configured parameters, when driver_auto_config says so`() throws {
        for isConfiguring in [true, false] {
            let fixture = try DriverFixture {
                $0 = driverOptions([
                    "drivers.good.parameters": .list(["debug=3"]),
                    "network_manager.driver_auto_config": .boolean(isConfiguring),
                ])
            }
            _ = try fixture.run(.driverLoad, .driver("good"))
            #expect(fixture.platform.state.withLock { $0.options } == (isConfiguring ? ["debug=3"] : []))
        }
    }

    @Test func `a preferred driver comes first, and its fallbacks before other candidates`() throws {
        let fixture = try DriverFixture {
            $0 = driverOptions([
                "drivers.good.preferred": .boolean(true), "drivers.good.fallback": .list(["third"]),
            ])
        }
        let third = try #require(DriverName("third"))
        fixture.platform.state.withLock { state in
            state.unfit = Set(state.device.candidates)
            state.facts[third] = ModuleFacts()
        }
        _ = try fixture.run(.deviceBind, fixture.device)
        #expect(fixture.manager.snapshot.devices[0].device.driver == third)
        #expect(fixture.manager.snapshot.devices[0].lastError.hasPrefix("good: "))
        #expect(!fixture.manager.snapshot.devices[0].lastError.contains("better"))
    }

    @Test func `a preference that the configuration states is changed there alone`() throws {
        let fixture = try DriverFixture {
            $0 = driverOptions(["drivers.good.autoload": .boolean(true), "drivers.good.parameters": .list(["debug=3"])])
        }
        let good = try #require(DriverName("good"))
        #expect(throws: ManagementError(.inconsistent, "")) {
            try fixture.manager.prepare(.automaticLoading(good, false))
        }
        #expect(throws: ManagementError(.inconsistent, "")) { try fixture.manager.prepare(.options(good, [])) }
        try fixture.manager.prepare(.automaticLoading(good, true))
        try fixture.manager.prepare(.fallback(good, DriverName("better")))
        #expect(try fixture.row("good").options == ["debug=3"])
    }

    @Test func `what cannot be is found before it is in force`() throws {
        let fixture = try DriverFixture()
        let findings = fixture.manager.findings(
            for: configuration([
                "drivers.good.parameters": .list(["nosuch=1"]), "drivers.good.fallback": .list(["good", "../x"]),
                "drivers.absent.parameters": .list(["a=1"]),
            ]))
        #expect(
            Set(findings.map { "\($0.severity) \($0.setting)" }) == [
                "error drivers.good.parameters", "error drivers.good.fallback", "warning drivers.absent.parameters",
            ])
        #expect(findings.count { $0.severity == .error } == 3)
    }

    @Test func `a driver that does not reload with other options is loaded as it was`() throws {
        let fixture = try DriverFixture()
        _ = try fixture.run(.driverLoad, .driver("good"))
        fixture.platform.state.withLock { $0.refusedOption = "debug=9" }
        #expect {
            try fixture.run(.driverReload, .driver("good"), "debug=9")
        } throws: { error in
            "\(error)".contains("it is loaded as before")
        }
        #expect(try fixture.row("good").state == .bound)
    }

    @Test func `a device that its new driver does not take gets the old one again`() throws {
        let fixture = try DriverFixture()
        _ = try fixture.run(.driverLoad, .driver("good"))
        fixture.platform.state.withLock { $0.unfit = Set($0.device.candidates.prefix(1)) }
        #expect(throws: ManagementError(.failed, "")) { try fixture.run(.deviceRebind, fixture.device, "better") }
        #expect(fixture.manager.snapshot.devices[0].device.driver?.description == "good")
    }
}
