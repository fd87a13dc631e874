import SMI

// RFC 2741 section 6.2.10: the agentx-Notify-PDU.

struct NotifyPDU: Payload {
    static let type = PDUType.notify

    /// n.vb: snmpTrapOID.0 first, or second behind sysUpTime.0.
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
