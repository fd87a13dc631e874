import NetworkManagement
import NetworkModel
import SMI

extension MIBWriter {
    /// The policy's part of a SET: all its rows as one change, which nobody else can come between from here on.
    ///
    /// - Returns: nil when the SET asks nothing of the policy.
    func preparePolicy(
        _ changes: [ManagedChange], by principal: Principal
    ) throws(RefusedBinding) -> PolicyPart? {
        let compiled = security.snapshot.compiled
        let before = rows.content(at: clock.now())
        var edits = PolicyRowEdits(compiled.policy, before)
        for (position, change) in changes.enumerated() {
            if case .policy(let edit) = change { edits.add(edit, binding: position + 1) }
        }
        guard !edits.isEmpty else { return nil }
        let plan = try edits.plan(at: clock.now())
        let transaction: PolicyTransaction
        do {
            transaction = try security.prepare(plan.changes, by: principal)
        } catch {
            let binding = error.code == .busy ? edits.firstBinding : plan.binding(atFaultIn: compiled.policy)
            throw RefusedBinding(WriteRefusal(error), binding)
        }
        // The rows were read before the right to change them was ours.
        guard security.snapshot.compiled === compiled, rows.content(at: clock.now()) == before else {
            transaction.release()
            let refusal = WriteRefusal(.resourceUnavailable, "the policy changed meanwhile")
            throw RefusedBinding(refusal, edits.firstBinding)
        }
        return PolicyPart(
            transaction: plan.changes.isEmpty ? .rowsOnly(transaction) : .policy(transaction), rows: rows,
            before: before, after: plan.content, binding: edits.firstBinding)
    }
}
