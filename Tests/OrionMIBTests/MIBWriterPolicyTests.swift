import NetworkManagement
import NetworkModel
import OrionSchema
import PlatformTesting
import SMI
import SecurityTesting
import Testing

private typealias Rule = OrionSecurityMIB.OrionSecurityRuleEntry
private typealias Member = OrionSecurityMIB.OrionSecurityMemberEntry

private func counted(_ text: String) -> [UInt32] {
    [UInt32(text.utf8.count)] + text.utf8.map { UInt32($0) }
}

private func cell(_ column: ObjectSchema, _ name: String = "uplinks") -> OID {
    column.oid.appending(counted(name))
}

private func member(_ group: String, _ pattern: String) -> OID {
    Member.orionSecurityMemberRowStatus.oid.appending(counted(group) + counted(pattern))
}

private let status = Rule.orionSecurityRuleRowStatus
private let effect = Rule.orionSecurityRuleEffect
private let lock = OrionSecurityMIB.orionSecurityPolicyLock.oid.appending(0)
private let defaultEffect = OrionSecurityMIB.orionSecurityPolicyDefaultEffect.oid.appending(0)
private let adminStatus = IFMIB.IfEntry.Column.ifAdminStatus.schema.oid
private let alias = IFMIB.IfXEntry.Column.ifAlias.schema.oid

private let createAndGo = VarBind(cell(status), .integer(4))
private let createAndWait = VarBind(cell(status), .integer(5))
private let destroy = VarBind(cell(status), .integer(6))
private let deny = VarBind(cell(effect), .integer(2))

/// "Nobody may shut eth0", the status in the midst of the columns.
private let uplinks = [
    VarBind(cell(Rule.orionSecurityRuleTarget), .text("eth0")), createAndGo, deny,
    VarBind(cell(Rule.orionSecurityRuleTargetType), .integer(2)),
    VarBind(cell(Rule.orionSecurityRuleActions), .bytes([0x20])),
]

extension MIBFixture {
    /// Sets in one PDU, to the end.
    fileprivate func make(_ bindings: [VarBind]) async throws {
        let transaction = try set(bindings, by: "admin")
        try await transaction.commit()
        transaction.cleanUp()
    }
}

@Suite struct MIBWriterPolicyTests {
    @Test func `a rule made by one SET, in any order, denies the next one`() async throws {
        let fixture = try MIBFixture(principal: .required)
        let shut = [VarBind(adminStatus.appending(2), .integer(2))]
        try fixture.set(shut, by: "operator").cleanUp()
        try await fixture.make(uplinks)
        #expect(fixture.get(cell(status)) == .integer(1))
        #expect(throws: SetFailure(.noAccess, index: 1)) { _ = try fixture.set(shut, by: "operator") }
        try fixture.set([VarBind(adminStatus.appending(3), .integer(1))], by: "operator").cleanUp()
        #expect(fixture.get(cell(Rule.orionSecurityRuleHits)) == .counter64(1))
        try await fixture.make([VarBind(cell(status), .integer(2))])
        try fixture.set(shut, by: "operator").cleanUp()
        try await fixture.make([VarBind(cell(status), .integer(1)), VarBind(cell(effect), .integer(1))])
        try fixture.set(shut, by: "operator").cleanUp()
        try await fixture.make([destroy])
        #expect(fixture.get(cell(status)) == .noSuchInstance)
        #expect(fixture.policies.saves == 4)
    }

    @Test func `a row that waits is notReady until it has an effect, and becomes a rule that can be undone`()
        async throws
    {
        let fixture = try MIBFixture()
        try await fixture.make([createAndWait, VarBind(cell(Rule.orionSecurityRulePriority), .gauge32(7))])
        #expect(fixture.get(cell(status)) == .integer(3))
        #expect(fixture.get(cell(Rule.orionSecurityRulePriority)) == .gauge32(7))
        #expect(fixture.get(cell(effect)) == .noSuchInstance)
        #expect(throws: SetFailure(.inconsistentValue, index: 1)) {
            _ = try fixture.set([VarBind(cell(status), .integer(1))])
        }
        #expect(fixture.policies.saves == 0)
        let transaction = try fixture.set([deny])
        try await transaction.commit()
        #expect(fixture.get(cell(status)) == .integer(2))
        #expect(fixture.security.snapshot.policy.rule("uplinks")?.priority == 7)
        try await transaction.undo()
        #expect(fixture.get(cell(status)) == .integer(3))
        #expect(fixture.security.snapshot.policy.rules.isEmpty)
        try await fixture.make([deny, VarBind(cell(status), .integer(1))])
        #expect(fixture.get(cell(status)) == .integer(1))
    }

    @Test func `a row that is begun and left is forgotten, and there is room for 64`() async throws {
        let fixture = try MIBFixture()
        for number in 0..<64 { try await fixture.make([VarBind(cell(status, "r\(number)"), .integer(5))]) }
        #expect(throws: SetFailure(.resourceUnavailable, index: 1)) { _ = try fixture.set([createAndWait]) }
        fixture.clock.advance(by: .seconds(300))
        #expect(fixture.get(cell(status, "r1")) == .noSuchInstance)
        try await fixture.make([createAndWait])
    }

    @Test(
        arguments: [
            // Columns of a row that is not there, and statuses in the wrong order.
            ([VarBind(cell(Rule.orionSecurityRulePriority), .gauge32(7))], .inconsistentName, 1),
            ([createAndGo], .inconsistentValue, 1),
            ([VarBind(cell(status), .integer(1)), deny], .inconsistentValue, 1),
            ([VarBind(cell(status), .integer(2))], .inconsistentValue, 1),
            ([VarBind(cell(status), .integer(3))], .wrongValue, 1),
            ([VarBind(cell(status, "old"), .integer(4))], .inconsistentValue, 1),
            ([VarBind(cell(status, "old"), .integer(5))], .inconsistentValue, 1),
            ([VarBind(cell(status, "kept"), .integer(6))], .inconsistentValue, 1),
            ([VarBind(cell(effect, "fixed"), .integer(1))], .notWritable, 1),
            // Values.
            ([createAndGo, deny, VarBind(cell(Rule.orionSecurityRulePriority), .gauge32(0))], .wrongValue, 3),
            ([createAndGo, deny, VarBind(cell(Rule.orionSecurityRulePriority), .integer(1))], .wrongType, 3),
            ([createAndGo, deny, VarBind(cell(Rule.orionSecurityRuleActions), .bytes([]))], .wrongValue, 3),
            ([createAndGo, deny, VarBind(cell(Rule.orionSecurityRuleActions), .bytes([0x08]))], .wrongValue, 3),
            ([createAndGo, deny, VarBind(cell(Rule.orionSecurityRuleDays), .bytes([0xFE, 1]))], .wrongValue, 3),
            ([createAndGo, deny, VarBind(cell(Rule.orionSecurityRuleSource), .text("192.0.2.1/24"))], .wrongValue, 3),
            ([createAndGo, deny, VarBind(cell(Rule.orionSecurityRulePrincipal), .text(""))], .wrongLength, 3),
            ([createAndGo, deny, VarBind(cell(Rule.orionSecurityRulePrincipal), .text("a\\"))], .inconsistentValue, 3),
            ([createAndGo, deny, VarBind(cell(Rule.orionSecurityRuleTarget), .text("eth0"))], .inconsistentValue, 3),
            ([createAndGo, deny, VarBind(cell(Rule.orionSecurityRuleDescription), .text("a\nb"))], .wrongValue, 3),
            ([createAndGo, deny, VarBind(cell(Rule.orionSecurityRuleDescription), .bytes([0xFF]))], .wrongValue, 3),
            ([createAndGo, deny, VarBind(cell(Rule.orionSecurityRuleStorageType), .integer(1))], .wrongValue, 3),
            (
                [createAndGo, deny, VarBind(cell(Rule.orionSecurityRuleStorageType), .integer(4))], .inconsistentValue,
                3
            ),
            ([VarBind(cell(Rule.orionSecurityRuleStorageType, "kept"), .integer(3))], .inconsistentValue, 1),
            ([createAndGo, VarBind(cell(effect), .integer(3))], .wrongValue, 2),
            // Columns and rows that nobody could make.
            ([VarBind(cell(Rule.orionSecurityRuleHits, "old"), .counter64(0))], .notWritable, 1),
            ([VarBind(Rule.entry.appending([99] + counted("old")), .integer(1))], .notWritable, 1),
            ([VarBind(Rule.entry.appending([1] + counted("old")), .text("old"))], .notWritable, 1),
            ([VarBind(status.oid, .integer(4))], .noCreation, 1),
            ([VarBind(status.oid.appending(0), .integer(4))], .noCreation, 1),
            ([VarBind(status.oid.appending([3, 97, 98]), .integer(4))], .noCreation, 1),
            ([VarBind(status.oid.appending([1, 97, 98]), .integer(4))], .noCreation, 1),
            ([VarBind(status.oid.appending([1, 256]), .integer(4))], .noCreation, 1),
            ([VarBind(status.oid.appending([1, 10]), .integer(4))], .noCreation, 1),
            ([VarBind(status.oid.appending([4_294_967_295, 1]), .integer(4))], .noCreation, 1),
            // Groups.
            ([VarBind(member("ops", "*"), .integer(6))], .inconsistentValue, 1),
            ([VarBind(member("ops", "*"), .integer(4))], .inconsistentValue, 1),
            ([VarBind(member("ops", "x"), .integer(1))], .inconsistentValue, 1),
            ([VarBind(member("ops", "x"), .integer(5))], .wrongValue, 1),
            ([VarBind(member("ops", "x\\"), .integer(4))], .noCreation, 1),
            (
                [
                    createAndGo, deny, VarBind(cell(Rule.orionSecurityRulePrincipalType), .integer(2)),
                    VarBind(cell(Rule.orionSecurityRulePrincipal), .text("nobody")),
                ], .inconsistentValue, 1
            ),
            // The policy as a whole.
            ([VarBind(defaultEffect, .integer(2)), VarBind(lock, .integer(5))], .inconsistentValue, 2),
            ([VarBind(lock, .gauge32(5))], .wrongType, 1),
            ([VarBind(lock, .integer(-1))], .wrongValue, 1),
            ([VarBind(OrionSecurityMIB.orionSecurityPolicyLock.oid, .integer(1))], .noCreation, 1),
            ([VarBind(OrionSecurityMIB.orionSecurityPolicyLock.oid.appending(1), .integer(1))], .noCreation, 1),
            ([VarBind(OrionSecurityMIB.orionSecurityEncryption.oid.appending(0), .integer(1))], .notWritable, 1),
        ] as [([VarBind], ErrorStatus, Int)])
    func `what the policy cannot be is refused for its own binding, and nothing changes`(
        bindings: [VarBind], status: ErrorStatus, index: Int
    ) throws {
        var policy = SecurityPolicy()
        var kept = SecurityRule(name: "kept", effect: .permit)
        kept.storage = .permanent
        var fixed = SecurityRule(name: "fixed", effect: .deny)
        fixed.storage = .readOnly
        fixed.actions = .read
        var old = SecurityRule(name: "old", effect: .permit)
        old.principal = .group("ops")
        policy.rules = [kept, fixed, old]
        policy.groups = [PrincipalGroup(name: "ops", members: [.any])]
        let fixture = try MIBFixture(policy: policy)
        let failure = #expect(throws: SetFailure.self) { try fixture.set(bindings) }
        #expect(failure == SetFailure(status, index: index))
        #expect(fixture.security.snapshot.policy == policy)
        #expect(fixture.audit.entries.map(\.record.phase) == [.refused])
        // Nothing stays reserved.
        try fixture.set([VarBind(defaultEffect, .integer(2))]).cleanUp()
    }

    @Test func `a group, the rule that speaks of it and a port are one transaction`() async throws {
        let fixture = try MIBFixture()
        let bindings = [
            VarBind(cell(Rule.orionSecurityRulePrincipal), .text("ops")), deny, createAndGo,
            VarBind(cell(Rule.orionSecurityRulePrincipalType), .integer(2)), VarBind(alias.appending(2), .text("core")),
            VarBind(member("ops", "op*"), .integer(4)), VarBind(member("ops", "eve"), .integer(4)),
        ]
        let transaction = try fixture.set(bindings, by: "admin")
        try await transaction.commit()
        #expect(fixture.security.snapshot.policy.group("ops")?.members.map(\.description) == ["op*", "eve"])
        #expect(fixture.get(alias.appending(2)) == .text("core"))
        #expect(
            fixture.audit.entries.map { "\($0.record.event) \($0.record.phase)" } == [
                "set begun", "policy-change begun", "policy-change committed", "set committed",
            ])
        let begun = try #require(fixture.audit.entries.first?.record)
        #expect(begun.objects.map(\.target) == ["uplinks", "uplinks", "uplinks", "uplinks", "eth0", "ops", "ops"])
        #expect(begun.objects.count == bindings.count && begun.objects[4].old == .text("uplink"))
        try await transaction.undo()
        #expect(fixture.security.snapshot.policy == SecurityPolicy())
        #expect(fixture.get(alias.appending(2)) == .text("uplink"))
        #expect(fixture.audit.entries.last?.record.phase == .undone)
        try await fixture.make(bindings)
        // The last member goes with the last rule that speaks of the group.
        try await fixture.make([
            VarBind(member("ops", "op*"), .integer(6)), VarBind(member("ops", "eve"), .integer(6)), destroy,
        ])
        #expect(fixture.security.snapshot.policy == SecurityPolicy())
    }

    @Test func `where one part fails, neither the policy nor the port changes`()
        async throws
    {
        let fixture = try MIBFixture()
        let bindings = [VarBind(alias.appending(2), .text("core"))] + uplinks
        fixture.policies.fail(with: StoreError(.full, "save", errno: 28))
        let unkept = try fixture.set(bindings)
        await #expect(throws: SetFailure(.commitFailed, index: 2)) { try await unkept.commit() }
        try await unkept.undo()
        #expect(fixture.get(alias.appending(2)) == .text("uplink"))
        #expect(fixture.get(cell(status)) == .noSuchInstance)
        #expect(fixture.audit.entries.last?.record.phase == .failed)
        fixture.policies.fail(with: nil)
        fixture.platform.refuse(
            try #require(InterfaceIndex(2)), with: PlatformError(.busy, "set the alias of eth0", errno: 16))
        let refused = try fixture.set(bindings)
        await #expect(throws: SetFailure(.commitFailed, index: 1)) { try await refused.commit() }
        try await refused.undo()
        #expect(fixture.get(cell(status)) == .noSuchInstance)
        #expect(fixture.policies.saves == 0)
    }

    @Test func `an undo goes on behind what fails, and says which binding it was`() async throws {
        let fixture = try MIBFixture()
        let transaction = try fixture.set([VarBind(alias.appending(2), .text("core"))] + uplinks)
        try await transaction.commit()
        fixture.policies.fail(with: StoreError(.full, "save", errno: 28))
        await #expect(throws: SetFailure(.undoFailed, index: 2)) { try await transaction.undo() }
        #expect(fixture.get(alias.appending(2)) == .text("uplink"))
        #expect(fixture.get(cell(status)) == .integer(1))
        #expect(fixture.audit.entries.last?.record.phase == .failed)
        fixture.policies.fail(with: nil)
        try await fixture.make([destroy])
    }

    @Test func `one change at a time: another finds the policy busy until the first has ended`() async throws {
        let fixture = try MIBFixture()
        let first = try fixture.set(uplinks)
        #expect(throws: SetFailure(.resourceUnavailable, index: 2)) {
            _ = try fixture.set([VarBind(alias.appending(2), .text("x")), VarBind(defaultEffect, .integer(2))])
        }
        // A port has nothing to do with it.
        try await fixture.make([VarBind(alias.appending(2), .text("x"))])
        first.cleanUp()
        do { _ = try fixture.set([destroy]) }
        // One that is forgotten keeps nobody away either.
        try await fixture.make(uplinks)
        #expect(fixture.get(cell(status)) == .integer(1))
    }

    @Test func `the lock lets managers notice each other, and wraps`() async throws {
        let fixture = try MIBFixture()
        let read = VarBind(lock, fixture.get(lock))
        try await fixture.make([read] + uplinks)
        #expect(fixture.get(lock) == .integer(.max))
        #expect(throws: SetFailure(.inconsistentValue, index: 2)) { _ = try fixture.set([destroy, read]) }
        let transaction = try fixture.set([VarBind(lock, .integer(.max)), destroy])
        try await transaction.commit()
        #expect(fixture.get(lock) == .integer(0))
        try await transaction.undo()
        #expect(fixture.get(lock) == .integer(.max))
    }

    @Test func `only who may administer changes the policy, and may lock everybody out with a warning`() async throws {
        var policy = SecurityPolicy()
        var admins = SecurityRule(name: "admins", effect: .permit)
        admins.principal = .name(try #require(GlobPattern("admin")))
        policy.rules = [admins]
        policy.defaultEffect = .deny
        let fixture = try MIBFixture(policy: policy, principal: .required)
        #expect(throws: SetFailure(.authorizationError, index: 1)) { _ = try fixture.set(uplinks, by: "eve") }
        #expect(fixture.get(OrionSecurityMIB.orionSecurityDenied.oid.appending(0)) == .counter64(1))
        try await fixture.make([VarBind(cell(status, "admins"), .integer(6))])
        #expect(throws: SetFailure(.authorizationError, index: 1)) { _ = try fixture.set(uplinks, by: "admin") }
        let warning = OrionSecurityMIB.OrionSecurityWarningEntry.orionSecurityWarningText.oid.appending(1)
        guard case .octetString(let text) = fixture.get(warning) else {
            Issue.record("no warning")
            return
        }
        #expect(text.text?.contains("nobody may change anything") == true)
    }

    @Test func `a target type that takes no pattern forgets the one before`() async throws {
        let fixture = try MIBFixture()
        try await fixture.make(uplinks)
        try await fixture.make([VarBind(cell(Rule.orionSecurityRuleTargetType), .integer(5))])
        #expect(fixture.get(cell(Rule.orionSecurityRuleTarget)) == .text("*"))
        #expect(fixture.security.snapshot.policy.rule("uplinks")?.target == .system)
    }

    @Test func `every writable column takes back the value it shows`() async throws {
        let fixture = try MIBFixture()
        try await fixture.make(uplinks)
        let saves = fixture.policies.saves
        for column in Rule.table.columns where column.access.isWritable {
            try await fixture.make([VarBind(cell(column), fixture.get(cell(column)))])
        }
        #expect(fixture.policies.saves == saves)
    }
}
