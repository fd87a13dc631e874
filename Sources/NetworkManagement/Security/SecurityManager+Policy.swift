package import NetworkModel
import Synchronization

extension SecurityManager {
    /// Checks changes against the present policy and reserves the right to make them, until the transaction is committed,
    /// released or forgotten. Nothing observable happens yet.
    ///
    /// - Throws: what the changes lack; `.busy` when others are under way.
    package func prepare(
        _ changes: [PolicyChange], by principal: Principal
    ) throws(PolicyError) -> PolicyTransaction {
        let (number, before): (UInt64, SecurityPolicy) = try state.withLock { state throws(PolicyError) in
            guard state.reservation == nil else {
                throw PolicyError(.busy, "another change of the policy is under way")
            }
            state.lastReservation += 1
            state.reservation = state.lastReservation
            return (state.lastReservation, state.snapshot.policy)
        }
        do {
            let after = try before.applying(changes)
            return PolicyTransaction(
                manager: self, number: number, before: before, after: after, principal: principal,
                warnings: after.warnings())
        } catch {
            endReservation(number)
            throw error
        }
    }

    /// Makes changes at once: for an administrator on the host.
    ///
    /// - Returns: what the new policy does that is hardly meant.
    @discardableResult
    package func apply(_ changes: [PolicyChange], by principal: Principal) async throws(PolicyError) -> [PolicyWarning]
    {
        let transaction = try prepare(changes, by: principal)
        defer { transaction.release() }
        try await transaction.commit()
        return transaction.warnings
    }

    /// Records, keeps and publishes `policy` in the place of `replaced`.
    func replace(
        _ replaced: SecurityPolicy, with policy: SecurityPolicy, by principal: Principal, isUndo: Bool
    ) async throws(PolicyError) {
        var record = AuditRecord(.policyChange, principal: principal, phase: .begun)
        record.objects = replaced.differences(to: policy)
        record.reason = isUndo ? "takes back the change before" : ""
        let receipt: AuditReceipt?
        do {
            receipt = try await audit?.append(record)
            record.announcement = receipt?.sequence
            record.objects = []
            try await store.savePolicy(policy)
        } catch {
            record.phase = .failed
            record.reason = error.description
            if record.announcement != nil { audit?.record(record) }
            throw PolicyError(.notStored, error.description)
        }
        let snapshot = state.withLock { state in
            publish(policy, in: &state)
            return state.snapshot
        }
        record.phase = isUndo ? .undone : .committed
        audit?.record(record)
        events(.policyChanged(by: principal, revision: snapshot.revision, warnings: snapshot.warnings))
    }

    func endReservation(_ number: UInt64) {
        state.withLock { state in
            if state.reservation == number { state.reservation = nil }
        }
    }
}
