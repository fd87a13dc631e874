import SMI

// RFC 2741 section 6.2.13: the agentx-IndexDeallocate-PDU.

struct IndexDeallocatePDU: Payload {
    static let type = PDUType.indexDeallocate

    /// i.vb: index objects, and the values to release.
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
