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

    @Test func `security notifications carry the objects their definitions list, each with a value that fits`() throws {
        let fixture = try MIBFixture()
        let target = AccessTarget.interface(name: "eth0", kind: nil, driver: nil)
        let denied = AccessDecision(outcome: .denied(.target), basis: .rule("uplinks"), reason: .rule, isAudited: true)
        let refusal = try RefusalReport(
            parsing: [0xFF] + Array("orion1;r=1;t=2;v=3;u=eve;m=3;l=3;c=;a=;k=set;e=5;o=1.3;n=0".utf8))
        let events: [SecurityEvent] = [
            .accessDenied(.unknown, AccessRequest(.operate, target), denied, suppressed: 3),
            .policyChanged(by: .host, revision: 2, warnings: [.nobodyChanges]),
            .auditFailed(StoreError(.full, "append", errno: 28)), .auditRestored, .principalUnavailable,
            .principalRestored, .principalForged(reason: String(repeating: "ä", count: 300), suppressed: 0),
            .agentRefused(refusal, object: "ifAlias.1", suppressed: 0),
        ]
        let schemas = [
            OrionSecurityMIB.orionSecurityAccessDenied, OrionSecurityMIB.orionSecurityPolicyChanged,
            OrionSecurityMIB.orionSecurityAuditFailed, OrionSecurityMIB.orionSecurityAuditRestored,
            OrionSecurityMIB.orionSecurityPrincipalUnavailable, OrionSecurityMIB.orionSecurityPrincipalRestored,
            OrionSecurityMIB.orionSecurityPrincipalForged, OrionSecurityMIB.orionSecurityAgentRefused,
        ]
        for (event, schema) in zip(events, schemas) {
            let notification = try #require(MIBNotification(event, fixture.securityObjects))
            #expect(notification.schema == schema)
            let carried = notification.bindings.map { OID($0.name.words.dropLast()) }
            #expect(Array(carried.prefix(schema.objects.count)) == schema.objects)
            for case .octetString(let octets) in notification.bindings.map(\.value) { #expect(octets.count <= 255) }
        }
        let bindings = try #require(MIBNotification(events[0], fixture.securityObjects)).bindings
        #expect(
            bindings.map(\.value) == [
                .bytes([0x07, 0xE7, 11, 14, 22, 13, 20, 0, 0x2B, 0, 0]), .text("unknown"), .integer(1), .text("other:"),
                .integer(3), .text("interface eth0"), .integer(1), .text("uplinks"), .integer(2), .gauge32(3),
                .text("denied, rule \"uplinks\": a rule denies it"), .integer(2),
            ])
        #expect(bindings.last?.name == IFMIB.IfEntry.Column.ifIndex.schema.oid.appending(2))
    }
}
