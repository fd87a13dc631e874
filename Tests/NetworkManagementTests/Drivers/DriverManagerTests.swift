import NetworkManagement
import NetworkModel
import PlatformTesting
import Synchronization
import Testing

@Suite struct `The driver manager` {
    @Test func `loading binds, unloading frees, and each is told`() throws {
        let fixture = try DriverFixture()
        #expect(try fixture.row("good").state == .available)
        _ = try fixture.run(.driverLoad, .driver("good"))
        #expect(try fixture.row("good").state == .bound)
        _ = try fixture.run(.driverUnload, .driver("good"))
        #expect(try fixture.row("good").state == .available)
        #expect(
            fixture.events.contains { if case .loaded(let row) = $0 { row.name.description == "good" } else { false } })
        #expect(fixture.events.contains { if case .unloaded = $0 { true } else { false } })
    }

    @Test func `what drives a device is at work, though the kernel knows no module of that name`() throws {
        let fixture = try DriverFixture()
        let own = try #require(DriverName("own"))
        fixture.platform.state.withLock { state in
            state.support = .noKernelSupport
            state.device.candidates = [own]
            state.device.driver = own
        }
        fixture.manager.refresh(because: "a test")
        #expect(try fixture.row("own").state == .bound)
        #expect(try fixture.row("own").isAtWork && !fixture.row("own").isPresent)
    }

    @Test func `a device whose first driver fails gets the next one`() throws {
        let fixture = try DriverFixture()
        fixture.platform.state.withLock { $0.unfit = Set($0.device.candidates.prefix(1)) }
        _ = try fixture.run(.deviceBind, fixture.device)
        #expect(fixture.manager.snapshot.devices[0].device.driver?.description == "good")
        #expect(
            fixture.events.contains {
                if case .fallbackUsed(_, let wanted, let used, _) = $0 {
                    wanted.description == "better" && used.description == "good"
                } else {
                    false
                }
            })
        #expect(try fixture.row("better").health != .healthy)
    }

    @Test func `without fallback the first failure is the end`() throws {
        let fixture = try DriverFixture { $0.isFallingBack = false }
        fixture.platform.state.withLock { $0.unfit = Set($0.device.candidates.prefix(1)) }
        #expect(throws: ManagementError(.failed, "")) { try fixture.run(.deviceBind, fixture.device) }
        #expect(fixture.manager.snapshot.devices[0].device.driver == nil)
    }

    @Test func `a driver that keeps failing is quarantined, and tried again later`() throws {
        let fixture = try DriverFixture { $0.isFallingBack = false }
        fixture.platform.state.withLock { $0.unfit = Set($0.device.candidates.prefix(1)) }
        for _ in 0..<3 { _ = try? fixture.run(.deviceBind, fixture.device) }
        #expect(try fixture.row("better").record.quarantineEnd != nil)
        _ = try fixture.run(.deviceBind, fixture.device)
        #expect(fixture.manager.snapshot.devices[0].device.driver?.description == "good")
    }

    @Test func `a driver under an interface that is up stays`() throws {
        let fixture = try DriverFixture(isUp: true)
        _ = try fixture.run(.driverLoad, .driver("good"))
        #expect(throws: ManagementError(.inconsistent, "")) { try fixture.run(.driverUnload, .driver("good")) }
        #expect(throws: ManagementError(.notAuthorized, "")) {
            try fixture.run(.driverUnload, .driver("good"), "force")
        }
        #expect(try fixture.row("good").state == .bound)
    }

    @Test(arguments: ["nosuch=1", "debug", "debug=1 x", "debug=\"1\"", "=1", "de-bug=1"])
    func `no option is taken but a parameter that the module declares`(argument: String) throws {
        let fixture = try DriverFixture()
        #expect(throws: ManagementError(.invalidValue, "")) {
            try fixture.run(.driverLoad, .driver("good"), argument)
        }
        #expect(try fixture.row("good").state == .available)
    }

    @Test(arguments: ["../good", "a.ko", "", "-x", "a;b", "a*"])
    func `a path, an option or a pattern is no driver's name`(text: String) {
        #expect(DriverName(text) == nil)
    }

    @Test func `without modules everything is shown, and the refusal says why`() throws {
        let fixture = try DriverFixture()
        fixture.platform.state.withLock { $0.support = .noKernelSupport }
        fixture.manager.refresh(because: "the test")
        #expect(fixture.manager.snapshot.devices.count == 1)
        #expect {
            try fixture.run(.driverLoad, .driver("good"))
        } throws: { error in
            (error as? ManagementError)?.code == .notSupported && "\(error)".contains("without modules")
        }
    }

    @Test func `beyond the limit drivers are shown and not changed`() throws {
        let fixture = try DriverFixture { $0.managedDrivers = 1 }
        #expect(fixture.manager.snapshot.drivers.map(\.isManaged) == [true, false])
        let name = fixture.manager.snapshot.drivers[1].name.description
        #expect(throws: ManagementError(.inconsistent, "")) { try fixture.run(.driverLoad, .driver(name)) }
    }

    @Test func `an index is never used twice, and comes back with its device`() throws {
        let fixture = try DriverFixture()
        let index = fixture.manager.snapshot.devices[0].index
        fixture.platform.state.withLock { $0.hasDevice = false }
        fixture.manager.refresh(because: "unplugged")
        #expect(fixture.manager.snapshot.devices.isEmpty)
        fixture.platform.state.withLock { $0.hasDevice = true }
        fixture.manager.refresh(because: "plugged")
        #expect(fixture.manager.snapshot.devices.map(\.index) == [index])
        #expect(fixture.events.contains { if case .deviceRemoved = $0 { true } else { false } })
        #expect(fixture.events.contains { if case .deviceAdded = $0 { true } else { false } })
    }

    @Test func `preferences are kept, and taken back`() async throws {
        let fixture = try DriverFixture()
        let good = try #require(DriverName("good"))
        let address = DeviceAddress(bus: "pci", name: "0000:00:03.0")
        let transaction = fixture.manager.preferenceTransaction([.preferred(address, good)])
        try await transaction.commit()
        #expect(fixture.platform.state.withLock { $0.book.devices.first?.preferred } == good)
        _ = try fixture.run(.deviceBind, fixture.device)
        #expect(fixture.manager.snapshot.devices[0].device.driver == good)
        try await transaction.undo()
        #expect(fixture.platform.state.withLock { $0.book.devices.first?.preferred } == nil)
    }
}
