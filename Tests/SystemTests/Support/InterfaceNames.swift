import SMI

/// The identifiers of RFC 2863 and RFC 2864, written out: the tests do not take them from the code they test.
enum InterfaceNames {
    static let ifNumber: OID = [1, 3, 6, 1, 2, 1, 2, 1, 0]
    static let ifTable: OID = [1, 3, 6, 1, 2, 1, 2, 2]
    static let ifXTable: OID = [1, 3, 6, 1, 2, 1, 31, 1, 1]
    static let ifStackStatus: OID = [1, 3, 6, 1, 2, 1, 31, 1, 2, 1, 3]
    static let ifTableLastChange: OID = [1, 3, 6, 1, 2, 1, 31, 1, 5, 0]
    static let ifInvStackStatus: OID = [1, 3, 6, 1, 2, 1, 77, 1, 1, 1, 1]
    /// orionInterfaceMtu of ORION-INTERFACE-MIB.
    static let orionMTU: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 4, 1, 2, 1, 8]

    static let ifIndex = entry(1)
    static let ifDescr = entry(2)
    static let ifType = entry(3)
    static let ifMtu = entry(4)
    static let ifSpeed = entry(5)
    static let ifPhysAddress = entry(6)
    static let ifAdminStatus = entry(7)
    static let ifOperStatus = entry(8)
    static let ifInOctets = entry(10)
    static let ifInDiscards = entry(13)
    static let ifInErrors = entry(14)
    static let ifOutOctets = entry(16)
    static let ifOutDiscards = entry(19)
    static let ifOutErrors = entry(20)

    static let ifName = extended(1)
    static let ifHCInOctets = extended(6)
    static let ifHCInUcastPkts = extended(7)
    static let ifHCInMulticastPkts = extended(8)
    static let ifHCOutOctets = extended(10)
    static let ifHCOutUcastPkts = extended(11)
    static let ifLinkUpDownTrapEnable = extended(14)
    static let ifHighSpeed = extended(15)
    static let ifPromiscuousMode = extended(16)
    static let ifConnectorPresent = extended(17)
    static let ifAlias = extended(18)

    private static func entry(_ column: UInt32) -> OID { ifTable.appending([1, column]) }
    private static func extended(_ column: UInt32) -> OID { ifXTable.appending([1, column]) }
}

/// The rows of one walk, by column and row.
struct Cells: Sendable {
    private var values: [OID: Value] = [:]

    init(_ bindings: [VarBind]) {
        for binding in bindings { values[binding.name] = binding.value }
    }

    subscript(column: OID, row: UInt32) -> Value? { values[column.appending(row)] }

    /// The rows that `column` has, ascending.
    func rows(of column: OID) -> [UInt32] {
        values.keys.filter { $0.starts(with: column) && $0.count == column.count + 1 }.compactMap(\.words.last).sorted()
    }

    func unsigned(_ column: OID, _ row: UInt32) -> UInt64? {
        switch self[column, row] {
        case .counter32(let value), .gauge32(let value), .timeTicks(let value): UInt64(value)
        case .counter64(let value): value
        case .integer(let value): UInt64(exactly: value)
        default: nil
        }
    }

    func integer(_ column: OID, _ row: UInt32) -> Int32? {
        if case .integer(let value) = self[column, row] { value } else { nil }
    }

    func text(_ column: OID, _ row: UInt32) -> String? {
        if case .octetString(let value) = self[column, row] { value.text } else { nil }
    }

    func bytes(_ column: OID, _ row: UInt32) -> [UInt8]? {
        if case .octetString(let value) = self[column, row] { value.bytes } else { nil }
    }
}
