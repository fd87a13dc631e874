import NetworkManagement
import NetworkModel
import OrionMIB
import OrionSchema
import PlatformTesting
import SMI
import SecurityTesting
import Testing

private let root: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 5, 1]
private let session = root.appending([3, 1])
private let edit = root.appending([4, 1])
private let finding = root.appending([5, 1])
private let revision = root.appending([6, 1])
private let drift = root.appending([7, 1])

/// The octets of a name as sub-identifiers, behind their number.
private func counted(_ text: String) -> [UInt32] {
    [UInt32(text.utf8.count)] + text.utf8.map { UInt32($0) }
}

/// A host whose configuration has two revisions, two sessions, and a difference in the kernel.
private struct Fixture {
    let store = MemoryConfigurationStore()
    let clock = ManualClock()
    let manager: ConfigurationManager
    let objects: ConfigurationObjects
    let tree: ObjectTree

    init() async throws {
        let platform = FakeConfigurationPlatform()
        platform.put("eth0")
        manager = ConfigurationManager(
            platform: platform, store: store, target: PermissiveTarget(), audit: nil, clock: clock, wallClock: clock,
            boot: "", lock: 7, events: { _ in })
        objects = ConfigurationObjects(
            manager, interfaces: try MIBFixture().interfaces, clock: clock, wallClock: clock,
            queue: ConfigurationQueue(perform: { _, _ in }, absorb: { _, _ in }))
        tree = ObjectTree(scalars: objects.scalars, tables: objects.tables)
        _ = try await manager.start(NetworkConfiguration())
        var request = ConfigurationRequest(.host, .file)
        request.comment = "the file"
        var first = NetworkConfiguration()
        first.networkManager.interfaceAutoConfig = false
        let outcome = await manager.commit(first, request)
        #expect(outcome.failure == nil)
        let ops = Array("ops".utf8)
        manager.edit(.create, owner: ops, by: .host)
        manager.edit(.comment("by hand"), owner: ops, by: .host)
        try set("interfaces.eth0.mtu", .integer(1400), owner: ops)
        try set("interfaces.nowhere.alias", .text("x"), owner: ops)
        manager.edit(.operation(.commit), owner: ops, by: .host)
        await manager.perform(owner: ops, by: .host)
        try set("log.level", .text("debug"), owner: ops)
        try set("interfaces.eth0.mtu", nil, owner: ops)
        manager.edit(.create, owner: Array("a".utf8), by: .host)
        platform.put("eth0") { $0.mtu = 1300 }
        await manager.checkDrift()
    }

    private func set(_ path: String, _ value: SettingValue?, owner: [UInt8]) throws {
        manager.edit(.set(try #require(SettingPath(path)), value), owner: owner, by: .host)
    }

    /// Everything, in GETNEXT's order.
    func walk() -> [VarBind] { tree.walk(root) }

    func get(_ name: OID) -> Value { tree.get(name) }

    func next(after name: OID) -> VarBind { tree.next(after: name) }

    /// What the host looks like but for its settings, by hand from the module, in GETNEXT's order.
    func expected() throws -> [VarBind] {
        var result: [VarBind] = []
        func add(_ column: OID, _ rows: [([UInt32], Value)]) {
            result += rows.map { VarBind(column.appending($0.0), $0.1) }
        }
        let scalars: [Value] = [
            .gauge32(2), .integer(1), .gauge32(0), .integer(7), .gauge32(1), .counter64(2), .counter64(0),
            .counter64(0), .counter64(1), .counter64(0), .gauge32(0), .gauge32(0), .gauge32(16),
        ]
        add(root.appending(1), scalars.enumerated().map { ([UInt32($0.offset + 1), 0], $0.element) })
        let (one, ops) = (counted("a"), counted("ops"))
        let sessions: [(UInt32, Value, Value)] = [
            (2, .text("host"), .text("host")), (3, .gauge32(2), .gauge32(2)), (4, .gauge32(0), .gauge32(2)),
            (5, .text(""), .text("by hand")), (6, .gauge32(600), .gauge32(600)), (7, .gauge32(0), .gauge32(0)),
            (8, .integer(2), .integer(2)), (9, .integer(1), .integer(3)), (10, .integer(1), .integer(1)),
            (11, .text(""), .text("revision 2")), (12, .gauge32(0), .gauge32(1)), (13, .integer(1), .integer(1)),
        ]
        for (column, first, second) in sessions { add(session.appending(column), [(one, first), (ops, second)]) }
        let (level, mtu) = (ops + counted("log.level"), ops + counted("interfaces.eth0.mtu"))
        add(edit.appending(1), [(level, .text("debug"))])
        add(edit.appending(2), [(level, .integer(2)), (mtu, .integer(1))])
        add(edit.appending(3), [(level, .integer(1)), (mtu, .integer(1))])
        add(finding.appending(2), [(ops + [1], .integer(2))])
        add(finding.appending(3), [(ops + [1], .text("interfaces.nowhere.alias"))])
        add(finding.appending(4), [(ops + [1], .gauge32(0))])
        add(finding.appending(5), [(ops + [1], .text("no interface fits; it is configured when it appears"))])
        // 2023-11-14 22:13:20 UTC
        let time = Value.bytes([0x07, 0xE7, 11, 14, 22, 13, 20, 0, 0x2B, 0, 0])
        let digests = try (1...2).map { number in
            Value.bytes(try store.digest(of: try #require(try store.configuration(ofRevision: UInt32(number)))))
        }
        let revisions: [(UInt32, Value, Value)] = [
            (2, time, time), (3, .text("host"), .text("host")), (4, .integer(2), .integer(4)),
            (5, .integer(3), .integer(3)), (6, .gauge32(1), .gauge32(2)), (7, .text("the file"), .text("by hand")),
            (8, digests[0], digests[1]), (9, .text(""), .text("")),
        ]
        for (column, first, second) in revisions { add(revision.appending(column), [([1], first), ([2], second)]) }
        add(drift.appending(2), [([1], .text("interfaces.eth0.mtu"))])
        add(drift.appending(3), [([1], .text("eth0"))])
        add(drift.appending(4), [([1], .text("eth0: set the MTU to 1400"))])
        return result
    }
}

/// What takes every configuration over and lets everybody change it.
private struct PermissiveTarget: ConfigurationTarget {
    var policy: SecurityPolicy { SecurityPolicy() }

    func isPermitted(_ principal: Principal, to request: AccessRequest) -> AccessDecision {
        AccessDecision(outcome: .permitted, basis: .defaultEffect, reason: nil, isAudited: false)
    }

    var managers: [SourceAddress] { [] }

    func risks(of configuration: NetworkConfiguration, from old: NetworkConfiguration) -> [ConfigurationFinding] { [] }

    func findings(for configuration: NetworkConfiguration) -> [ConfigurationFinding] { [] }

    func takeOver(
        _ configuration: NetworkConfiguration, from old: NetworkConfiguration, by principal: Principal
    ) async throws(ManagementError) {}
}

@Suite struct ConfigurationObjectsTests {
    private let settings = root.appending(2)

    @Test func `status, sessions, edits, findings, revisions and drift have exactly their rows and values`()
        async throws
    {
        let fixture = try await Fixture()
        let walked = fixture.walk().filter { !$0.name.starts(with: settings) }
        let expected = try fixture.expected()
        for (found, wanted) in zip(walked, expected) { #expect(found == wanted) }
        #expect(walked.count == expected.count)
        for binding in expected { #expect(fixture.get(binding.name) == binding.value, "\(binding.name)") }
    }

    @Test func `the sessions that one SET makes count together`() async throws {
        let fixture = try await Fixture()
        func create(_ count: UInt8) -> [ManagedChange] {
            (0..<count).map { .configuration(.session([0x78, $0], .create)) }
        }
        // Two are there already.
        let room = CandidateSession.maximum - 2
        let refusal = #expect(throws: RefusedBinding.self) {
            try fixture.objects.preparer.prepare(create(30), by: .host)
        }
        #expect(refusal?.index == room + 1)
        #expect(try fixture.objects.preparer.prepare(create(UInt8(room)), by: .host) != nil)
    }

    @Test func `GETNEXT from each instance, and from between, is the next one, in ascending order`() async throws {
        let fixture = try await Fixture()
        let walk = fixture.walk()
        for (binding, following) in zip(walk, walk.dropFirst()) {
            #expect(binding.name < following.name)
            #expect(fixture.next(after: binding.name) == following)
            #expect(fixture.next(after: binding.name.appending(0)) == following)
            #expect(fixture.get(binding.name) == binding.value)
        }
        #expect(try #require(walk.last).name.starts(with: drift.appending(4)))
    }

    @Test func `every setting has a row, whose value is the one in force`() async throws {
        let fixture = try await Fixture()
        let configuration = fixture.manager.snapshot.configuration
        #expect(configuration.settings.count > 40)
        for (path, value) in configuration.settings {
            let tail = counted(path.description)
            #expect(fixture.get(settings.appending([1, 2] + tail)) == .text(value.plainText), "\(path)")
        }
        let name = counted("network_manager.manager_max_interfaces")
        let expected: [(UInt32, Value)] = [
            (2, .text("32")), (3, .text("32")), (4, .text("an integer from 1 to 65535")), (5, .integer(1)),
        ]
        for (column, value) in expected { #expect(fixture.get(settings.appending([1, column] + name)) == value) }
        #expect(fixture.get(settings.appending([1, 2] + counted("interfaces.eth0.mtu"))) == .text("1400"))
        #expect(fixture.get(settings.appending([1, 3] + counted("interfaces.eth0.mtu"))) == .noSuchInstance)
    }

    @Test func `every value has the type and range of its object, and every object a value`() async throws {
        let fixture = try await Fixture()
        let walk = fixture.walk()
        let tables = [
            OrionConfigMIB.OrionConfigSettingEntry.table, OrionConfigMIB.OrionConfigSessionEntry.table,
            OrionConfigMIB.OrionConfigEditEntry.table, OrionConfigMIB.OrionConfigFindingEntry.table,
            OrionConfigMIB.OrionConfigRevisionEntry.table, OrionConfigMIB.OrionConfigDriftEntry.table,
        ]
        let objects = tables.flatMap(\.columns) + OrionConfigMIB.Scalar.allCases.map(\.schema)
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
}
