import NetworkManagement
import NetworkModel
import OrionMIB
import OrionSchema
import PlatformTesting
import SMI
import Testing

@Suite struct MIBNotificationTests {
    @Test func `linkDown carries index, admin and oper status in that order, then name and alias`() throws {
        let fixture = try MIBFixture()
        let row = try fixture.row(2)
        let notification = try #require(MIBNotification(.linkDown(row), uptime: fixture.uptime))
        #expect(notification.schema.oid == [1, 3, 6, 1, 6, 3, 1, 1, 5, 3])
        #expect(
            notification.bindings == [
                VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 2], .integer(2)),
                VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 7, 2], .integer(1)),
                VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 8, 2], .integer(1)),
                VarBind([1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 2], .text("eth0")),
                VarBind([1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18, 2], .text("uplink")),
            ])
        #expect(MIBNotification(.linkUp(row), uptime: fixture.uptime)?.schema.oid == [1, 3, 6, 1, 6, 3, 1, 1, 5, 4])
    }

    @Test func `every notification begins with the objects its definition lists`() throws {
        let fixture = try MIBFixture()
        let row = try fixture.row(2)
        let events: [InterfaceEvent] = [
            .linkUp(row), .linkDown(row), .flapping(row), .settled(row), .configurationChanged(row),
        ]
        for event in events {
            let notification = try #require(MIBNotification(event, uptime: fixture.uptime))
            let carried = notification.bindings.map { OID($0.name.words.dropLast()) }
            #expect(Array(carried.prefix(notification.schema.objects.count)) == notification.schema.objects)
        }
        #expect(MIBNotification(.appeared(row), uptime: fixture.uptime) == nil)
    }
}
