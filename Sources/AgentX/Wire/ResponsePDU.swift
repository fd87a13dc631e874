import SMI

// RFC 2741 section 6.2.16: the agentx-Response-PDU.

struct ResponsePDU: Payload {
    static let type = PDUType.response

    /// res.sysUpTime of the master agent, in hundredths of a second; 0 from a subagent.
    var sysUpTime: UInt32
    /// res.error.
    var status: ResponseStatus
    /// res.index: which binding the error is about, counted from 1; 0 for none.
    var index: UInt16
    var bindings: [VarBind]

    init(sysUpTime: UInt32 = 0, _ status: ResponseStatus = .noError, index: UInt16 = 0, _ bindings: [VarBind] = []) {
        self.sysUpTime = sysUpTime
        self.status = status
        self.index = index
        self.bindings = bindings
    }

    init(from reader: inout WireReader) throws(AgentXError) {
        sysUpTime = try reader.number(UInt32.self)
        status = ResponseStatus(rawValue: try reader.number(UInt16.self))
        index = try reader.number(UInt16.self)
        bindings = try decodeList(from: &reader, VarBind.init)
    }

    func encode(into output: OutputBuffer) {
        output.put(sysUpTime)
        output.put(status.rawValue)
        output.put(index)
        for binding in bindings { output.put(binding.name, binding.value) }
    }
}
