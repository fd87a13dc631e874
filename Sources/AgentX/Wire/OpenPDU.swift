import SMI

// RFC 2741 section 6.2.1: the agentx-Open-PDU.

struct OpenPDU: Payload {
    static let type = PDUType.open

    /// o.timeout, in seconds; 0 for none.
    var timeout: UInt8
    /// o.id; empty for none.
    var identifier: OID
    /// o.descr, a DisplayString.
    var description: OctetString

    init(timeout: UInt8, identifier: OID, description: OctetString) {
        self.timeout = timeout
        self.identifier = identifier
        self.description = description
    }

    init(from reader: inout WireReader) throws(AgentXError) {
        timeout = try reader.byte()
        try reader.skip(3)
        identifier = try reader.identifier()
        description = OctetString(try reader.octets())
    }

    func encode(into output: OutputBuffer) {
        output.put(timeout)
        output.put(UInt8(0))
        output.put(UInt16(0))
        output.put(identifier)
        output.put(description)
    }
}
