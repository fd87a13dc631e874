import NetworkManagement
import NetworkModel
import PlatformTesting
import Synchronization
import Testing

@Suite struct `What carries the management of the host` {
    private func refusal(_ fixture: DriverFixture, _ kind: OperationKind, _ target: OperationTarget) -> String {
        do throws(ManagementError) {
            return "done: " + (try fixture.run(kind, target))
        } catch {
            return "\(error.code): \(error.message)"
        }
    }

    @Test func `a driver with the default route stays, unless an administrator forces it`() throws {
        let fixture = try DriverFixture(isUp: true)
        _ = try fixture.run(.driverLoad, .driver("good"))
        fixture.way.all.withLock { $0 = ["eth0"] }
        for (kind, target) in [
            (OperationKind.driverUnload, OperationTarget.driver("good")), (.driverReload, .driver("good")),
            (.deviceUnbind, fixture.device), (.deviceRebind, fixture.device),
        ] {
            #expect(
                refusal(fixture, kind, target)
                    == "inconsistent: interface eth0 has the default route; an administrator may force it")
        }
        #expect(throws: ManagementError(.notAuthorized, "")) {
            try fixture.run(.driverUnload, .driver("good"), "force")
        }
        let result = try fixture.run(.driverUnload, .driver("good"), "force", isAdministrator: true)
        #expect(result.hasSuffix(", although interface eth0 has the default route"))
        #expect(try fixture.row("good").state == .available)
    }

    @Test func `a VLAN or bond that runs on it alone is the way as well`() throws {
        let fixture = try DriverFixture()
        _ = try fixture.run(.driverLoad, .driver("good"))
        let vlan = try #require(InterfaceIndex(9))
        var link = Link(index: vlan, name: "eth0.5")
        link.kind = "vlan"
        link.lower = InterfaceIndex(7)
        fixture.put(link)
        fixture.way.all.withLock { $0 = ["eth0.5"] }
        #expect(
            refusal(fixture, .driverUnload, .driver("good"))
                == "inconsistent: interface eth0.5, which has the default route, runs on eth0; an administrator may "
                + "force it")
    }

    @Test func `a bond with another port is not cut`() throws {
        let fixture = try DriverFixture()
        _ = try fixture.run(.driverLoad, .driver("good"))
        let bond = try #require(InterfaceIndex(9))
        for (number, name) in [(9, "bond0"), (7, "eth0"), (8, "eth1")] {
            var link = Link(index: try #require(InterfaceIndex(number)), name: name)
            if number == 9 { link.kind = "bond" } else { link.master = bond }
            fixture.put(link)
        }
        fixture.way.all.withLock { $0 = ["bond0"] }
        #expect(refusal(fixture, .driverUnload, .driver("good")).hasPrefix("done: unloaded good"))
    }

    @Test func `an interface that is down and configured to be up keeps its driver`() throws {
        let fixture = try DriverFixture()
        _ = try fixture.run(.driverLoad, .driver("good"))
        fixture.wantedUp.all.withLock { $0 = ["eth0"] }
        #expect(
            refusal(fixture, .driverUnload, .driver("good"))
                == "inconsistent: interface eth0 is to be up, as configured (interfaces.eth0.admin); an administrator "
                + "may force it")
    }
}
