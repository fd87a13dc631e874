// RFC 2741 section 6.2.9: the agentx-CommitSet-PDU.

/// Makes the change that the TestSet of the same transaction prepared. It has no fields.
struct CommitSetPDU: Payload {
    static let type = PDUType.commitSet

    init() {}

    init(from reader: inout WireReader) throws(AgentXError) {}

    func encode(into output: OutputBuffer) {}
}
