// RFC 2741 section 6.2.6: the agentx-GetNext-PDU.

struct GetNextPDU: Payload {
    static let type = PDUType.getNext

    /// g.sr.
    var ranges: [SearchRange]

    init(_ ranges: [SearchRange]) {
        self.ranges = ranges
    }

    init(from reader: inout WireReader) throws(AgentXError) {
        ranges = try decodeList(from: &reader, SearchRange.init)
    }

    func encode(into output: OutputBuffer) {
        for range in ranges { range.encode(into: output) }
    }
}
