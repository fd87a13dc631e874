// RFC 2741 section 6.2.9: the agentx-UndoSet-PDU.

/// Takes back the change that the CommitSet of the same transaction made. It has no fields.
struct UndoSetPDU: Payload {
    static let type = PDUType.undoSet

    init() {}

    init(from reader: inout WireReader) throws(AgentXError) {}

    func encode(into output: OutputBuffer) {}
}
