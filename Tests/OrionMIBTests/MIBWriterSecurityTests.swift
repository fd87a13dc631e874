import NetworkManagement
import NetworkModel
import OrionMIB
import OrionSchema
import PlatformTesting
import SMI
import SecurityTesting
import Testing

private let adminStatus = IFMIB.IfEntry.Column.ifAdminStatus.schema.oid
private let alias = IFMIB.IfXEntry.Column.ifAlias.schema.oid

@Suite struct MIBWriterSecurityTests {
    /// "Operators may not shut uplinks": eth0 is one.
    private func policy() throws -> SecurityPolicy {
        var policy = SecurityPolicy()
        var rule = SecurityRule(name: "uplinks", effect: .deny)
        rule.principal = .name(try #require(GlobPattern("operator*")))
        rule.actions = .operate
        rule.target = .interface(try #require(GlobPattern("eth0")))
        var strangers = SecurityRule(name: "strangers", effect: .deny)
        strangers.principal = .name(try #require(GlobPattern("guest")))
        policy.rules = [rule, strangers]
        return policy
    }

    @Test func `a SET is attributed, and the audit has it before the kernel, with old and new values`() async throws {
        let fixture = try MIBFixture(principal: .required)
        let transaction = try fixture.set(
            [VarBind(adminStatus.appending(2), .integer(2)), VarBind(alias.appending(3), .text("spare"))],
            by: "operator")
        #expect(fixture.audit.entries.isEmpty)
        try await transaction.commit()
        transaction.cleanUp()
        let records = fixture.audit.entries.map(\.record)
        #expect(records.map(\.phase) == [.begun, .committed])
        let begun = try #require(records.first)
        #expect(begun.principal.printableName == "operator")
        #expect(begun.principal.level == .authPriv)
        #expect(
            begun.objects == [
                AuditObject(name: "ifAdminStatus.2", target: "eth0", old: .integer(1), new: .integer(2)),
                AuditObject(name: "ifAlias.3", target: "eth1", old: .text(""), new: .text("spare")),
            ])
        #expect(records.last?.announcement == fixture.audit.entries.first?.receipt.sequence)
        #expect(records.last?.result == "noError")
    }

    @Test func `a rule denies the port it names and no other, and both are in the audit`() async throws {
        let fixture = try MIBFixture(policy: policy(), principal: .required)
        #expect(throws: SetFailure(.noAccess, index: 1)) {
            _ = try fixture.set([VarBind(adminStatus.appending(2), .integer(2))], by: "operator")
        }
        let transaction = try fixture.set([VarBind(adminStatus.appending(3), .integer(1))], by: "operator")
        try await transaction.commit()
        #expect(fixture.platform.applied.map(\.1.number) == [3])
        let records = fixture.audit.entries.map(\.record)
        #expect(records.map(\.phase) == [.refused, .begun, .committed])
        #expect(records.first?.result == "noAccess")
        #expect(records.first?.reason.contains("uplinks") == true)
        #expect(records.first?.objects.first?.name == "ifAdminStatus.2")
    }

    @Test func `who may do nothing is told so, for exactly the binding that asked`() throws {
        let fixture = try MIBFixture(policy: policy(), principal: .required)
        #expect(throws: SetFailure(.authorizationError, index: 1)) {
            _ = try fixture.set([VarBind(alias.appending(3), .text("x"))], by: "guest")
        }
        #expect(throws: SetFailure(.noAccess, index: 2)) {
            _ = try fixture.set(
                [VarBind(alias.appending(2), .text("x")), VarBind(adminStatus.appending(2), .integer(2))],
                by: "operator1")
        }
        #expect(fixture.platform.applied.isEmpty)
    }

    @Test(
        arguments: [
            nil, "orion1;", "orion1;r=7;t=2;v=3;u=admin;m=3;l=3;c=;a=", "orion1;r=7;t=1;v=3;u=admin;m=3;l=4;c=;a=",
            "orion1;r=7;t=1;v=3;u=admin;m=3;l=3;c=;a=;x=1",
        ] as [String?])
    func `without a record, or with a false one, nothing is set and the audit says so`(record: String?) throws {
        let fixture = try MIBFixture(principal: .required)
        let context: [UInt8] = record.map { [0xFF] + Array($0.utf8) } ?? []
        let request = SetRequest(
            transaction: 1, connection: 1, context: OctetString(context),
            bindings: [VarBind(alias.appending(2), .text("x"))])
        #expect(throws: SetFailure(.authorizationError, index: 1)) { _ = try fixture.writer.test(request) }
        let record = try #require(fixture.audit.entries.first?.record)
        #expect(record.event == .authentication)
        #expect(record.phase == .refused)
        #expect(record.objects.first?.name == "ifAlias.2")
    }

    @Test func `where the audit cannot be written nothing is set, and it goes on when there is room again`()
        async throws
    {
        let fixture = try MIBFixture(principal: .required)
        let bindings = [VarBind(alias.appending(2), .text("x"))]
        let tested = try fixture.set(bindings, by: "admin")
        fixture.audit.fail(with: StoreError(.full, "append to the audit", errno: 28))
        await #expect(throws: SetFailure(.resourceUnavailable, index: 1)) { try await tested.commit() }
        try await tested.undo()
        #expect(throws: SetFailure(.resourceUnavailable, index: 1)) { _ = try fixture.set(bindings, by: "admin") }
        #expect(fixture.platform.applied.isEmpty)
        fixture.audit.fail(with: nil)
        try await fixture.set(bindings, by: "admin").commit()
        #expect(fixture.platform.applied.count == 1)
    }

    @Test func `a commit that fails or is undone says how far it got`() async throws {
        let fixture = try MIBFixture(principal: .required)
        let bindings = [VarBind(alias.appending(2), .text("x"))]
        let undone = try fixture.set(bindings, by: "admin")
        try await undone.commit()
        try await undone.undo()
        fixture.platform.refuse(
            try #require(InterfaceIndex(2)), with: PlatformError(.busy, "set the alias of eth0", errno: 16))
        let failing = try fixture.set(bindings, by: "admin")
        await #expect(throws: SetFailure(.commitFailed, index: 1)) { try await failing.commit() }
        try await failing.undo()
        let abandoned = try fixture.set(bindings, by: "admin")
        abandoned.cleanUp()
        let phases = fixture.audit.entries.map(\.record.phase)
        #expect(phases == [.begun, .committed, .undone, .begun, .failed, .tested])
        #expect(fixture.audit.entries[4].record.reason.contains("busy"))
    }
}
