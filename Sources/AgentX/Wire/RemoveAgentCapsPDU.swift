import SMI

// RFC 2741 section 6.2.15: the agentx-RemoveAgentCaps-PDU.

struct RemoveAgentCapsPDU: Payload {
    static let type = PDUType.removeAgentCaps

    /// a.id, as it was added.
    var identifier: OID

    init(_ identifier: OID) {
        self.identifier = identifier
    }

    init(from reader: inout WireReader) throws(AgentXError) {
        identifier = try reader.identifier()
    }

    func encode(into output: OutputBuffer) {
        output.put(identifier)
    }
}
