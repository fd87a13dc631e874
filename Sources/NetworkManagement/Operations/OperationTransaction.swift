package import NetworkModel
import Synchronization

/// What a SET asks of the queue.
package enum OperationChange: Sendable, Hashable {
    /// A new operation; under a key of the daemon's own when there is none.
    case create(OperationKey?, OperationOrder)
    case abort(OperationKey)
    case remove(OperationKey)
}

/// Changes of the queue made as one. New operations begin when it is released, so that until then nothing has happened
/// that cannot be taken back.
package final class OperationTransaction: Sendable {
    private struct State {
        var isCommitted = false
        var created: [OperationKey] = []
        var removed: [Operation] = []
        var aborts: [OperationKey] = []
    }

    private let queue: OperationQueue
    private let changes: [OperationChange]
    private let requester: Principal
    private let state = Mutex(State())

    init(_ queue: OperationQueue, _ changes: [OperationChange], _ requester: Principal) {
        self.queue = queue
        self.changes = changes
        self.requester = requester
    }

    /// The keys of the new operations, in the order of the changes; empty before the commit.
    package var created: [OperationKey] { state.withLock { $0.created } }

    /// Makes every change or none.
    package func commit() throws(ManagementError) {
        let now = queue.clock.now()
        let result = try queue.state.withLock { all throws(ManagementError) in
            var result = State()
            OperationQueue.forget(&all, queue.limits, now)
            var after = all
            for change in changes {
                switch change {
                case .create(let wished, let order):
                    let key =
                        wished
                        ?? OperationKey(
                            owner: OperationKey.ownOwner, number: OperationQueue.nextNumber(&after))
                    guard after.operations[key] == nil else {
                        throw ManagementError(.inconsistent, "the row exists already")
                    }
                    guard after.operations.count < queue.limits.rows else {
                        throw ManagementError(.exhausted, "\(queue.limits.rows) operations at most")
                    }
                    after.lastNumber = max(after.lastNumber, key.number)
                    after.operations[key] = Operation(key: key, order: order, requester: requester, created: now)
                    after.waiting.append(key)
                    after.held.insert(key)
                    result.created.append(key)
                case .abort(let key):
                    guard after.operations[key] != nil else { throw ManagementError(.notFound, "no such operation") }
                    result.aborts.append(key)
                case .remove(let key):
                    guard let operation = after.operations[key] else { continue }
                    guard after.runs[key] == nil else {
                        throw ManagementError(.inconsistent, "the operation runs; abort it first")
                    }
                    after.operations[key] = nil
                    after.waiting.removeAll { $0 == key }
                    result.removed.append(operation)
                }
            }
            all = after
            return result
        }
        state.withLock {
            $0 = result
            $0.isCommitted = true
        }
    }

    /// Makes the queue what it was.
    package func undo() {
        let done = state.withLock { state in
            defer { state.isCommitted = false }
            return state.isCommitted ? state : State()
        }
        queue.state.withLock { all in
            for key in done.created {
                all.operations[key] = nil
                all.held.remove(key)
                all.waiting.removeAll { $0 == key }
            }
            for operation in done.removed {
                all.operations[operation.key] = operation
                if operation.state == .queued { all.waiting.append(operation.key) }
            }
        }
    }

    /// Lets what was committed begin.
    package func release() {
        let done = state.withLock { state in
            defer { state.isCommitted = false }
            return state.isCommitted ? state : State()
        }
        queue.state.withLock { $0.held.subtract(done.created) }
        for key in done.aborts { queue.abort(key) }
        queue.advance()
    }
}

extension OperationQueue {
    /// Makes a transaction of changes that were checked one by one: by `check` of the performer, and `check` here.
    package func prepare(_ changes: [OperationChange], by requester: Principal) -> OperationTransaction {
        OperationTransaction(self, changes, requester)
    }

    /// Whether a change can be made as things are.
    package func check(_ change: OperationChange) throws(ManagementError) {
        let now = clock.now()
        try state.withLock { state throws(ManagementError) in
            Self.forget(&state, limits, now)
            switch change {
            case .create(let key, _):
                if let key, state.operations[key] != nil {
                    throw ManagementError(.inconsistent, "the row exists already")
                }
                guard state.operations.count < limits.rows else {
                    throw ManagementError(.exhausted, "\(limits.rows) operations at most")
                }
            case .abort(let key):
                guard let operation = state.operations[key] else {
                    throw ManagementError(.notFound, "no such operation")
                }
                guard !operation.state.isFinal else {
                    throw ManagementError(.inconsistent, "the operation has ended")
                }
            case .remove(let key):
                guard state.runs[key] == nil else {
                    throw ManagementError(.inconsistent, "the operation runs; abort it first")
                }
            }
        }
    }
}
