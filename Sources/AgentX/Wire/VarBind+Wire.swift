import SMI

// RFC 2741 section 5.4: Value Representation.

/// v.type.
enum ValueType: UInt16, Sendable, CaseIterable {
    case integer = 2
    case octetString = 4
    case null = 5
    case objectIdentifier = 6
    case ipAddress = 64
    case counter32 = 65
    case gauge32 = 66
    case timeTicks = 67
    case opaque = 68
    case counter64 = 70
    case noSuchObject = 128
    case noSuchInstance = 129
    case endOfMIBView = 130
}

extension VarBind {
    init(from reader: inout WireReader) throws(AgentXError) {
        let number = try reader.number(UInt16.self)
        guard let type = ValueType(rawValue: number) else { throw AgentXError(.badValue, "v.type \(number)") }
        try reader.skip(2)
        let name = try reader.identifier()
        self.init(name, try Value(type, from: &reader))
    }
}

extension Value {
    init(_ type: ValueType, from reader: inout WireReader) throws(AgentXError) {
        switch type {
        case .integer: self = .integer(try reader.number(Int32.self))
        case .octetString: self = .octetString(OctetString(try reader.octets()))
        case .null: self = .null
        case .objectIdentifier:
            let identifier = try reader.identifier()
            // 0.0, the value of zeroDotZero, comes from net-snmp as a null identifier.
            self = .objectIdentifier(identifier.isEmpty ? [0, 0] : identifier)
        case .ipAddress:
            let octets = try reader.octetsInPlace()
            guard octets.count == 4 else { throw AgentXError(.badValue, "an IpAddress of \(octets.count) octets") }
            self = .ipAddress(UInt32(bigEndian: octets.loadUnaligned(as: UInt32.self)))
        case .counter32: self = .counter32(try reader.number(UInt32.self))
        case .gauge32: self = .gauge32(try reader.number(UInt32.self))
        case .timeTicks: self = .timeTicks(try reader.number(UInt32.self))
        case .opaque: self = .opaque(try reader.octets())
        case .counter64: self = .counter64(try reader.number(UInt64.self))
        case .noSuchObject: self = .noSuchObject
        case .noSuchInstance: self = .noSuchInstance
        case .endOfMIBView: self = .endOfMIBView
        }
    }
}

extension OutputBuffer {
    func put(_ name: OID, _ value: Value) {
        switch value {
        case .integer(let number):
            begin(name, .integer)
            put(number)
        case .octetString(let octets):
            begin(name, .octetString)
            put(octets)
        case .null: begin(name, .null)
        case .objectIdentifier(let identifier):
            begin(name, .objectIdentifier)
            put(identifier)
        case .ipAddress(let address):
            begin(name, .ipAddress)
            // Octets, not a number: the same in either byte order.
            withUnsafeBytes(of: address.bigEndian) { put(octets: $0) }
        case .counter32(let number):
            begin(name, .counter32)
            put(number)
        case .gauge32(let number):
            begin(name, .gauge32)
            put(number)
        case .timeTicks(let number):
            begin(name, .timeTicks)
            put(number)
        case .opaque(let octets):
            begin(name, .opaque)
            octets.withUnsafeBytes { put(octets: $0) }
        case .counter64(let number):
            begin(name, .counter64)
            put(number)
        case .noSuchObject: begin(name, .noSuchObject)
        case .noSuchInstance: begin(name, .noSuchInstance)
        case .endOfMIBView: begin(name, .endOfMIBView)
        }
    }

    /// What comes before the value: v.type, two reserved octets, v.name.
    private func begin(_ name: OID, _ type: ValueType) {
        put(type.rawValue)
        put(UInt16(0))
        put(name)
    }
}
