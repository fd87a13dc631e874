import SMI

/// One AgentX PDU of any type (RFC 2741 section 6).
struct PDU: Sendable, Hashable {
    enum Body: Sendable, Hashable {
        case open(OpenPDU)
        case close(ClosePDU)
        case register(RegisterPDU)
        case unregister(UnregisterPDU)
        case get(GetPDU)
        case getNext(GetNextPDU)
        case getBulk(GetBulkPDU)
        case testSet(TestSetPDU)
        case commitSet(CommitSetPDU)
        case undoSet(UndoSetPDU)
        case cleanupSet(CleanupSetPDU)
        case notify(NotifyPDU)
        case ping(PingPDU)
        case indexAllocate(IndexAllocatePDU)
        case indexDeallocate(IndexDeallocatePDU)
        case addAgentCaps(AddAgentCapsPDU)
        case removeAgentCaps(RemoveAgentCapsPDU)
        case response(ResponsePDU)
    }

    var sessionID: UInt32
    var transactionID: UInt32
    var packetID: UInt32
    /// The flags but for the byte order and the presence of a context.
    var flags: PDUFlags
    /// nil for the default context, and in PDUs without one.
    var context: OctetString?
    var body: Body

    init(
        _ body: Body, sessionID: UInt32 = 0, transactionID: UInt32 = 0, packetID: UInt32 = 0, flags: PDUFlags = [],
        context: OctetString? = nil
    ) {
        self.sessionID = sessionID
        self.transactionID = transactionID
        self.packetID = packetID
        self.flags = flags
        self.context = context
        self.body = body
    }

    /// Decodes one whole PDU.
    ///
    /// - Throws: what is wrong with the header or the first field that is wrong; `trailingBytes` when there is more.
    init(_ bytes: UnsafeRawBufferPointer, limit: Int = PDUHeader.maximumPayload) throws(AgentXError) {
        let header = try PDUHeader(bytes, limit: limit)
        let payload = UnsafeRawBufferPointer(rebasing: bytes[PDUHeader.length...])
        guard payload.count >= header.payloadLength else {
            throw AgentXError(.truncated, "\(payload.count) octets of a payload of \(header.payloadLength)")
        }
        guard payload.count == header.payloadLength else {
            throw AgentXError(.trailingBytes, "\(payload.count) octets behind a header for \(header.payloadLength)")
        }
        try self.init(header, payload)
    }

    /// Decodes what follows a header.
    init(_ header: PDUHeader, _ payload: UnsafeRawBufferPointer) throws(AgentXError) {
        var reader = WireReader(payload, header.order)
        sessionID = header.sessionID
        transactionID = header.transactionID
        packetID = header.packetID
        flags = header.flags.subtracting([.networkByteOrder, .nonDefaultContext])
        if header.type.mayHaveContext, header.flags.contains(.nonDefaultContext) {
            context = OctetString(try reader.octets())
        }
        body = try Body(header.type, from: &reader)
        try reader.finish()
    }

    func encode(into output: OutputBuffer, _ order: ByteOrder) {
        let payload = body.payload
        let type = Swift.type(of: payload).type
        let context = type.mayHaveContext ? context : nil
        let header = PDUHeader(
            type, order, flags: context == nil ? flags : flags.union(.nonDefaultContext), sessionID: sessionID,
            transactionID: transactionID, packetID: packetID)
        let mark = output.begin(header)
        if let context { output.put(context) }
        payload.encode(into: output)
        output.finish(mark)
    }
}

extension PDU.Body {
    init(_ type: PDUType, from reader: inout WireReader) throws(AgentXError) {
        switch type {
        case .open: self = .open(try OpenPDU(from: &reader))
        case .close: self = .close(try ClosePDU(from: &reader))
        case .register: self = .register(try RegisterPDU(from: &reader))
        case .unregister: self = .unregister(try UnregisterPDU(from: &reader))
        case .get: self = .get(try GetPDU(from: &reader))
        case .getNext: self = .getNext(try GetNextPDU(from: &reader))
        case .getBulk: self = .getBulk(try GetBulkPDU(from: &reader))
        case .testSet: self = .testSet(try TestSetPDU(from: &reader))
        case .commitSet: self = .commitSet(try CommitSetPDU(from: &reader))
        case .undoSet: self = .undoSet(try UndoSetPDU(from: &reader))
        case .cleanupSet: self = .cleanupSet(try CleanupSetPDU(from: &reader))
        case .notify: self = .notify(try NotifyPDU(from: &reader))
        case .ping: self = .ping(try PingPDU(from: &reader))
        case .indexAllocate: self = .indexAllocate(try IndexAllocatePDU(from: &reader))
        case .indexDeallocate: self = .indexDeallocate(try IndexDeallocatePDU(from: &reader))
        case .addAgentCaps: self = .addAgentCaps(try AddAgentCapsPDU(from: &reader))
        case .removeAgentCaps: self = .removeAgentCaps(try RemoveAgentCapsPDU(from: &reader))
        case .response: self = .response(try ResponsePDU(from: &reader))
        default: throw AgentXError(.unknownPDUType, "h.type \(type.rawValue)")
        }
    }

    var payload: any Payload {
        switch self {
        case .open(let payload): payload
        case .close(let payload): payload
        case .register(let payload): payload
        case .unregister(let payload): payload
        case .get(let payload): payload
        case .getNext(let payload): payload
        case .getBulk(let payload): payload
        case .testSet(let payload): payload
        case .commitSet(let payload): payload
        case .undoSet(let payload): payload
        case .cleanupSet(let payload): payload
        case .notify(let payload): payload
        case .ping(let payload): payload
        case .indexAllocate(let payload): payload
        case .indexDeallocate(let payload): payload
        case .addAgentCaps(let payload): payload
        case .removeAgentCaps(let payload): payload
        case .response(let payload): payload
        }
    }
}
