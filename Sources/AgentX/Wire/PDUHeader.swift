// RFC 2741 section 6.1: the AgentX PDU header.

/// h.type. Not an enumeration: a header of an unknown type is whole, and is answered with parseError.
struct PDUType: RawRepresentable, Sendable, Hashable {
    let rawValue: UInt8

    static let open = PDUType(rawValue: 1)
    static let close = PDUType(rawValue: 2)
    static let register = PDUType(rawValue: 3)
    static let unregister = PDUType(rawValue: 4)
    static let get = PDUType(rawValue: 5)
    static let getNext = PDUType(rawValue: 6)
    static let getBulk = PDUType(rawValue: 7)
    static let testSet = PDUType(rawValue: 8)
    static let commitSet = PDUType(rawValue: 9)
    static let undoSet = PDUType(rawValue: 10)
    static let cleanupSet = PDUType(rawValue: 11)
    static let notify = PDUType(rawValue: 12)
    static let ping = PDUType(rawValue: 13)
    static let indexAllocate = PDUType(rawValue: 14)
    static let indexDeallocate = PDUType(rawValue: 15)
    static let addAgentCaps = PDUType(rawValue: 16)
    static let removeAgentCaps = PDUType(rawValue: 17)
    static let response = PDUType(rawValue: 18)

    /// Whether the PDU has a context field when the flag says so (section 6.1.1).
    var mayHaveContext: Bool {
        switch self {
        case .open, .close, .commitSet, .undoSet, .cleanupSet, .response: false
        default: true
        }
    }
}

/// h.flags.
struct PDUFlags: OptionSet, Sendable, Hashable {
    let rawValue: UInt8

    /// Register: the region is one instance.
    static let instanceRegistration = PDUFlags(rawValue: 1 << 0)
    /// IndexAllocate: a value never allocated before.
    static let newIndex = PDUFlags(rawValue: 1 << 1)
    /// IndexAllocate: any value not allocated now.
    static let anyIndex = PDUFlags(rawValue: 1 << 2)
    /// A context follows the header.
    static let nonDefaultContext = PDUFlags(rawValue: 1 << 3)
    static let networkByteOrder = PDUFlags(rawValue: 1 << 4)
}

/// The twenty octets that every PDU begins with.
struct PDUHeader: Sendable, Hashable {
    static let length = 20
    static let version: UInt8 = 1
    /// net-snmp drops a PDU of more than 65,536 octets and closes the session in the end.
    static let maximumPayload = 65_536 - length

    var type: PDUType
    var flags: PDUFlags
    var sessionID: UInt32
    var transactionID: UInt32
    var packetID: UInt32
    /// In octets, without the header; a multiple of 4.
    var payloadLength: Int

    init(
        _ type: PDUType, _ order: ByteOrder, flags: PDUFlags = [], sessionID: UInt32 = 0, transactionID: UInt32 = 0,
        packetID: UInt32 = 0, payloadLength: Int = 0
    ) {
        self.type = type
        self.flags = order == .network ? flags.union(.networkByteOrder) : flags.subtracting(.networkByteOrder)
        self.sessionID = sessionID
        self.transactionID = transactionID
        self.packetID = packetID
        self.payloadLength = payloadLength
    }

    var order: ByteOrder { flags.contains(.networkByteOrder) ? .network : .littleEndian }

    /// Reads a header from the beginning of `bytes`.
    ///
    /// - Parameter limit: the largest payload accepted, in octets.
    /// - Throws: `unsupportedVersion` or `badPayloadLength`, after which the end of the PDU is unknown and the connection
    ///   is of no more use; `truncated` when there are fewer than twenty octets.
    init(_ bytes: UnsafeRawBufferPointer, limit: Int = PDUHeader.maximumPayload) throws(AgentXError) {
        guard bytes.count >= Self.length else {
            throw AgentXError(.truncated, "\(bytes.count) octets are no PDU header")
        }
        guard bytes[0] == Self.version else { throw AgentXError(.unsupportedVersion, "h.version \(bytes[0])") }
        type = PDUType(rawValue: bytes[1])
        flags = PDUFlags(rawValue: bytes[2])
        let order: ByteOrder = flags.contains(.networkByteOrder) ? .network : .littleEndian
        sessionID = order.convert(bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        transactionID = order.convert(bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        packetID = order.convert(bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        payloadLength = Int(order.convert(bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self)))
        guard payloadLength % 4 == 0, payloadLength <= limit else {
            throw AgentXError(.badPayloadLength, "h.payload_length \(payloadLength), of at most \(limit)")
        }
    }
}
