import SMI

/// The subagent's side of an AgentX session, without I/O: bytes go in at `receive`, come out in `output`, and what else
/// must happen is in `effects`. Time goes in too, as nanoseconds of one clock.
///
/// It brings the master agent to what is desired (session, regions, capabilities, notifications), on every connection
/// anew, and answers the master's requests.
final class Session {
    enum Phase: Sendable {
        /// There is no connection.
        case disconnected
        /// Open has been sent.
        case opening
        case open
        /// Shut down; there will be no other connection.
        case ended
    }

    /// What the owner of the connection must do, in order.
    enum Effect: Sendable {
        case run(SetJob)
        case report(AgentXEvent)
        /// Send what can be sent of `output`, close the connection, and make another one.
        case disconnect(AgentXError)
        /// The same, but make no other one: the shutdown is complete.
        case end
    }

    /// A request of ours that the master has not answered.
    struct Pending {
        enum Purpose {
            case open
            case addRegion(Region)
            case removeRegion(Region)
            case addCapability(AgentCapability)
            case removeCapability(AgentCapability)
            case notify(NotificationQueue.Entry)
            case ping
            case close
            case request((Result<ResponsePDU, AgentXError>) -> Void)
        }

        let purpose: Purpose
        let sent: Int64
        let deadline: Int64
    }

    let configuration: AgentXConfiguration
    let reader: any ObjectReader
    let writer: (any ObjectWriter)?
    let queue: NotificationQueue
    let output = OutputBuffer()

    private(set) var phase = Phase.disconnected
    var effects: [Effect] = []
    var counters = AgentXCounters()

    /// How many connections there have been: the epoch of a transaction.
    private(set) var connection = 0
    var sessionID: UInt32 = 0
    var lastPacketID: UInt32 = 0
    var pending: [UInt32: Pending] = [:]
    var notificationsOutstanding = 0
    var regions: DesiredList<Region>
    var capabilities: DesiredList<AgentCapability>
    var isReady = false
    var isClosing = false
    var closingDeadline: Int64?
    /// Whether `nextDeadline` may be earlier than when it was last asked for.
    var isDeadlineNew = false
    /// When the master last sent anything.
    var lastHeard: Int64 = 0
    var reportedRefusals: Set<OID> = []
    var hasReportedMalformed = false
    var transactions: TransactionTable

    // Reused from request to request, so that reads allocate nothing.
    var cursor = ObjectCursor()
    var bound: OID = []
    var bulkRanges: [BulkRange] = []
    var acceptedContext: [UInt8]?

    init(
        _ configuration: AgentXConfiguration, reader: any ObjectReader, writer: (any ObjectWriter)?,
        queue: NotificationQueue
    ) {
        self.configuration = configuration
        self.reader = reader
        self.writer = writer
        self.queue = queue
        regions = DesiredList(configuration.regions)
        capabilities = DesiredList(configuration.capabilities)
        transactions = TransactionTable(
            limit: configuration.transactionLimit, lifetime: configuration.transactionLifetime.nanoseconds)
    }

    /// A connection has been made.
    func connected(at now: Int64) {
        guard phase == .disconnected else { return }
        output.removeAll()
        connection += 1
        phase = .opening
        sessionID = 0
        lastHeard = now
        isReady = false
        hasReportedMalformed = false
        reportedRefusals = []
        acceptedContext = nil
        regions.reset()
        capabilities.reset()
        open(at: now)
    }

    /// The connection is gone.
    func connectionLost(_ error: AgentXError) {
        guard phase == .opening || phase == .open else { return }
        fail(error)
    }

    /// Processes the PDUs that are whole, while there is room for answers.
    ///
    /// - Returns: how many octets were used; the rest must come again, with more behind it.
    func receive(_ bytes: UnsafeRawBufferPointer, at now: Int64) -> Int {
        var used = 0
        while phase == .opening || phase == .open, output.count < configuration.outputLimit {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
            guard rest.count >= PDUHeader.length else { break }
            do throws(AgentXError) {
                let header = try PDUHeader(rest, limit: configuration.payloadLimit)
                let length = PDUHeader.length + header.payloadLength
                guard rest.count >= length else { break }
                lastHeard = now
                process(header, UnsafeRawBufferPointer(rebasing: rest[PDUHeader.length..<length]), at: now)
                used += length
            } catch {
                // The end of this PDU is unknown, so the beginning of the next one is too.
                counters.parseErrors += 1
                sendClose(.parseError, at: now)
                fail(error)
            }
        }
        advance(at: now)
        return phase == .opening || phase == .open ? used : bytes.count
    }

    /// Time has passed; to be called at `nextDeadline` or later.
    func tick(at now: Int64) {
        for transaction in transactions.sweep(at: now) { transaction.cleanUp() }
        guard phase == .opening || phase == .open else { return }
        if let late = pending.values.first(where: { $0.deadline <= now }) {
            if case .close = late.purpose { return end() }
            sendClose(.timeouts, at: now)
            return fail(AgentXError(.timedOut, "no answer in \(configuration.responseTimeout)"))
        }
        if let retry = regions.nextRetry, retry <= now { regions.retryIsDue() }
        if let retry = capabilities.nextRetry, retry <= now { capabilities.retryIsDue() }
        if phase == .open, pending.isEmpty, lastHeard + configuration.pingInterval.nanoseconds <= now { ping(at: now) }
        advance(at: now)
    }

    /// When `tick` must be called next; nil when it need not be.
    var nextDeadline: Int64? {
        var next = Int64.max
        for deadline in [transactions.nextSweep, closingDeadline, regions.nextRetry, capabilities.nextRetry] {
            next = min(next, deadline ?? next)
        }
        for request in pending.values { next = min(next, request.deadline) }
        if phase == .open, pending.isEmpty { next = min(next, lastHeard + configuration.pingInterval.nanoseconds) }
        return next == .max ? nil : next
    }

    /// Ends the session in good order: everything asked is answered, every notification sent, then Close.
    func shutDown(at now: Int64) {
        guard phase == .open else { return end() }
        isClosing = true
        closingDeadline = now + configuration.shutdownTimeout.nanoseconds
        isDeadlineNew = true
        advance(at: now)
    }

    /// Gives the connection up and forgets everything that held for it.
    func fail(_ error: AgentXError) {
        phase = .disconnected
        isReady = false
        counters.connectionsLost += 1
        forgetConnection(error)
        if isClosing { return end() }
        effects.append(.report(.closed(error)))
        effects.append(.disconnect(error))
    }

    func end() {
        guard phase != .ended else { return }
        phase = .ended
        closingDeadline = nil
        forgetConnection(AgentXError(.notConnected, "the subagent is shut down"))
        effects.append(.end)
    }

    func opened(as sessionID: UInt32) {
        phase = .open
        self.sessionID = sessionID
        counters.sessions += 1
        isDeadlineNew = true
        effects.append(.report(.opened))
    }

    private func forgetConnection(_ error: AgentXError) {
        notificationsOutstanding = 0
        // Oldest first, past a wrap of the number too.
        let unanswered = pending.sorted { lastPacketID &- $0.key > lastPacketID &- $1.key }
        pending = [:]
        queue.putBack(unanswered.compactMap { if case .notify(let entry) = $0.value.purpose { entry } else { nil } })
        for (_, request) in unanswered {
            if case .request(let completion) = request.purpose { completion(.failure(error)) }
        }
        abandonTransactions()
    }

    private func process(_ header: PDUHeader, _ payload: UnsafeRawBufferPointer, at now: Int64) {
        switch header.type {
        case .response: processResponse(header, payload, at: now)
        case .get, .getNext, .getBulk: read(header, payload)
        case .testSet: test(header, payload, at: now)
        case .commitSet, .undoSet, .cleanupSet: continueSet(header, payload, at: now)
        case .close: processClose(header, payload)
        default:
            // Section 6.2: only a master agent receives the others.
            let isKnown = (PDUType.open.rawValue...PDUType.response.rawValue).contains(header.type.rawValue)
            if !isKnown { reportMalformed(AgentXError(.unknownPDUType, "h.type \(header.type.rawValue)")) }
            respond(to: header, isKnown ? .processingError : .parseError)
        }
    }

    private func processClose(_ header: PDUHeader, _ payload: UnsafeRawBufferPointer) {
        do throws(AgentXError) {
            let pdu = try PDU(header, payload)
            guard isOurs(header), case .close(let close) = pdu.body else { return respond(to: header, .notOpen) }
            respond(to: header)
            fail(AgentXError(.closedByMaster, "\(close.reason)"))
        } catch {
            reportMalformed(error)
            respond(to: header, .parseError)
        }
    }
}

// MARK: - Answers

extension Session {
    func isOurs(_ header: PDUHeader) -> Bool {
        phase == .open && header.sessionID == sessionID
    }

    /// The header of the answer: that of the request but for the type, and without a context (section 7.2.2).
    func responseHeader(to header: PDUHeader) -> PDUHeader {
        PDUHeader(
            .response, header.order, sessionID: header.sessionID, transactionID: header.transactionID,
            packetID: header.packetID)
    }

    /// Answers without bindings.
    func respond(to header: PDUHeader, _ status: ResponseStatus = .noError, index: Int = 0) {
        let mark = output.begin(responseHeader(to: header))
        ResponsePDU(status, index: UInt16(clamping: index)).encode(into: output)
        output.finish(mark)
    }

    func reportMalformed(_ error: AgentXError) {
        counters.parseErrors += 1
        guard !hasReportedMalformed else { return }
        hasReportedMalformed = true
        effects.append(.report(.malformedPDU(error)))
    }
}
