import NetworkManagement
import NetworkModel
import OrionSchema
import SMI
import SecurityTesting
import Testing

private typealias Trial = OrionSecurityMIB.OrionSecurityTrialEntry

private func cell(_ column: ObjectSchema, _ name: String = "t") -> OID {
    column.oid.appending([2, 109, 101, UInt32(name.utf8.count)] + name.utf8.map { UInt32($0) })
}

private let status = Trial.orionSecurityTrialRowStatus
private let alias = IFMIB.IfXEntry.Column.ifAlias.schema.oid
private let adminStatus = IFMIB.IfEntry.Column.ifAdminStatus.schema.oid
private let mtu = OrionInterfaceMIB.OrionInterfaceEntry.Column.orionInterfaceMtu.schema.oid
private let defaultEffect = OrionSecurityMIB.orionSecurityPolicyDefaultEffect.oid.appending(0)
private let lock = OrionSecurityMIB.orionSecurityPolicyLock.oid.appending(0)

private func policy() throws -> SecurityPolicy {
    var policy = SecurityPolicy()
    var rule = SecurityRule(name: "uplinks", effect: .deny)
    rule.principal = .name(try #require(GlobPattern("operator")))
    rule.actions = .operate
    rule.target = .interface(try #require(GlobPattern("eth0")))
    policy.rules = [rule]
    return policy
}

@Suite struct SecurityTrialTests {
    @Test(
        arguments: [
            ("operator", adminStatus.appending(2), "2", 3, 6, "uplinks", 2),
            ("operator", adminStatus.appending(3), "2", 2, 0, "", 1),
            ("admin", adminStatus.appending(2), "2", 2, 0, "", 1),
            ("admin", alias.appending(2), "any text", 2, 0, "", 1),
            // Permitted, and refused by the object.
            ("admin", mtu.appending(2), "9001", 2, 10, "", 1),
            ("admin", defaultEffect, "2", 2, 0, "", 1),
            ("admin", lock, "1", 2, 12, "", 1),
            ("admin", cell(status, "u"), "1", 2, 12, "", 1),
            // Nothing to judge.
            ("admin", adminStatus.appending(77), "1", 1, 11, "", 1),
            ("admin", adminStatus.appending(2), "up", 1, 7, "", 1),
            ("admin", adminStatus.appending(2), "+1", 1, 7, "", 1),
            ("admin", adminStatus.appending(2), "9", 1, 10, "", 1),
            ("admin", [1, 3, 6, 1, 2, 1, 1, 5, 0], "x", 1, 17, "", 1),
        ] as [(String, OID, String, Int32, Int32, String, Int32)])
    func `a trial says what such a SET would be answered with, and changes and counts nothing`(
        principal: String, object: OID, value: String, outcome: Int32, error: Int32, rule: String, reason: Int32
    ) async throws {
        let fixture = try MIBFixture(policy: policy(), principal: .required)
        let transaction = try fixture.set(
            [
                VarBind(cell(Trial.orionSecurityTrialValue), .text(value)), VarBind(cell(status), .integer(4)),
                VarBind(cell(Trial.orionSecurityTrialObject), .objectIdentifier(object)),
                VarBind(cell(Trial.orionSecurityTrialPrincipal), .text(principal)),
                VarBind(cell(Trial.orionSecurityTrialSource), .text("192.0.2.1")),
            ], by: "admin")
        try await transaction.commit()
        let counts = fixture.security.counts
        #expect(fixture.get(cell(Trial.orionSecurityTrialOutcome)) == .integer(outcome))
        #expect(fixture.get(cell(Trial.orionSecurityTrialError)) == .integer(error))
        #expect(fixture.get(cell(Trial.orionSecurityTrialRule)) == .text(rule))
        #expect(fixture.get(cell(Trial.orionSecurityTrialReason)) == .integer(reason))
        #expect(fixture.security.counts == counts)
        #expect(fixture.events.all.isEmpty)
        try fixture.set([VarBind(defaultEffect, .integer(2))], by: "admin").cleanUp()
        try await transaction.undo()
        #expect(fixture.get(cell(status)) == .noSuchInstance)
    }

    @Test func `a trial is notReady without an object, and what it says follows the policy`() async throws {
        let fixture = try MIBFixture()
        try await fixture.set([VarBind(cell(status), .integer(5))]).commit()
        #expect(fixture.get(cell(status)) == .integer(3))
        #expect(fixture.get(cell(Trial.orionSecurityTrialOutcome)) == .integer(1))
        #expect(throws: SetFailure(.inconsistentValue, index: 1)) {
            _ = try fixture.set([VarBind(cell(status), .integer(1))])
        }
        try await fixture.set([VarBind(cell(Trial.orionSecurityTrialObject), .objectIdentifier(alias.appending(2)))])
            .commit()
        #expect(fixture.get(cell(status)) == .integer(2))
        try await fixture.set([VarBind(cell(status), .integer(1))]).commit()
        #expect(fixture.get(cell(Trial.orionSecurityTrialOutcome)) == .integer(2))
        try await fixture.security.apply([.setDefaultEffect(.deny)], by: .host)
        #expect(fixture.get(cell(Trial.orionSecurityTrialOutcome)) == .integer(3))
        #expect(fixture.get(cell(Trial.orionSecurityTrialReason)) == .integer(3))
        var options = fixture.security.snapshot.options
        options.isPolicyEnforced = false
        fixture.security.setOptions(options)
        #expect(fixture.get(cell(Trial.orionSecurityTrialOutcome)) == .integer(4))
        try await fixture.set([VarBind(cell(status), .integer(6))]).commit()
        #expect(fixture.get(cell(status)) == .noSuchInstance)
    }

    @Test(
        arguments: [
            ([VarBind(cell(Trial.orionSecurityTrialValue), .text("1"))], .inconsistentName, 1),
            ([VarBind(cell(status), .integer(4))], .inconsistentValue, 1),
            (
                [VarBind(cell(status), .integer(5)), VarBind(cell(Trial.orionSecurityTrialSource), .text("x"))],
                .wrongValue, 2
            ),
            ([VarBind(cell(Trial.orionSecurityTrialOutcome), .integer(2))], .notWritable, 1),
            ([VarBind(status.oid.appending([0, 0]), .integer(5))], .noCreation, 1),
        ] as [([VarBind], ErrorStatus, Int)])
    func `what no trial can be is refused`(bindings: [VarBind], status: ErrorStatus, index: Int) throws {
        let fixture = try MIBFixture()
        #expect(throws: SetFailure(status, index: index)) { _ = try fixture.set(bindings) }
    }

    @Test func `there is room for 64 trials, and none lives for more than five minutes`() async throws {
        let fixture = try MIBFixture()
        let early = try fixture.set([VarBind(cell(status, "early"), .integer(5))])
        for number in 0..<64 { try await fixture.set([VarBind(cell(status, "t\(number)"), .integer(5))]).commit() }
        #expect(throws: SetFailure(.resourceUnavailable, index: 1)) {
            _ = try fixture.set([VarBind(cell(status), .integer(5))])
        }
        await #expect(throws: SetFailure(.commitFailed, index: 1)) { try await early.commit() }
        fixture.clock.advance(by: .seconds(200))
        try await fixture.set([VarBind(cell(Trial.orionSecurityTrialModel, "t1"), .integer(2))]).commit()
        fixture.clock.advance(by: .seconds(100))
        #expect(fixture.get(cell(status, "t1")) == .integer(3))
        #expect(fixture.get(cell(status, "t2")) == .noSuchInstance)
    }
}
