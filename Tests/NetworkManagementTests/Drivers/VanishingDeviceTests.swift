import NetworkManagement
import NetworkModel
import PlatformTesting
import Synchronization
import Testing

struct VanishingDeviceTests {
    @Test func `a driver is not blamed for a device that is pulled while it is bound`() throws {
        let fixture = try DriverFixture()
        _ = try fixture.run(.driverLoad, .driver("good"))
        _ = try fixture.run(.deviceUnbind, fixture.device)
        fixture.platform.state.withLock { $0.vanishesWhenBound = true }
        _ = fixture.takeEvents()
        let error = #expect(throws: ManagementError.self) {
            _ = try fixture.run(.deviceBind, fixture.device, "good")
        }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("vanished") == true)
        let row = try fixture.row("good")
        #expect(row.state == .loaded)
        #expect(row.record.failures == 0)
        #expect(row.history.failures == 0)
        #expect(
            !fixture.takeEvents().contains { event in
                if case .failed = event { true } else { false }
            })
    }
}
