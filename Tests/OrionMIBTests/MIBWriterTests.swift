import NetworkManagement
import NetworkModel
import OrionMIB
import OrionSchema
import PlatformTesting
import SMI
import Testing

private func object(_ column: ObjectSchema, _ row: UInt32) -> OID {
    column.oid.appending(row)
}

private let adminStatus = IFMIB.IfEntry.Column.ifAdminStatus.schema
private let alias = IFMIB.IfXEntry.Column.ifAlias.schema
private let promiscuous = IFMIB.IfXEntry.Column.ifPromiscuousMode.schema
private let trapEnable = IFMIB.IfXEntry.Column.ifLinkUpDownTrapEnable.schema
private let mtu = OrionInterfaceMIB.OrionInterfaceEntry.Column.orionInterfaceMtu.schema
private let queueLength = OrionInterfaceMIB.OrionInterfaceEntry.Column.orionInterfaceQueueLength.schema
private let managed = OrionInterfaceMIB.OrionInterfaceEntry.Column.orionInterfaceManaged.schema

@Suite struct MIBWriterTests {
    @Test(
        arguments: [
            (object(adminStatus, 2), .integer(2)), (object(alias, 2), .text("core switch")),
            (object(alias, 2), .text("")), (object(promiscuous, 3), .integer(1)),
            (object(trapEnable, 2), .integer(2)), (object(mtu, 2), .gauge32(9000)),
            (object(queueLength, 2), .gauge32(5)), (object(managed, 2), .integer(2)),
        ] as [(OID, Value)])
    func `a writable object takes a value, shows it at once, and undo brings the old one back`(
        name: OID, value: Value
    ) async throws {
        let fixture = try MIBFixture()
        let before = fixture.get(name)
        #expect(before != value)
        let transaction = try fixture.set([VarBind(name, value)])
        #expect(fixture.get(name) == before)
        try await transaction.commit()
        #expect(fixture.get(name) == value)
        try await transaction.undo()
        #expect(fixture.get(name) == before)
    }

    @Test(
        arguments: [
            // RFC 3416 section 4.2.5, in its order.
            ([1, 3, 6, 1, 2, 1, 1, 4, 0], .text("x"), .notWritable),
            (object(IFMIB.IfEntry.Column.ifMtu.schema, 2), .integer(1400), .notWritable),
            (adminStatus.oid, .integer(1), .noCreation),
            (IFMIB.IfEntry.entry, .integer(1), .notWritable),
            (IFMIB.IfEntry.entry.appending([99, 2]), .integer(1), .notWritable),
            (object(adminStatus, 2), .gauge32(1), .wrongType),
            (object(adminStatus, 2), .text("up"), .wrongType),
            (object(adminStatus, 2), .integer(4), .wrongValue),
            (object(adminStatus, 2), .integer(3), .wrongValue),
            (object(alias, 2), .text(String(repeating: "x", count: 65)), .wrongLength),
            (object(alias, 2), .bytes([0xFF, 0xFE]), .wrongValue),
            (object(alias, 2), .text("a\0b"), .wrongValue),
            (object(promiscuous, 2), .integer(0), .wrongValue),
            (object(mtu, 2), .gauge32(9001), .wrongValue),
            (object(mtu, 2), .gauge32(67), .wrongValue),
            (object(mtu, 2), .integer(1400), .wrongType),
            (object(adminStatus, 77), .integer(1), .noCreation),
            (object(adminStatus, 0), .integer(1), .noCreation),
            (object(adminStatus, 4_294_967_295), .integer(1), .noCreation),
            (adminStatus.oid.appending([2, 0]), .integer(1), .noCreation),
        ] as [(OID, Value, ErrorStatus)])
    func `what cannot be set is refused with its own error, for exactly that binding`(
        name: OID, value: Value, status: ErrorStatus
    ) throws {
        let fixture = try MIBFixture()
        let fine = VarBind(object(alias, 3), .text("fine"))
        let failure = #expect(throws: SetFailure.self) { try fixture.set([fine, VarBind(name, value), fine]) }
        #expect(failure == SetFailure(status, index: 2))
        #expect(fixture.platform.applied.isEmpty)
    }

    @Test func `several rows and objects are one transaction`() async throws {
        let fixture = try MIBFixture()
        let bindings = [
            VarBind(object(adminStatus, 2), .integer(2)), VarBind(object(alias, 3), .text("spare")),
            VarBind(object(adminStatus, 4), .integer(2)),
        ]
        let before = bindings.map { fixture.get($0.name) }
        fixture.platform.refuse(
            try #require(InterfaceIndex(4)), with: PlatformError(.notPermitted, "set br0 down", errno: 1))
        let transaction = try fixture.set(bindings)
        await #expect(throws: SetFailure(.commitFailed, index: 3)) { try await transaction.commit() }
        #expect(bindings.map { fixture.get($0.name) } == before)
        fixture.platform.refuse(try #require(InterfaceIndex(4)), with: nil)
        let again = try fixture.set(bindings)
        try await again.commit()
        #expect(bindings.map { fixture.get($0.name) } == bindings.map(\.value))
        again.cleanUp()
    }

    @Test func `an undo that fails says so`() async throws {
        let fixture = try MIBFixture()
        let transaction = try fixture.set([VarBind(object(mtu, 2), .gauge32(2000))])
        try await transaction.commit()
        fixture.platform.refuse(
            try #require(InterfaceIndex(2)), with: PlatformError(.busy, "set the MTU of eth0", errno: 16))
        await #expect(throws: SetFailure(.undoFailed, index: 1)) { try await transaction.undo() }
    }

    @Test func `an interface beyond the limit is shown and not changed`() throws {
        let fixture = try MIBFixture(managed: 2)
        #expect(fixture.get(object(managed, 3)) == .integer(2))
        #expect(throws: SetFailure(.inconsistentValue, index: 1)) {
            _ = try fixture.set([VarBind(object(adminStatus, 3), .integer(1))])
        }
        #expect(throws: SetFailure(.resourceUnavailable, index: 1)) {
            _ = try fixture.set([VarBind(object(managed, 3), .integer(1))])
        }
    }

    @Test func `every writable column is bound`() throws {
        let fixture = try MIBFixture()
        let columns =
            IFMIB.IfEntry.table.columns + IFMIB.IfXEntry.table.columns
            + OrionInterfaceMIB.OrionInterfaceEntry.table.columns
        for column in columns where column.access.isWritable {
            let value = fixture.get(object(column, 2))
            #expect(throws: Never.self, "\(column.name)") {
                _ = try fixture.set([VarBind(object(column, 2), value)])
            }
        }
    }
}
