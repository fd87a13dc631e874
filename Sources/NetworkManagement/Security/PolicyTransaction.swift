import NetworkModel
import Synchronization

/// A change of the policy between its test and its end, in the phases of a SET: `commit` at most once, then `undo` or
/// `release`; or `release` alone. One that is forgotten releases itself.
package final class PolicyTransaction: Sendable {
    private let manager: SecurityManager
    private let number: UInt64
    private let before: SecurityPolicy
    private let after: SecurityPolicy
    private let principal: Principal
    /// What the policy will do that is hardly meant.
    package let warnings: [PolicyWarning]
    private let isCommitted = Mutex(false)

    init(
        manager: SecurityManager, number: UInt64, before: SecurityPolicy, after: SecurityPolicy, principal: Principal,
        warnings: [PolicyWarning]
    ) {
        self.manager = manager
        self.number = number
        self.before = before
        self.after = after
        self.principal = principal
        self.warnings = warnings
    }

    deinit {
        manager.endReservation(number)
    }

    /// Records and keeps the change, durable when this returns, and puts it into force.
    package func commit() async throws(PolicyError) {
        try await manager.replace(before, with: after, by: principal, isUndo: false)
        isCommitted.withLock { $0 = true }
    }

    /// Takes a change that was committed back, and releases; without a commit before it only releases.
    package func undo() async throws(PolicyError) {
        defer { release() }
        guard isCommitted.withLock({ $0 }) else { return }
        try await manager.replace(after, with: before, by: principal, isUndo: true)
        isCommitted.withLock { $0 = false }
    }

    /// Lets others change the policy.
    package func release() {
        manager.endReservation(number)
    }
}
