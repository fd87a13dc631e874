package import NetworkModel
import Synchronization

/// Does what operations ask for: a manager's side of the queue.
package protocol OperationPerformer: Sendable {
    /// What it does; no two performers share one.
    var kinds: [OperationKind] { get }

    /// What the policy is asked before `order` is accepted.
    ///
    /// - Throws: `.notFound` when the target does not exist.
    func access(_ order: OperationOrder) throws(ManagementError) -> AccessRequest

    /// Whether `order` can be accepted as things are. Within microseconds; nothing changes.
    ///
    /// - Parameters:
    ///   - principal: who asks for it.
    ///   - isAdministrator: whether the policy lets the requester administer the target too.
    func check(_ order: OperationOrder, by principal: Principal, isAdministrator: Bool) throws(ManagementError)

    /// Orders of one lane are performed one after the other, in the order in which they came.
    func lane(of order: OperationOrder) -> String

    /// How long it may take, from its beginning.
    func limit(of order: OperationOrder) -> Duration

    /// Does it, on a thread of its own that it may block.
    ///
    /// - Returns: what was done, in words.
    func perform(_ order: OperationOrder, _ run: OperationRun) throws(ManagementError) -> String
}

/// An operation as its performer sees it.
package final class OperationRun: Sendable {
    private struct State {
        var progress: UInt8 = 0
        var isAborted = false
    }

    package let requester: Principal
    /// When its time is up.
    package let deadline: MonotonicTime
    private let state = Mutex(State())

    package init(requester: Principal, deadline: MonotonicTime) {
        self.requester = requester
        self.deadline = deadline
    }

    /// Whether it should end as soon as it can: somebody wants it to, or its time is up.
    package var isAborted: Bool { state.withLock { $0.isAborted } }

    /// Says how much is done, 0..99 percent.
    package func report(progress: UInt8) {
        state.withLock { $0.progress = min(progress, 99) }
    }

    /// - Throws: when it should end.
    package func checkPoint() throws(ManagementError) {
        if isAborted { throw ManagementError(.failed, "aborted") }
    }

    var progress: UInt8 { state.withLock { $0.progress } }

    func abort() {
        state.withLock { $0.isAborted = true }
    }
}

/// What is told of operations.
package enum OperationEvent: Sendable {
    case started(Operation)
    case finished(Operation)
    /// One whose time was up before has come back: what waited behind it goes on.
    case returned(Operation)
}
