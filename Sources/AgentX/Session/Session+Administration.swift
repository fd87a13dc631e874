import SMI

// What we ask of the master agent (RFC 2741 section 7.1), and its answers.

extension Session {
    /// Requests to register and the like that may be unanswered at once.
    private static let administrationWindow = 32

    /// Takes the next steps towards what is desired.
    func advance(at now: Int64) {
        guard phase == .open else { return }
        if regions.mayHaveStep { advanceRegions(at: now) }
        if capabilities.mayHaveStep { advanceCapabilities(at: now) }
        if !isReady, regions.isSettled, capabilities.isSettled {
            isReady = true
            effects.append(.report(.ready))
        }
        while notificationsOutstanding < configuration.notificationWindow, output.count < configuration.outputLimit,
            let entry = queue.take()
        {
            notify(entry, at: now)
        }
        if isClosing { advanceClosing(at: now) }
    }

    func open(at now: Int64) {
        let pdu = OpenPDU(
            timeout: configuration.timeout, identifier: configuration.identifier,
            description: OctetString(configuration.description))
        send(.open(pdu), .open, at: now)
    }

    func ping(at now: Int64) {
        counters.pings += 1
        send(.ping(PingPDU()), .ping, at: now)
    }

    /// Sends a request of the caller's own.
    ///
    /// - Parameter completion: called once, with the answer if its status is noError, or with the reason there is none.
    func request(
        _ body: PDU.Body, flags: PDUFlags = [], context: OctetString? = nil, at now: Int64,
        _ completion: @escaping (Result<ResponsePDU, AgentXError>) -> Void
    ) {
        guard phase == .open else {
            return completion(.failure(AgentXError(.notConnected, "there is no session with the master agent")))
        }
        let isSent = send(body, .request(completion), flags: flags, context: context, at: now)
        if !isSent { completion(.failure(AgentXError(.oversized, "above \(configuration.payloadLimit) octets"))) }
    }

    /// Tells the master why the connection will be closed. Nobody waits for an answer.
    func sendClose(_ reason: ClosePDU.Reason, at now: Int64) {
        guard phase == .open else { return }
        send(.close(ClosePDU(reason)), .close, at: now)
    }

    func processResponse(_ header: PDUHeader, _ payload: UnsafeRawBufferPointer, at now: Int64) {
        let response: ResponsePDU
        do throws(AgentXError) {
            guard case .response(let body) = try PDU(header, payload).body else { return }
            response = body
        } catch {
            // Section 7.2.2: silently dropped. The request it should have answered will time out.
            return reportMalformed(error)
        }
        // An answer that nobody waits for is dropped too.
        guard phase == .opening || header.sessionID == sessionID,
            let request = pending.removeValue(forKey: header.packetID)
        else { return }
        counters.roundTrips.add(now - request.sent)
        effects.append(.report(.sysUpTime(ticks: response.sysUpTime, nanoseconds: now)))
        let refusal: AgentXError? =
            response.status == .noError
            ? nil : AgentXError(.refused, "\(response.status)", status: response.status)
        complete(request.purpose, header, response, refusal, at: now)
    }
}

extension Session {
    private func complete(
        _ purpose: Pending.Purpose, _ header: PDUHeader, _ response: ResponsePDU, _ refusal: AgentXError?,
        at now: Int64
    ) {
        let retry = refusal == nil ? nil : now + configuration.refusalRetry.nanoseconds
        switch purpose {
        case .open:
            if let refusal { fail(refusal) } else { opened(as: header.sessionID) }
        case .addRegion(let region):
            isDeadlineNew = true
            if regions.added(region, retry: retry), let refusal {
                effects.append(.report(.regionRefused(region, refusal)))
            }
        case .removeRegion(let region): regions.removed(region)
        case .addCapability(let capability):
            isDeadlineNew = true
            if capabilities.added(capability, retry: retry), let refusal {
                effects.append(.report(.capabilityRefused(capability, refusal)))
            }
        case .removeCapability(let capability): capabilities.removed(capability)
        case .notify(let entry):
            notificationsOutstanding -= 1
            if let refusal { refused(entry, refusal) } else { counters.notificationsSent += 1 }
        case .ping:
            // The master has lost the session: a new connection starts it anew.
            if let refusal { fail(refusal) }
        case .close: end()
        case .request(let completion): completion(refusal.map { .failure($0) } ?? .success(response))
        }
    }

    private func advanceRegions(at now: Int64) {
        while pending.count < Self.administrationWindow, let step = regions.nextStep(at: now) {
            switch step {
            case .add(let region):
                let pdu = RegisterPDU(timeout: region.timeout, priority: region.priority, subtree: region.subtree)
                let flags: PDUFlags = region.isInstance ? .instanceRegistration : []
                send(.register(pdu), .addRegion(region), flags: flags, context: region.context, at: now)
            case .remove(let region):
                let pdu = UnregisterPDU(priority: region.priority, subtree: region.subtree)
                send(.unregister(pdu), .removeRegion(region), context: region.context, at: now)
            }
        }
    }

    private func advanceCapabilities(at now: Int64) {
        while pending.count < Self.administrationWindow, let step = capabilities.nextStep(at: now) {
            switch step {
            case .add(let capability):
                let pdu = AddAgentCapsPDU(capability.identifier, OctetString(capability.description))
                send(.addAgentCaps(pdu), .addCapability(capability), context: capability.context, at: now)
            case .remove(let capability):
                let pdu = RemoveAgentCapsPDU(capability.identifier)
                send(.removeAgentCaps(pdu), .removeCapability(capability), context: capability.context, at: now)
            }
        }
    }

    private func notify(_ entry: NotificationQueue.Entry, at now: Int64) {
        let body = PDU.Body.notify(entry.notification.pdu)
        if send(body, .notify(entry), context: entry.notification.context, at: now) {
            notificationsOutstanding += 1
        } else {
            refused(entry, AgentXError(.oversized, "above \(configuration.payloadLimit) octets"))
        }
    }

    private func refused(_ entry: NotificationQueue.Entry, _ refusal: AgentXError) {
        counters.notificationsRefused += 1
        if reportedRefusals.insert(entry.notification.identity).inserted {
            effects.append(.report(.notificationRefused(entry.notification.identity, refusal)))
        }
    }

    private func advanceClosing(at now: Int64) {
        guard let deadline = closingDeadline else { return }
        let isDone = pending.isEmpty && queue.count == 0 && !transactions.hasOpen
        guard isDone || deadline <= now else { return }
        closingDeadline = nil
        send(
            .close(ClosePDU(.shutdown)), .close, at: now, within: configuration.shutdownTimeout.nanoseconds)
    }

    /// Writes a request of ours and remembers what it is for.
    ///
    /// - Returns: false when it does not fit into a PDU; then nothing is written.
    @discardableResult
    private func send(
        _ body: PDU.Body, _ purpose: Pending.Purpose, flags: PDUFlags = [], context: OctetString? = nil,
        at now: Int64, within timeout: Int64? = nil
    ) -> Bool {
        repeat { lastPacketID &+= 1 } while pending[lastPacketID] != nil
        let pdu = PDU(body, sessionID: sessionID, packetID: lastPacketID, flags: flags, context: context)
        let mark = output.mark
        pdu.encode(into: output, configuration.byteOrder)
        guard output.payloadLength(since: mark) <= configuration.payloadLimit else {
            output.truncate(to: mark)
            return false
        }
        let deadline = now + (timeout ?? configuration.responseTimeout.nanoseconds)
        // Other requests that wait are due before this one, unless it has a time of its own.
        if pending.isEmpty || timeout != nil { isDeadlineNew = true }
        pending[lastPacketID] = Pending(purpose: purpose, sent: now, deadline: deadline)
        return true
    }
}
