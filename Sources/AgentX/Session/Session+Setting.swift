import SMI

// TestSet, CommitSet, UndoSet and CleanupSet (RFC 2741 section 7.2.4, states in section 7.3.1).

extension Session {
    func test(_ header: PDUHeader, _ payload: UnsafeRawBufferPointer, at now: Int64) {
        guard isOurs(header) else { return respond(to: header, .notOpen) }
        if let known = transactions[header.transactionID] {
            if let answer = known.answer(to: header) { return repeatAnswer(answer, to: header, at: now) }
            // Another TestSet under the same number: the master counts anew, and will not end the old one.
            if known.isRunning { return respond(to: header, ResponseStatus(.resourceUnavailable)) }
        }
        let request: SetRequest
        do throws(AgentXError) {
            let pdu = try PDU(header, payload)
            guard case .testSet(let test) = pdu.body else { return }
            request = SetRequest(
                transaction: header.transactionID, connection: connection, context: pdu.context ?? [],
                bindings: test.bindings)
        } catch {
            reportMalformed(error)
            return respond(to: header, .parseError)
        }
        counters.sets += 1
        if let old = transactions[header.transactionID] {
            if old.isOpen { old.transaction?.cleanUp() }
        } else if !transactions.makeRoom() {
            return respond(to: header, ResponseStatus(.resourceUnavailable))
        }
        if transactions.isEmpty { isDeadlineNew = true }
        do throws(SetFailure) {
            guard let writer else { throw SetFailure(.notWritable, index: 1) }
            let transaction = try writer.test(request)
            transactions.insert(
                .init(state: .tested, transaction: transaction, touched: now), for: header.transactionID)
            answer(header)
        } catch {
            transactions.insert(.init(state: .refused, transaction: nil, touched: now), for: header.transactionID)
            answer(header, ResponseStatus(error.status), index: error.index)
        }
    }

    func continueSet(_ header: PDUHeader, _ payload: UnsafeRawBufferPointer, at now: Int64) {
        guard payload.isEmpty else {
            reportMalformed(AgentXError(.trailingBytes, "\(payload.count) octets in a PDU without fields"))
            // Section 6.2.9: CleanupSet is not answered, whatever it holds.
            if header.type != .cleanupSet { respond(to: header, .parseError) }
            return
        }
        if header.type == .cleanupSet {
            if isOurs(header) { cleanUp(header.transactionID, at: now) }
            return
        }
        guard isOurs(header) else { return respond(to: header, .notOpen) }
        if let record = transactions[header.transactionID] {
            if let answer = record.answer(to: header) { return repeatAnswer(answer, to: header, at: now) }
            if isUnderWay(header, in: record) {
                counters.resends += 1
                transactions.update(header.transactionID) { $0.touched = now }
                return
            }
        }
        if header.type == .commitSet { commit(header, at: now) } else { undo(header, at: now) }
    }

    /// A commit or an undo has ended.
    ///
    /// - Parameter failure: why it failed; nil when it did not.
    func finished(_ job: SetJob, _ failure: SetFailure?, at now: Int64) {
        guard job.connection == connection, let record = transactions[job.transactionID], record.isRunning,
            let header = record.running
        else {
            // Its session is gone: what was committed is undone (section 7.3.1, session loss).
            if job.action == .commit { effects.append(.run(job.undone)) }
            return
        }
        transactions.update(job.transactionID) { record in
            record.running = nil
            record.successor = nil
            record.touched = now
            record.state = job.action == .commit ? .committed : .released
        }
        // The only errors there are in these phases (section 7.2.4.2 and 7.2.4.3).
        let status: ErrorStatus = job.action == .commit ? .commitFailed : .undoFailed
        answer(header, failure == nil ? .noError : ResponseStatus(status), index: failure?.index ?? 0)
        switch record.successor {
        case .undo(let header): undo(header, at: now)
        case .cleanUp: cleanUp(job.transactionID, at: now)
        case nil: break
        }
        advance(at: now)
    }

    /// The connection is gone: nothing tested is kept, and everything committed is undone, as section 7.3.1 has it.
    func abandonTransactions() {
        for (transactionID, record) in transactions.removeAll() {
            guard let transaction = record.transaction else { continue }
            switch record.state {
            case .tested: transaction.cleanUp()
            case .committed:
                effects.append(.run(job(.undo, transaction, transactionID)))
            case .committing, .undoing, .refused, .released: break
            }
        }
    }
}

extension Session {
    private func commit(_ header: PDUHeader, at now: Int64) {
        guard let record = transactions[header.transactionID], record.state == .tested,
            let transaction = record.transaction
        else { return respond(to: header, ResponseStatus(.commitFailed)) }
        counters.commits += 1
        start(.commit, transaction, for: header, at: now)
    }

    private func undo(_ header: PDUHeader, at now: Int64) {
        guard let record = transactions[header.transactionID] else {
            return respond(to: header, ResponseStatus(.undoFailed))
        }
        switch record.state {
        case .committed:
            guard let transaction = record.transaction else { return }
            counters.undos += 1
            start(.undo, transaction, for: header, at: now)
        case .committing:
            transactions.update(header.transactionID) { $0.successor = .undo(header) }
        case .tested, .refused:
            // Nothing was changed.
            record.transaction?.cleanUp()
            transactions.update(header.transactionID) { $0.state = .released }
            answer(header)
        case .undoing, .released:
            respond(to: header, ResponseStatus(.undoFailed))
        }
    }

    /// Ends a transaction. One that is unknown was refused by the master before it came to us.
    private func cleanUp(_ transactionID: UInt32, at now: Int64) {
        guard let record = transactions[transactionID] else { return }
        transactions.update(transactionID) { $0.touched = now }
        switch record.state {
        case .tested, .committed:
            record.transaction?.cleanUp()
            transactions.update(transactionID) { $0.state = .released }
        case .refused: transactions.update(transactionID) { $0.state = .released }
        case .committing:
            if record.successor == nil { transactions.update(transactionID) { $0.successor = .cleanUp } }
        case .undoing, .released: break
        }
    }

    private func start(
        _ action: SetJob.Action, _ transaction: any SetTransaction, for header: PDUHeader, at now: Int64
    ) {
        transactions.update(header.transactionID) { record in
            record.state = action == .commit ? .committing : .undoing
            record.running = header
            record.touched = now
        }
        effects.append(.run(job(action, transaction, header.transactionID)))
    }

    private func job(_ action: SetJob.Action, _ transaction: any SetTransaction, _ transactionID: UInt32) -> SetJob {
        SetJob(action: action, transaction: transaction, transactionID: transactionID, connection: connection)
    }

    /// Answers, and remembers the answer for the same PDU sent again.
    private func answer(_ header: PDUHeader, _ status: ResponseStatus = .noError, index: Int = 0) {
        respond(to: header, status, index: index)
        let answer = TransactionTable.Answer(
            type: header.type, packetID: header.packetID, status: status, index: UInt16(clamping: index))
        transactions.update(header.transactionID) { $0.answers.append(answer) }
    }

    private func repeatAnswer(_ answer: TransactionTable.Answer, to header: PDUHeader, at now: Int64) {
        counters.resends += 1
        transactions.update(header.transactionID) { $0.touched = now }
        respond(to: header, answer.status, index: Int(answer.index))
    }

    private func isUnderWay(_ header: PDUHeader, in record: TransactionTable.Record) -> Bool {
        if let running = record.running, running.packetID == header.packetID, running.type == header.type {
            return true
        }
        if case .undo(let waiting) = record.successor { return waiting.packetID == header.packetID }
        return false
    }
}

extension SetJob {
    /// What takes this commit back.
    var undone: SetJob {
        SetJob(action: .undo, transaction: transaction, transactionID: transactionID, connection: connection)
    }
}
