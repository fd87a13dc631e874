// RFC 2741 section 6.2.11: the agentx-Ping-PDU.

/// Asks whether the master agent is still there. It has no fields.
struct PingPDU: Payload {
    static let type = PDUType.ping

    init() {}

    init(from reader: inout WireReader) throws(AgentXError) {}

    func encode(into output: OutputBuffer) {}
}
