import NetworkModel
import Synchronization

extension OperationQueue {
    private struct Launch {
        let operation: Operation
        let performer: any OperationPerformer
        let run: OperationRun
        let lane: String
        let limit: Duration
    }

    /// Begins what can begin.
    func advance() {
        while let launch = state.withLock({ Self.next(&$0, performers, limits, clock.now()) }) { start(launch) }
    }

    /// Ends an operation as soon as that can be.
    func abort(_ key: OperationKey) {
        let ended: Operation? = state.withLock { state in
            guard var operation = state.operations[key], !operation.state.isFinal else { return nil }
            operation.isAbortRequested = true
            defer { state.operations[key] = operation }
            if let run = state.runs[key] {
                run.abort()
                return nil
            }
            operation.state = .aborted
            operation.error = .failed
            operation.result = "aborted before it began"
            operation.ended = clock.now()
            state.waiting.removeAll { $0 == key }
            state.counts.unsuccessful &+= 1
            return operation
        }
        if let ended { listener(.finished(ended)) }
    }

    /// Takes the first operation that waits for nothing but its turn.
    private static func next(
        _ state: inout State, _ performers: [OperationKind: any OperationPerformer], _ limits: Limits,
        _ now: MonotonicTime
    ) -> Launch? {
        let busy = state.operations.values.count { $0.state == .running }
        guard busy < limits.concurrency else { return nil }
        // An earlier operation of the same lane goes first, even while the SET that asked for it is not over.
        var passed: Set<String> = []
        for key in state.waiting {
            guard var operation = state.operations[key], let performer = performers[operation.order.kind] else {
                continue
            }
            let lane = performer.lane(of: operation.order)
            guard !state.held.contains(key), state.lanes[lane] == nil, !passed.contains(lane) else {
                passed.insert(lane)
                continue
            }
            let limit = performer.limit(of: operation.order)
            let run = OperationRun(requester: operation.requester, deadline: now + limit)
            operation.state = .running
            operation.started = now
            state.operations[key] = operation
            state.waiting.removeAll { $0 == key }
            state.lanes[lane] = key
            state.runs[key] = run
            return Launch(operation: operation, performer: performer, run: run, lane: lane, limit: limit)
        }
        return nil
    }

    private func start(_ launch: Launch) {
        listener(.started(launch.operation))
        workers.schedule(after: launch.limit) { [self] in expire(launch) }
        // The announcement waits for the disk, and the work for the announcement. The queue itself is what keeps hold of
        // it: the row, its lane and its time limit.
        Task { [self] in
            let ticket: AuditTicket
            do {
                ticket = try await audit.begin(record(of: launch.operation), started: clock.now())
            } catch {
                return end(launch, .failure(ManagementError(.exhausted, "the audit: \(error)")), nil)
            }
            do throws(PlatformError) {
                try workers.start { [self] in
                    let outcome: Result<String, ManagementError>
                    do throws(ManagementError) {
                        outcome = .success(try launch.performer.perform(launch.operation.order, launch.run))
                    } catch {
                        outcome = .failure(error)
                    }
                    end(launch, outcome, ticket)
                }
            } catch {
                end(launch, .failure(ManagementError(error)), ticket)
            }
        }
    }

    private func record(of operation: Operation) -> AuditRecord {
        var record = AuditRecord(.operation, principal: operation.requester, phase: .begun)
        record.objects = [
            AuditObject(
                name: "\(operation.order.kind)", target: "\(operation.order.target)",
                new: .text(operation.order.argument))
        ]
        return record
    }

    /// Takes in that the performer has returned.
    private func end(_ launch: Launch, _ outcome: Result<String, ManagementError>, _ ticket: AuditTicket?) {
        let key = launch.operation.key
        let event: OperationEvent? = state.withLock { state in
            if state.lanes[launch.lane] == key { state.lanes[launch.lane] = nil }
            state.runs[key] = nil
            // Whoever asked for one whose time was up may have removed its row.
            guard var operation = state.operations[key] else { return .returned(launch.operation) }
            defer { state.operations[key] = operation }
            guard operation.state == .running else {
                // Its time was up before.
                switch outcome {
                case .success(let text): operation.result += "; then done: \(text)"
                case .failure(let error): operation.result += "; then: \(error)"
                }
                return .returned(operation)
            }
            operation.ended = clock.now()
            switch outcome {
            case .success(let text):
                operation.state = .succeeded
                operation.progress = 100
                operation.result = text
                state.counts.succeeded &+= 1
            case .failure(let error):
                operation.state = operation.isAbortRequested ? .aborted : .failed
                operation.progress = launch.run.progress
                operation.error = error.code
                operation.result = error.message
                state.counts.unsuccessful &+= 1
            }
            return .finished(operation)
        }
        switch outcome {
        case .success(let text): ticket?.end(.done, result: "succeeded", reason: text)
        case .failure(let error): ticket?.end(.failed, result: "\(error.code)", reason: error.message)
        }
        if let event { listener(event) }
        advance()
    }

    /// Its time is up: it counts as failed, whatever the kernel still makes of it.
    private func expire(_ launch: Launch) {
        let key = launch.operation.key
        let expired: Operation? = state.withLock { state in
            guard var operation = state.operations[key], operation.state == .running,
                state.runs[key] === launch.run
            else { return nil }
            launch.run.abort()
            operation.state = .timedOut
            operation.progress = launch.run.progress
            operation.error = .exhausted
            operation.result = "not done within \(launch.limit / .milliseconds(1)) ms"
            operation.ended = clock.now()
            state.operations[key] = operation
            state.counts.unsuccessful &+= 1
            return operation
        }
        guard let expired else { return }
        listener(.finished(expired))
        advance()
    }
}
