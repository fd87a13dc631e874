import SMI

// RFC 2741 section 6.2.12: the agentx-IndexAllocate-PDU.

struct IndexAllocatePDU: Payload {
    static let type = PDUType.indexAllocate

    /// i.vb: index objects, and the values asked for; the flags NEW_INDEX and ANY_INDEX are in the header.
    var bindings: [VarBind]

    init(_ bindings: [VarBind]) {
        self.bindings = bindings
    }

    init(from reader: inout WireReader) throws(AgentXError) {
        bindings = try decodeList(from: &reader, VarBind.init)
    }

    func encode(into output: OutputBuffer) {
        for binding in bindings { output.put(binding.name, binding.value) }
    }
}
