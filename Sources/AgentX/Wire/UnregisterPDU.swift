import SMI

// RFC 2741 section 6.2.4: the agentx-Unregister-PDU.

struct UnregisterPDU: Payload {
    static let type = PDUType.unregister

    /// u.priority, as it was registered.
    var priority: UInt8
    /// u.subtree.
    var subtree: OID
    /// u.range_subid and u.upper_bound; nil when the region is the one subtree.
    var range: SubtreeRange?

    init(priority: UInt8 = 127, subtree: OID, range: SubtreeRange? = nil) {
        self.priority = priority
        self.subtree = subtree
        self.range = range
    }

    init(from reader: inout WireReader) throws(AgentXError) {
        try reader.skip(1)
        priority = try reader.byte()
        (subtree, range) = try SubtreeRange.decode(from: &reader)
    }

    func encode(into output: OutputBuffer) {
        output.put(UInt8(0))
        output.put(priority)
        SubtreeRange.encode(subtree, range, into: output)
    }
}
