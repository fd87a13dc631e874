// RFC 2741 section 6.2.7: the agentx-GetBulk-PDU.

struct GetBulkPDU: Payload {
    static let type = PDUType.getBulk

    /// g.non_repeaters: how many ranges, from the first, are searched once.
    var nonRepeaters: UInt16
    /// g.max_repetitions: how often each of the others is searched.
    var maxRepetitions: UInt16
    /// g.sr.
    var ranges: [SearchRange]

    init(nonRepeaters: UInt16, maxRepetitions: UInt16, _ ranges: [SearchRange]) {
        self.nonRepeaters = nonRepeaters
        self.maxRepetitions = maxRepetitions
        self.ranges = ranges
    }

    init(from reader: inout WireReader) throws(AgentXError) {
        nonRepeaters = try reader.number(UInt16.self)
        maxRepetitions = try reader.number(UInt16.self)
        ranges = try decodeList(from: &reader, SearchRange.init)
    }

    func encode(into output: OutputBuffer) {
        output.put(nonRepeaters)
        output.put(maxRepetitions)
        for range in ranges { range.encode(into: output) }
    }
}
