import OrionSchema
import SMI
import Testing

@Suite("The schema")
struct SchemaTests {
    static let tables: [(table: TableSchema, columns: [ObjectSchema])] = [
        (IFMIB.IfEntry.table, IFMIB.IfEntry.Column.allCases.map(\.schema)),
        (IFMIB.IfXEntry.table, IFMIB.IfXEntry.Column.allCases.map(\.schema)),
        (IFMIB.IfStackEntry.table, IFMIB.IfStackEntry.Column.allCases.map(\.schema)),
        (IFMIB.IfRcvAddressEntry.table, IFMIB.IfRcvAddressEntry.Column.allCases.map(\.schema)),
        (IFInvertedStackMIB.IfInvStackEntry.table, IFInvertedStackMIB.IfInvStackEntry.Column.allCases.map(\.schema)),
        (EtherLikeMIB.Dot3StatsEntry.table, EtherLikeMIB.Dot3StatsEntry.Column.allCases.map(\.schema)),
        (EtherLikeMIB.Dot3PauseEntry.table, EtherLikeMIB.Dot3PauseEntry.Column.allCases.map(\.schema)),
        (EtherLikeMIB.Dot3HCStatsEntry.table, EtherLikeMIB.Dot3HCStatsEntry.Column.allCases.map(\.schema)),
        (
            OrionInterfaceMIB.OrionInterfaceEntry.table,
            OrionInterfaceMIB.OrionInterfaceEntry.Column.allCases.map(\.schema)
        ),
        (
            OrionSecurityMIB.OrionSecurityRuleEntry.table,
            OrionSecurityMIB.OrionSecurityRuleEntry.Column.allCases.map(\.schema)
        ),
        (
            OrionSecurityMIB.OrionSecurityRecordEntry.table,
            OrionSecurityMIB.OrionSecurityRecordEntry.Column.allCases.map(\.schema)
        ),
    ]

    @Test(arguments: tables)
    func `has the columns of a table in order, below its entry, readable`(
        table: TableSchema, columns: [ObjectSchema]
    ) {
        #expect(columns == table.columns)
        #expect(table.entry == table.oid.appending(1))
        #expect(columns.map(\.oid) == columns.map(\.oid).sorted())
        #expect(columns.allSatisfy { $0.oid.starts(with: table.entry) && $0.oid.count == table.entry.count + 1 })
        #expect(columns.allSatisfy { $0.access.isReadable })
    }

    @Test func `numbers a writable column as the column`() {
        for column in IFMIB.IfXEntry.WritableColumn.allCases {
            let schema = IFMIB.IfXEntry.table.columns[column.rawValue]
            #expect(schema.name == "\(column)" && schema.access.isWritable)
        }
        let writable = IFMIB.IfXEntry.table.columns.filter { $0.access.isWritable }
        #expect(writable.map(\.name) == IFMIB.IfXEntry.WritableColumn.allCases.map { "\($0)" })
    }

    /// Facts of RFC 2863, RFC 3635 and our own modules, by hand.
    @Test(arguments: [
        (IFMIB.ifNumber, "1.3.6.1.2.1.2.1", Syntax(.integer), Access.readOnly),
        (IFMIB.IfEntry.ifIndex, "1.3.6.1.2.1.2.2.1.1", Syntax(.integer, ranges: [1...2_147_483_647]), .readOnly),
        (IFMIB.IfEntry.ifSpeed, "1.3.6.1.2.1.2.2.1.5", Syntax(.gauge32), .readOnly),
        (
            IFMIB.IfEntry.ifAdminStatus, "1.3.6.1.2.1.2.2.1.7", Syntax(.integer, enumeration: [1, 2, 3]), .readWrite
        ),
        (IFMIB.IfEntry.ifInOctets, "1.3.6.1.2.1.2.2.1.10", Syntax(.counter32), .readOnly),
        (IFMIB.IfXEntry.ifHCInOctets, "1.3.6.1.2.1.31.1.1.1.6", Syntax(.counter64), .readOnly),
        (IFMIB.IfXEntry.ifAlias, "1.3.6.1.2.1.31.1.1.1.18", Syntax(.octetString, sizes: [0...64]), .readWrite),
        (IFMIB.IfXEntry.ifCounterDiscontinuityTime, "1.3.6.1.2.1.31.1.1.1.19", Syntax(.timeTicks), .readOnly),
        (
            IFMIB.IfStackEntry.ifStackStatus, "1.3.6.1.2.1.31.1.2.1.3",
            Syntax(.integer, enumeration: [1, 2, 3, 4, 5, 6]), .readCreate
        ),
        (EtherLikeMIB.Dot3StatsEntry.dot3StatsSymbolErrors, "1.3.6.1.2.1.10.7.2.1.18", Syntax(.counter32), .readOnly),
        (SNMPv2MIB.snmpTrapOID, "1.3.6.1.6.3.1.1.4.1", Syntax(.objectIdentifier), .accessibleForNotify),
        (
            OrionInterfaceMIB.OrionInterfaceEntry.orionInterfaceMtu, "1.3.6.1.4.1.32473.77.2.4.1.2.1.8",
            Syntax(.gauge32), .readWrite
        ),
    ])
    func `has an object as its module defines it`(object: ObjectSchema, oid: String, syntax: Syntax, access: Access) {
        #expect(object.oid.description == oid)
        #expect(object.syntax == syntax)
        #expect(object.access == access)
    }

    @Test func `gives a table that augments another the index of the other`() {
        let index = [IndexSchema("ifIndex", .integer)]
        #expect(IFMIB.IfXEntry.table.index == index)
        #expect(OrionInterfaceMIB.OrionInterfaceEntry.table.index == index)
    }

    @Test func `encodes an address of any length with its length`() {
        #expect(
            IFMIB.IfRcvAddressEntry.table.index == [
                IndexSchema("ifIndex", .integer), IndexSchema("ifRcvAddressAddress", .counted),
            ]
        )
    }

    @Test func `keeps what only notifications carry out of the scalars`() {
        let event = OrionSecurityMIB.orionSecurityEventPrincipal
        #expect(event.access == .accessibleForNotify)
        #expect(!OrionSecurityMIB.Scalar.allCases.map(\.schema).contains(event))
        #expect(OrionSecurityMIB.orionSecurityAccessDenied.objects.contains(event.oid))
        #expect(
            OrionSecurityMIB.WritableScalar.allCases.map { "\($0)" } == [
                "orionSecurityPolicyLock", "orionSecurityPolicyDefaultEffect",
            ])
    }

    @Test func `carries the objects of a notification in order`() {
        #expect(IFMIB.linkDown.oid.description == "1.3.6.1.6.3.1.1.5.3")
        #expect(
            IFMIB.linkDown.objects.map(\.description) == [
                "1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.7", "1.3.6.1.2.1.2.2.1.8",
            ]
        )
    }

    @Test func `knows the numbers of enumerations`() {
        #expect(IFMIB.IfOperStatus.lowerLayerDown.rawValue == 7)
        #expect(IANAifTypeMIB.IANAifType.ieee8023adLag.rawValue == 161)
        #expect(IANAifTypeMIB.IANAifType(rawValue: 209) == .bridge)
        #expect(SNMPv2TC.TruthValue.false.rawValue == 2)
    }
}
