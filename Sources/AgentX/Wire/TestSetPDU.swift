import SMI

// RFC 2741 section 6.2.8: the agentx-TestSet-PDU.

struct TestSetPDU: Payload {
    static let type = PDUType.testSet

    /// v.vb: the names and the values to set.
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
