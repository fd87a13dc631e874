import SMI

// RFC 2741 section 5.2: SearchRange.

/// Where GETNEXT and GETBULK search, and which name GET asks for.
struct SearchRange: Sendable, Hashable {
    var start: OID
    /// Whether `start` itself may be the answer.
    var include: Bool
    /// Exclusive; empty for no bound.
    var end: OID

    init(_ start: OID, include: Bool = false, before end: OID = []) {
        self.start = start
        self.include = include
        self.end = end
    }

    init(from reader: inout WireReader) throws(AgentXError) {
        self.init([])
        include = try Self.decode(from: &reader, start: &start, end: &end)
    }

    /// Reads a range into identifiers whose storage is reused.
    ///
    /// - Returns: whether `start` itself may be the answer.
    static func decode(from reader: inout WireReader, start: inout OID, end: inout OID) throws(AgentXError) -> Bool {
        let include = try reader.identifier(into: &start)
        _ = try reader.identifier(into: &end)
        return include
    }

    func encode(into output: OutputBuffer) {
        output.put(start, include: include)
        output.put(end)
    }
}
