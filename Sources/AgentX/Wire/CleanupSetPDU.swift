// RFC 2741 section 6.2.9: the agentx-CleanupSet-PDU.

/// Ends a transaction; it is not answered. It has no fields.
struct CleanupSetPDU: Payload {
    static let type = PDUType.cleanupSet

    init() {}

    init(from reader: inout WireReader) throws(AgentXError) {}

    func encode(into output: OutputBuffer) {}
}
