import NetworkManagement
import NetworkModel
import OrionSchema
import SMI
import SecurityTesting
import Testing

private let root: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 8, 1]
private let rule = root.appending([4, 1])
private let member = root.appending([5, 1])

/// The octets of a name as sub-identifiers, behind their number.
private func counted(_ text: String) -> [UInt32] {
    [UInt32(text.utf8.count)] + text.utf8.map { UInt32($0) }
}

/// One rule with every column set, one of defaults that never applies, and a group.
private func policy() throws -> SecurityPolicy {
    var policy = SecurityPolicy()
    var night = SecurityRule(name: "night", effect: .deny)
    night.priority = 5
    night.principal = .group("ops")
    night.minimumLevel = .authNoPriv
    night.source = AddressPrefix("192.0.2.0/24")
    night.actions = [.configure, .operate]
    night.target = .interface(try #require(GlobPattern("eth*")))
    night.window = TimeWindow(days: [.monday, .sunday], start: 1320, end: 360, zone: .local)
    night.isAudited = false
    night.summary = "nothing at night"
    night.storage = .permanent
    var open = SecurityRule(name: "all", effect: .permit)
    open.isEnabled = false
    policy.rules = [night, open]
    policy.groups = [PrincipalGroup(name: "ops", members: [.any, try #require(GlobPattern("op?"))])]
    return policy
}

/// What that policy looks like, by hand from the module: in GETNEXT's order, column by column.
private func expectedRules() -> [VarBind] {
    // Shorter names come first.
    let columns: [(UInt32, Value, Value)] = [
        (2, .gauge32(1000), .gauge32(5)), (3, .integer(1), .integer(2)), (4, .text("*"), .text("ops")),
        (5, .integer(1), .integer(2)), (6, .text(""), .text("192.0.2.0/24")), (7, .bytes([0xF0]), .bytes([0x60])),
        (8, .integer(1), .integer(2)), (9, .text("*"), .text("eth*")), (10, .bytes([0xFE]), .bytes([0x82])),
        (11, .gauge32(0), .gauge32(1320)), (12, .gauge32(1440), .gauge32(360)), (13, .integer(1), .integer(2)),
        (14, .integer(1), .integer(2)), (15, .integer(1), .integer(2)), (16, .text(""), .text("nothing at night")),
        (17, .counter64(0), .counter64(0)), (18, .timeTicks(0), .timeTicks(0)), (19, .integer(3), .integer(4)),
        (20, .integer(2), .integer(1)),
    ]
    return columns.flatMap { column, all, night in
        [
            VarBind(rule.appending([column] + counted("all")), all),
            VarBind(rule.appending([column] + counted("night")), night),
        ]
    }
}

private func expectedMembers() -> [VarBind] {
    [
        VarBind(member.appending([3] + counted("ops") + counted("*")), .integer(1)),
        VarBind(member.appending([3] + counted("ops") + counted("op?")), .integer(1)),
    ]
}

/// The scalars before anything was asked or recorded.
private let expectedScalars: [VarBind] = [
    VarBind(root.appending([1, 1, 0]), .integer(1)), VarBind(root.appending([1, 2, 0]), .integer(1)),
    VarBind(root.appending([1, 3, 0]), .integer(2)), VarBind(root.appending([1, 4, 0]), .integer(1)),
    VarBind(root.appending([1, 5, 0]), .integer(1)), VarBind(root.appending([1, 6, 0]), .integer(2)),
    VarBind(root.appending([1, 7, 0]), .text("")), VarBind(root.appending([1, 8, 0]), .noSuchInstance),
    VarBind(root.appending([3, 1, 0]), .integer(MIBFixture.lock)), VarBind(root.appending([3, 2, 0]), .integer(1)),
    VarBind(root.appending([3, 3, 0]), .counter32(1)), VarBind(root.appending([3, 4, 0]), .timeTicks(100_000)),
    VarBind(root.appending([3, 5, 0]), .gauge32(2)), VarBind(root.appending([3, 6, 0]), .gauge32(10_000)),
    VarBind(root.appending([7, 1, 0]), .counter64(0)), VarBind(root.appending([7, 2, 0]), .bytes([])),
    VarBind(root.appending([7, 3, 0]), .counter64(0)), VarBind(root.appending([7, 4, 0]), .counter64(0)),
    VarBind(root.appending([7, 5, 0]), .gauge32(0)), VarBind(root.appending([7, 6, 0]), .counter64(0)),
    VarBind(root.appending([10, 1, 0]), .counter64(0)), VarBind(root.appending([10, 13, 0]), .counter64(0)),
]

@Suite struct SecurityObjectsTests {
    @Test func `rules and members have exactly the rows and values of the policy`() throws {
        let fixture = try MIBFixture(policy: policy())
        let expected = expectedRules() + expectedMembers()
        let walked = fixture.walk(rule).filter { $0.name.starts(with: rule) || $0.name.starts(with: member) }
        #expect(walked == expected)
    }

    @Test(arguments: expectedScalars)
    func `a scalar says what security rests on`(expected: VarBind) throws {
        #expect(try MIBFixture(policy: policy()).get(expected.name) == expected.value)
    }

    @Test func `every value has the type and range of its object, and every object a value`() async throws {
        let fixture = try MIBFixture(policy: policy())
        fixture.security.learn(
            try AgentAccess(parsing: [0xFF] + Array("orion1access;p=3;a=0;n=1;g=4;w=1;u=g;m=2;l=1".utf8)))
        // A rule that never applies, a trial, and a record with an old and a new value.
        let trial = OrionSecurityMIB.OrionSecurityTrialEntry.self
        let key = counted("me") + counted("t")
        let alias = IFMIB.IfXEntry.Column.ifAlias.schema.oid
        let transaction = try fixture.set(
            [
                VarBind(OrionSecurityMIB.orionSecurityPolicyDefaultEffect.oid.appending(0), .integer(2)),
                VarBind(trial.orionSecurityTrialObject.oid.appending(key), .objectIdentifier(alias.appending(2))),
                VarBind(trial.orionSecurityTrialRowStatus.oid.appending(key), .integer(4)),
                VarBind(alias.appending(2), .text("x")),
            ], by: "admin")
        try await transaction.commit()
        let tables = [
            OrionSecurityMIB.OrionSecurityWarningEntry.table, OrionSecurityMIB.OrionSecurityRuleEntry.table,
            OrionSecurityMIB.OrionSecurityMemberEntry.table, OrionSecurityMIB.OrionSecurityTrialEntry.table,
            OrionSecurityMIB.OrionSecurityRecordEntry.table, OrionSecurityMIB.OrionSecurityRecordObjectEntry.table,
        ]
        let objects = tables.flatMap(\.columns) + OrionSecurityMIB.Scalar.allCases.map(\.schema)
        let walk = fixture.walk(root).filter { $0.name.starts(with: root) }
        for object in objects {
            let instances = walk.filter { $0.name.starts(with: object.oid) }
            #expect(!instances.isEmpty, "\(object.name)")
            for instance in instances {
                #expect(object.syntax.refusal(of: instance.value) == nil, "\(object.name) \(instance)")
            }
        }
        let known = walk.filter { binding in objects.contains { binding.name.starts(with: $0.oid) } }
        #expect(known.count == walk.count)
    }

    @Test func `records are shown with their objects, and the head is that of the chain`() async throws {
        let fixture = try MIBFixture(principal: .required)
        let alias = IFMIB.IfXEntry.Column.ifAlias.schema.oid
        let transaction = try fixture.set([VarBind(alias.appending(2), .text("core"))], by: "admin")
        fixture.clock.advance(by: .milliseconds(2))
        try await transaction.commit()
        let record = root.appending([8, 1])
        let object = root.appending([9, 1])
        let expected: [(OID, Value)] = [
            // 2023-11-14 22:13:20 UTC
            (record.appending([2, 1]), .bytes([0x07, 0xE7, 11, 14, 22, 13, 20, 0, 0x2B, 0, 0])),
            (record.appending([3, 1]), .text("set")), (record.appending([4, 1]), .text("admin")),
            (record.appending([5, 1]), .integer(3)), (record.appending([6, 1]), .integer(3)),
            (record.appending([7, 1]), .text("192.0.2.9:5000")), (record.appending([8, 1]), .text("")),
            (record.appending([9, 1]), .integer(1)), (record.appending([9, 2]), .integer(3)),
            (record.appending([10, 1]), .text("")), (record.appending([10, 2]), .text("noError")),
            (record.appending([11, 2]), .text("")), (record.appending([12, 1]), .noSuchInstance),
            (record.appending([12, 2]), .gauge32(2000)), (record.appending([13, 1]), .gauge32(0)),
            (record.appending([13, 2]), .gauge32(1)), (record.appending([14, 1]), .integer(7)),
            (record.appending([15, 1]), .gauge32(1)), (record.appending([16, 1]), .gauge32(1)),
            (record.appending([16, 2]), .gauge32(0)),
            (record.appending([17, 2]), .bytes(Array(repeating: 0, count: 31) + [2])),
            (object.appending([2, 1, 1]), .text("ifAlias.2")), (object.appending([3, 1, 1]), .text("eth0")),
            (object.appending([4, 1, 1]), .text("uplink")), (object.appending([5, 1, 1]), .text("core")),
            (root.appending([7, 1, 0]), .counter64(2)),
            (root.appending([7, 2, 0]), .bytes(Array(repeating: 0, count: 31) + [2])),
            (root.appending([1, 4, 0]), .integer(2)), (root.appending([10, 1, 0]), .counter64(1)),
        ]
        for (name, value) in expected { #expect(fixture.get(name) == value, "\(name)") }
        fixture.audit.fail(with: StoreError(.full, "append", errno: 28))
        #expect(fixture.get(root.appending([1, 6, 0])) == .integer(3))
        #expect(fixture.get(root.appending([1, 7, 0])) == .text("append: disk full (errno 28)"))
    }

    @Test(
        arguments: [
            (0, [0x07, 0xB2, 1, 1, 0, 0, 0]), (-1, [0x07, 0xB1, 12, 31, 23, 59, 59]),
            (951_782_400, [0x07, 0xD0, 2, 29, 0, 0, 0]), (951_868_799, [0x07, 0xD0, 2, 29, 23, 59, 59]),
            (4_107_542_400, [0x08, 0x34, 3, 1, 0, 0, 0]),
        ] as [(Int64, [UInt8])])
    func `a DateAndTime is the day of the calendar in universal time`(seconds: Int64, octets: [UInt8]) async throws {
        let fixture = try MIBFixture()
        fixture.clock.setWall(WallTime(seconds: seconds))
        fixture.audit.record(AuditRecord(.start, principal: .host, phase: .done))
        #expect(fixture.get(root.appending([8, 1, 2, 1])) == .bytes(octets + [0, 0x2B, 0, 0]))
    }
}
