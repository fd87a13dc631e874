import SMI

// What a value means once its type has been checked against the object's syntax.

extension Value {
    /// The named number of a value whose syntax was checked.
    func enumeration<Names: RawRepresentable<Int32>>(_: Names.Type = Names.self) throws(WriteRefusal) -> Names {
        guard case .integer(let number) = self else { throw WriteRefusal(.wrongType) }
        guard let name = Names(rawValue: number) else { throw WriteRefusal(.wrongValue) }
        return name
    }

    /// A TruthValue (RFC 2579).
    func truth() throws(WriteRefusal) -> Bool {
        switch self {
        case .integer(1): return true
        case .integer(2): return false
        case .integer: throw WriteRefusal(.wrongValue)
        default: throw WriteRefusal(.wrongType)
        }
    }

    /// Text that the kernel can keep: UTF-8 without NUL.
    func text() throws(WriteRefusal) -> String {
        guard case .octetString(let octets) = self else { throw WriteRefusal(.wrongType) }
        guard let text = octets.text, !text.utf8.contains(0) else { throw WriteRefusal(.wrongValue) }
        return text
    }

    func octets() throws(WriteRefusal) -> [UInt8] {
        guard case .octetString(let octets) = self else { throw WriteRefusal(.wrongType) }
        return octets.bytes
    }

    func identifier() throws(WriteRefusal) -> OID {
        guard case .objectIdentifier(let oid) = self else { throw WriteRefusal(.wrongType) }
        return oid
    }

    func unsigned() throws(WriteRefusal) -> UInt32 {
        guard case .gauge32(let number) = self else { throw WriteRefusal(.wrongType) }
        return number
    }
}
