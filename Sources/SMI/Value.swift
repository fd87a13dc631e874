/// A value bound to an object, with its SNMP application type (RFC 2741 section 5.4, RFC 3416 section 3).
package enum Value: Sendable, Hashable {
    /// INTEGER, Integer32 and every enumeration; -2147483648..2147483647.
    case integer(Int32)
    case octetString(OctetString)
    case null
    case objectIdentifier(OID)
    /// IpAddress: four octets in network order.
    case ipAddress(UInt32)
    case counter32(UInt32)
    /// Gauge32 and Unsigned32.
    case gauge32(UInt32)
    /// TimeTicks: hundredths of a second.
    case timeTicks(UInt32)
    case opaque([UInt8])
    case counter64(UInt64)
    /// GET: there is no such object here.
    case noSuchObject
    /// GET: the object exists, this instance does not.
    case noSuchInstance
    /// GETNEXT, GETBULK: nothing lies beyond.
    case endOfMIBView

    /// TruthValue (RFC 2579): true(1), false(2).
    package static func truth(_ value: Bool) -> Value {
        .integer(value ? 1 : 2)
    }

    package static func text(_ value: String) -> Value {
        .octetString(OctetString(value))
    }

    package static func bytes(_ value: [UInt8]) -> Value {
        .octetString(OctetString(value))
    }

    /// Whether this is noSuchObject, noSuchInstance or endOfMibView rather than a value.
    package var isException: Bool {
        switch self {
        case .noSuchObject, .noSuchInstance, .endOfMIBView: true
        default: false
        }
    }
}

/// A name and the value bound to it.
package struct VarBind: Sendable, Hashable {
    package var name: OID
    package var value: Value

    package init(_ name: OID, _ value: Value) {
        self.name = name
        self.value = value
    }
}
