package import NetworkModel
import Synchronization

/// Takes what lasts longer than a SET may, does it elsewhere, and tells how it went.
///
/// Bounded: so many rows, and so many at a time. Operations of one lane, such as those on one driver, follow one another;
/// one that is stuck in the kernel holds its lane, and no other. Each is announced in the audit before it begins.
package final class OperationQueue: Sendable {
    package struct Limits: Sendable, Hashable {
        /// Rows, of all states.
        package var rows = 256
        /// Operations that run at once; those that have timed out and not come back do not count.
        package var concurrency = 4
        /// How long a row stays after its operation has ended.
        package var life: Duration = .seconds(600)

        package init() {}
    }

    /// How many operations ended how, since the start.
    package struct Counts: Sendable, Hashable {
        package var succeeded: UInt32 = 0
        package var unsuccessful: UInt32 = 0
    }

    struct State {
        var operations: [OperationKey: Operation] = [:]
        /// Those that wait, in the order in which they came.
        var waiting: [OperationKey] = []
        /// Accepted by a SET that is not over: not to begin yet.
        var held: Set<OperationKey> = []
        /// Those whose performer has not returned, by their lanes.
        var lanes: [String: OperationKey] = [:]
        var runs: [OperationKey: OperationRun] = [:]
        var lastNumber: UInt32 = 0
        var counts = Counts()
    }

    let state = Mutex(State())
    package let limits: Limits
    let performers: [OperationKind: any OperationPerformer]
    let workers: any OperationWorkers
    let audit: AuditTrail
    let clock: any MonotonicClock
    let listener: @Sendable (OperationEvent) -> Void

    /// - Parameters:
    ///   - performers: who does what; of two for one kind the first.
    ///   - listener: called from any thread; must not block.
    package init(
        performers: [any OperationPerformer], workers: any OperationWorkers, audit: (any AuditStore)?,
        clock: any MonotonicClock, limits: Limits = Limits(),
        listener: @escaping @Sendable (OperationEvent) -> Void
    ) {
        let byKind = performers.flatMap { performer in performer.kinds.map { ($0, performer) } }
        self.performers = Dictionary(byKind) { first, _ in first }
        self.workers = workers
        self.audit = AuditTrail(store: audit, clock: clock)
        self.clock = clock
        self.limits = limits
        self.listener = listener
    }

    /// Every operation, in no order; the progress as of now.
    package var operations: [Operation] {
        state.withLock { state in
            Self.forget(&state, limits, clock.now())
            return state.operations.values.map { operation in
                var operation = operation
                if operation.state == .running, let run = state.runs[operation.key] {
                    operation.progress = run.progress
                }
                return operation
            }
        }
    }

    package func operation(_ key: OperationKey) -> Operation? {
        operations.first { $0.key == key }
    }

    package var counts: Counts { state.withLock { $0.counts } }

    /// A number that no row has.
    package var nextNumber: UInt32 {
        state.withLock { state in
            var copy = state
            return Self.nextNumber(&copy)
        }
    }

    /// What does `kind`.
    ///
    /// - Throws: `.invalidValue` when nothing does.
    package func performer(of kind: OperationKind) throws(ManagementError) -> any OperationPerformer {
        guard let performer = performers[kind] else {
            throw ManagementError(.invalidValue, "no operation is called \(kind)")
        }
        return performer
    }

    /// Queues what the daemon itself wants done.
    ///
    /// - Throws: when the queue is full.
    @discardableResult
    package func submit(
        _ order: OperationOrder, by requester: Principal = .host
    ) throws(ManagementError) -> OperationKey {
        let transaction = prepare([.create(nil, order)], by: requester)
        try transaction.commit()
        transaction.release()
        return transaction.created[0]
    }

    static func nextNumber(_ state: inout State) -> UInt32 {
        repeat {
            state.lastNumber = state.lastNumber >= UInt32(Int32.max) ? 1 : state.lastNumber + 1
        } while state.operations.keys.contains { $0.number == state.lastNumber }
        return state.lastNumber
    }

    /// Forgets operations whose time is over.
    static func forget(_ state: inout State, _ limits: Limits, _ now: MonotonicTime) {
        let old = state.operations.values.filter { operation in
            operation.ended.map { now - $0 >= limits.life && state.runs[operation.key] == nil } ?? false
        }
        for operation in old { state.operations[operation.key] = nil }
    }
}
