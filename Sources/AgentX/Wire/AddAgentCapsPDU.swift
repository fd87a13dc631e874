import SMI

// RFC 2741 section 6.2.14: the agentx-AddAgentCaps-PDU.

struct AddAgentCapsPDU: Payload {
    static let type = PDUType.addAgentCaps

    /// a.id, which becomes a sysORID.
    var identifier: OID
    /// a.descr, which becomes its sysORDescr.
    var description: OctetString

    init(_ identifier: OID, _ description: OctetString) {
        self.identifier = identifier
        self.description = description
    }

    init(from reader: inout WireReader) throws(AgentXError) {
        identifier = try reader.identifier()
        description = OctetString(try reader.octets())
    }

    func encode(into output: OutputBuffer) {
        output.put(identifier)
        output.put(description)
    }
}
