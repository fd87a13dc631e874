import NetworkManagement
import NetworkModel
import SecurityTesting
import Synchronization
import Testing

private func key(_ number: UInt32) -> OperationKey { OperationKey(owner: Array("me".utf8), number: number) }

private func order(_ argument: String) -> OperationOrder {
    OperationOrder(FakePerformer.kind, .system, argument: argument)
}

/// A queue whose work and time a test passes by hand.
private final class QueueFixture: Sendable {
    let clock = ManualClock()
    let workers = ManualWorkers()
    let performer = FakePerformer()
    let audit: MemoryAuditStore
    let queue: OperationQueue
    private let told: ToldOperations

    init(_ edit: (inout OperationQueue.Limits) -> Void = { _ in }) {
        var limits = OperationQueue.Limits()
        edit(&limits)
        audit = MemoryAuditStore(clock: clock)
        told = ToldOperations()
        queue = OperationQueue(
            performers: [performer], workers: workers, audit: audit, clock: clock, limits: limits
        ) { [told] in told.append($0) }
    }

    var ended: [NetworkManagement.Operation] { told.finished }
    /// Whose time was up before.
    var returned: [NetworkManagement.Operation] { told.returned }

    /// Commits and releases as a SET does.
    func set(_ changes: [OperationChange]) throws {
        for change in changes { try queue.check(change) }
        let transaction = queue.prepare(changes, by: .unknown)
        try transaction.commit()
        transaction.release()
    }

    func state(_ number: UInt32) -> OperationState? { queue.operation(key(number))?.state }

    /// Runs the next job once the audit has let it come.
    func perform() async throws {
        try await reach("a job") { self.workers.jobCount > 0 }
        workers.runNext()
    }
}

private final class ToldOperations: Sendable {
    private let operations = Mutex<(finished: [NetworkManagement.Operation], returned: [NetworkManagement.Operation])>(
        ([], []))

    func append(_ event: OperationEvent) {
        operations.withLock { operations in
            switch event {
            case .started: break
            case .finished(let operation): operations.finished.append(operation)
            case .returned(let operation): operations.returned.append(operation)
            }
        }
    }

    var finished: [NetworkManagement.Operation] { operations.withLock { $0.finished } }
    var returned: [NetworkManagement.Operation] { operations.withLock { $0.returned } }
}

struct NotReached: Error { let what: String }

/// Lets other tasks run until `condition` holds; at most ten seconds.
func reach(_ what: String, _ condition: @Sendable () -> Bool) async throws {
    let limit = ContinuousClock.now + .seconds(10)
    while !condition() {
        guard ContinuousClock.now < limit else { throw NotReached(what: what) }
        await Task.yield()
    }
}

@Suite struct `The queue of operations` {
    @Test func `an operation begins when its SET is over and tells how it ended`() async throws {
        let fixture = QueueFixture()
        let transaction = fixture.queue.prepare([.create(key(1), order("a"))], by: .unknown)
        try transaction.commit()
        #expect(fixture.state(1) == .queued)
        transaction.release()
        #expect(fixture.state(1) == .running)
        try await fixture.perform()
        let operation = try #require(fixture.queue.operation(key(1)))
        #expect(operation.state == .succeeded)
        #expect(operation.progress == 100)
        #expect(operation.result == "did a")
        #expect(operation.requester == .unknown)
        #expect(fixture.ended.map(\.key) == [key(1)])
        #expect(fixture.queue.counts.succeeded == 1)
    }

    @Test func `the audit has an operation before it is performed, and its outcome`() async throws {
        let fixture = QueueFixture()
        try fixture.set([.create(key(1), order("fail"))])
        try await reach("a job") { fixture.workers.jobCount > 0 }
        #expect(fixture.audit.newest(10).map(\.record.phase) == [.begun])
        fixture.workers.runNext()
        let entries = fixture.audit.newest(10)
        #expect(entries.map(\.record.phase) == [.begun, .failed])
        #expect(entries.last?.record.reason == "it cannot be")
        #expect(fixture.queue.operation(key(1))?.error == .notSupported)
    }

    @Test func `what is undone never begins, and what was removed is back`() async throws {
        let fixture = QueueFixture()
        try fixture.set([.create(key(1), order("a"))])
        try await fixture.perform()
        let transaction = fixture.queue.prepare([.create(key(2), order("b")), .remove(key(1))], by: .unknown)
        try transaction.commit()
        #expect(fixture.state(1) == nil)
        transaction.undo()
        transaction.release()
        #expect(fixture.state(1) == .succeeded)
        #expect(fixture.state(2) == nil)
        #expect(fixture.workers.jobCount == 0)
    }

    @Test func `operations of one lane follow one another, others do not wait`() async throws {
        let fixture = QueueFixture()
        try fixture.set([
            .create(key(1), order("lane x")), .create(key(2), order("lane x")), .create(key(3), order("lane y")),
        ])
        #expect([1, 2, 3].map { fixture.state($0) } == [.running, .queued, .running])
        try await reach("two jobs") { fixture.workers.jobCount == 2 }
        fixture.workers.runNext()
        fixture.workers.runNext()
        #expect(fixture.state(2) == .running)
        try await fixture.perform()
        #expect(fixture.state(2) == .succeeded)
    }

    @Test func `no more run at once than may`() throws {
        let fixture = QueueFixture { $0.concurrency = 2 }
        try fixture.set((1...3).map { .create(key($0), order("lane \($0)")) })
        #expect(fixture.queue.operations.count { $0.state == .running } == 2)
    }

    @Test func `one whose time is up has failed, and holds its lane until it comes back`() async throws {
        let fixture = QueueFixture()
        try fixture.set([.create(key(1), order("lane x")), .create(key(2), order("lane x"))])
        try await reach("a job") { fixture.workers.jobCount == 1 }
        fixture.workers.passTime()
        #expect(fixture.state(1) == .timedOut)
        #expect(fixture.queue.operation(key(1))?.error == .exhausted)
        #expect(fixture.state(2) == .queued)
        #expect(fixture.returned.isEmpty)
        fixture.workers.runNext()
        #expect(fixture.state(1) == .timedOut)
        #expect(fixture.returned.map(\.key) == [key(1)])
        #expect(fixture.queue.operation(key(1))?.result.contains("then: aborted") == true)
        #expect(fixture.state(2) == .running)
        #expect(fixture.ended.map(\.state) == [.timedOut])
    }

    @Test func `one that waits is aborted at once, one that runs when it can be`() async throws {
        let fixture = QueueFixture()
        try fixture.set([.create(key(1), order("lane x")), .create(key(2), order("lane x"))])
        try fixture.set([.abort(key(2)), .abort(key(1))])
        #expect(fixture.state(2) == .aborted)
        #expect(fixture.state(1) == .running)
        try await fixture.perform()
        #expect(fixture.state(1) == .aborted)
        #expect(throws: ManagementError(.inconsistent, "")) { try fixture.set([.abort(key(1))]) }
    }

    @Test func `rows are bounded, and forgotten only when their time is over`() async throws {
        let fixture = QueueFixture { $0.rows = 1 }
        try fixture.set([.create(key(1), order("a"))])
        try await fixture.perform()
        #expect(throws: ManagementError(.exhausted, "")) { try fixture.set([.create(key(2), order("b"))]) }
        fixture.clock.advance(by: .seconds(301))
        #expect(fixture.state(1) == .succeeded)
        fixture.clock.advance(by: .seconds(300))
        #expect(fixture.state(1) == nil)
        try fixture.set([.create(key(2), order("b"))])
    }

    @Test func `a running one is not removed`() throws {
        let fixture = QueueFixture()
        try fixture.set([.create(key(1), order("a"))])
        #expect(throws: ManagementError(.inconsistent, "")) { try fixture.set([.remove(key(1))]) }
    }

    @Test func `without a thread it fails, and says so`() async throws {
        let fixture = QueueFixture()
        fixture.workers.exhaust()
        try fixture.set([.create(key(1), order("a"))])
        try await reach("the end") { fixture.state(1) == .failed }
        #expect(fixture.queue.operation(key(1))?.error == .exhausted)
    }
}
