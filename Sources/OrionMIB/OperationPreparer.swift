import NetworkManagement
import NetworkModel
import SMI

/// What a SET asks of the queue of operations, permitted and checked.
struct OperationPreparer: SetPreparer {
    let operations: OperationObjects
    let security: SecurityManager

    func prepare(_ changes: [ManagedChange], by principal: Principal) throws(RefusedBinding) -> (any SetPart)? {
        var edits = OperationRowEdits()
        var wanted: [(change: OperationChange, binding: Int)] = []
        for (position, change) in changes.enumerated() {
            switch change {
            case .operation(let edit):
                do {
                    try edits.add(edit, binding: position + 1)
                } catch {
                    throw RefusedBinding(error, position + 1)
                }
            case .order(let order): wanted.append((.create(nil, order), position + 1))
            default: break
            }
        }
        wanted += try edits.plan(operations.queue, operations.vocabulary)
        guard let first = wanted.map(\.binding).min() else { return nil }
        for (change, binding) in wanted {
            do throws(WriteRefusal) {
                try permit(change, to: principal)
            } catch {
                throw RefusedBinding(error, binding)
            }
        }
        return OperationPart(
            transaction: operations.queue.prepare(wanted.map(\.change), by: principal), binding: first)
    }

    private func permit(_ change: OperationChange, to principal: Principal) throws(WriteRefusal) {
        let queue = operations.queue
        do throws(ManagementError) {
            try queue.check(change)
            let order: OperationOrder
            switch change {
            case .create(_, let new): order = new
            case .abort(let key), .remove(let key):
                guard let operation = queue.operation(key) else { return }
                order = operation.order
            }
            let performer = try queue.performer(of: order.kind)
            let access = try performer.access(order)
            if let error = ManagementError(security.decide(principal, access)) { throw error }
            guard case .create = change else { return }
            let administration = AccessRequest(.administer, access.target)
            try performer.check(
                order, by: principal, isAdministrator: security.explain(principal, administration).decision.isPermitted)
        } catch {
            throw WriteRefusal(ErrorStatus(error.code), error.message)
        }
    }
}
