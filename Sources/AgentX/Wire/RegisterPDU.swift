import SMI

// RFC 2741 section 6.2.3: the agentx-Register-PDU.

/// Registers a region; the flag INSTANCE_REGISTRATION is in the header.
struct RegisterPDU: Payload {
    static let type = PDUType.register

    /// r.timeout, in seconds; 0 for that of the session.
    var timeout: UInt8
    /// r.priority: of overlapping regions the lowest number is served.
    var priority: UInt8
    /// r.subtree.
    var subtree: OID
    /// r.range_subid and r.upper_bound; nil when the region is the one subtree.
    var range: SubtreeRange?

    init(timeout: UInt8 = 0, priority: UInt8 = 127, subtree: OID, range: SubtreeRange? = nil) {
        self.timeout = timeout
        self.priority = priority
        self.subtree = subtree
        self.range = range
    }

    init(from reader: inout WireReader) throws(AgentXError) {
        timeout = try reader.byte()
        priority = try reader.byte()
        (subtree, range) = try SubtreeRange.decode(from: &reader)
    }

    func encode(into output: OutputBuffer) {
        output.put(timeout)
        output.put(priority)
        SubtreeRange.encode(subtree, range, into: output)
    }
}

/// One sub-identifier of a subtree that stands for many.
struct SubtreeRange: Sendable, Hashable {
    /// Which sub-identifier, counted from 1; at least 1.
    var position: UInt8
    /// The last value; the subtree itself has the first.
    var upperBound: UInt32

    /// Reads r.range_subid, a reserved octet, r.subtree and r.upper_bound.
    static func decode(from reader: inout WireReader) throws(AgentXError) -> (OID, SubtreeRange?) {
        let position = try reader.byte()
        try reader.skip(1)
        let subtree = try reader.identifier()
        guard position != 0 else { return (subtree, nil) }
        guard position <= subtree.count else {
            throw AgentXError(.badIdentifier, "a range at sub-identifier \(position) of \(subtree.count)")
        }
        return (subtree, SubtreeRange(position: position, upperBound: try reader.number(UInt32.self)))
    }

    static func encode(_ subtree: OID, _ range: SubtreeRange?, into output: OutputBuffer) {
        output.put(range?.position ?? 0)
        output.put(UInt8(0))
        output.put(subtree)
        if let range { output.put(range.upperBound) }
    }
}
