import NetworkManagement
import SMI
import Synchronization

// What a SET comes to in each manager. A part is committed at most once, then undone or released.

/// What a SET comes to in one more manager. The binding that fails is named by what is thrown.
package protocol SetPart: Sendable {
    /// Whether what it changes ends with the daemon. Then its commit need not wait until the audit has it on disk.
    var isFleeting: Bool { get }
    /// Makes every change or none.
    func commit() async throws(RefusedBinding)
    /// Makes everything what it was before `commit`.
    func undo() async throws(RefusedBinding)
    /// The SET is over: called after `commit` or `undo`, or when neither came.
    func release()
}

extension SetPart {
    package var isFleeting: Bool { false }
}

/// Operations that begin, end or go.
struct OperationPart: SetPart {
    let transaction: OperationTransaction
    /// The first variable binding that is about an operation.
    let binding: Int

    func commit() async throws(RefusedBinding) {
        do {
            try transaction.commit()
        } catch {
            throw RefusedBinding(WriteRefusal(.commitFailed, error.message), binding)
        }
    }

    func undo() async throws(RefusedBinding) {
        transaction.undo()
    }

    func release() {
        transaction.release()
    }
}

/// The settings of interfaces.
struct InterfacePart: Sendable {
    let transaction: InterfaceTransaction
    /// Beside the transaction's requests: which variable binding each is about.
    let bindings: [Int]
}

/// The rows of the policy.
final class PolicyPart: Sendable {
    enum Reservation: Sendable {
        /// The policy changes.
        case policy(PolicyTransaction)
        /// Only rows that are no policy yet, or the lock; the transaction keeps others away.
        case rowsOnly(PolicyTransaction)
    }

    private let transaction: Reservation
    private let rows: PolicyRowState
    private let before: PolicyRowContent
    private let after: PolicyRowContent
    /// The first variable binding that is about the policy.
    let binding: Int

    init(
        transaction: Reservation, rows: PolicyRowState, before: PolicyRowContent, after: PolicyRowContent, binding: Int
    ) {
        self.transaction = transaction
        self.rows = rows
        self.before = before
        self.after = after
        self.binding = binding
    }

    func commit() async throws(PolicyError) {
        if case .policy(let transaction) = transaction { try await transaction.commit() }
        rows.replace(with: after)
    }

    func undo() async throws(PolicyError) {
        if case .policy(let transaction) = transaction { try await transaction.undo() }
        rows.replace(with: before)
        release()
    }

    func release() {
        switch transaction {
        case .policy(let transaction), .rowsOnly(let transaction): transaction.release()
        }
    }
}

/// Trials, which change nothing but themselves.
final class TrialPart: Sendable {
    private let trials: SecurityTrials
    private let rows: [TrialKey: Trial?]
    private let previous = Mutex<[TrialKey: Trial?]>([:])
    /// The first variable binding that is about a trial.
    let binding: Int

    init(trials: SecurityTrials, rows: [TrialKey: Trial?], binding: Int) {
        self.trials = trials
        self.rows = rows
        self.binding = binding
    }

    /// Whether there was room.
    func commit() -> Bool {
        guard let replaced = trials.replace(rows) else { return false }
        previous.withLock { $0 = replaced }
        return true
    }

    func undo() {
        _ = trials.replace(previous.withLock { $0 })
    }
}
