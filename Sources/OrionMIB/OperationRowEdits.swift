import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

/// What one variable binding asks of an operation's row.
package struct OperationEdit: Sendable, Hashable {
    let key: OperationKey
    let column: OrionOperationMIB.OrionOperationEntry.WritableColumn
    let value: Value
}

/// What the variable bindings of one SET ask of operations, put together row by row.
struct OperationRowEdits {
    private struct Row {
        let key: OperationKey
        var kind: (identity: OID, binding: Int)?
        var target: (pointer: OID, binding: Int)?
        var argument: (text: String, binding: Int)?
        var abort: (isWanted: Bool, binding: Int)?
        var status: (value: SNMPv2TC.RowStatus, binding: Int)?
        let firstBinding: Int
    }

    private var rows: [Row] = []
    private var positions: [OperationKey: Int] = [:]

    mutating func add(_ edit: OperationEdit, binding: Int) throws(WriteRefusal) {
        let position = positions[edit.key] ?? rows.count
        if position == rows.count {
            rows.append(Row(key: edit.key, firstBinding: binding))
            positions[edit.key] = position
        }
        switch edit.column {
        case .orionOperationKind: rows[position].kind = (try edit.value.identifier(), binding)
        case .orionOperationTarget: rows[position].target = (try edit.value.identifier(), binding)
        case .orionOperationArgument: rows[position].argument = (try edit.value.text(), binding)
        case .orionOperationAbort: rows[position].abort = (try edit.value.truth(), binding)
        case .orionOperationRowStatus:
            let status = try edit.value.enumeration(SNMPv2TC.RowStatus.self)
            guard status == .createAndGo || status == .destroy || status == .active else {
                throw WriteRefusal(.wrongValue, "a row is made whole, by createAndGo, or destroyed")
            }
            rows[position].status = (status, binding)
        }
    }

    /// The changes that come of it, and which variable binding each is about.
    func plan(
        _ queue: OperationQueue, _ vocabulary: OperationVocabulary
    ) throws(RefusedBinding) -> [(change: OperationChange, binding: Int)] {
        var changes: [(change: OperationChange, binding: Int)] = []
        for row in rows {
            let exists = queue.operation(row.key) != nil
            switch row.status?.value {
            case .createAndGo:
                let binding = row.status?.binding ?? row.firstBinding
                if exists { throw RefusedBinding(WriteRefusal(.inconsistentValue, "the row exists already"), binding) }
                if row.key.owner == OperationKey.ownOwner {
                    throw RefusedBinding(WriteRefusal(.noCreation, "rows of this owner are not set"), binding)
                }
                if let abort = row.abort, abort.isWanted {
                    throw RefusedBinding(WriteRefusal(.inconsistentValue, "it has not begun"), abort.binding)
                }
                changes.append((.create(row.key, try order(row, vocabulary)), binding))
            case .destroy:
                if exists { changes.append((.remove(row.key), row.status?.binding ?? row.firstBinding)) }
            default:
                guard exists else {
                    throw RefusedBinding(WriteRefusal(.inconsistentName, "there is no such row"), row.firstBinding)
                }
                if let constant = row.kind?.binding ?? row.target?.binding ?? row.argument?.binding {
                    throw RefusedBinding(
                        WriteRefusal(.inconsistentValue, "what is asked for cannot be changed"), constant)
                }
                guard let abort = row.abort else { continue }
                guard abort.isWanted else {
                    guard queue.operation(row.key)?.isAbortRequested == true else { continue }
                    throw RefusedBinding(WriteRefusal(.inconsistentValue, "an abort is final"), abort.binding)
                }
                changes.append((.abort(row.key), abort.binding))
            }
        }
        return changes
    }

    private func order(_ row: Row, _ vocabulary: OperationVocabulary) throws(RefusedBinding) -> OperationOrder {
        guard let wanted = row.kind else {
            throw RefusedBinding(
                WriteRefusal(.inconsistentValue, "orionOperationKind is not set"),
                row.status?.binding ?? row.firstBinding)
        }
        guard let kind = vocabulary.kind(wanted.identity) else {
            throw RefusedBinding(WriteRefusal(.wrongValue, "no kind of operation"), wanted.binding)
        }
        guard let target = row.target else { return OperationOrder(kind, .system, argument: row.argument?.text ?? "") }
        guard let pointed = vocabulary.target(of: target.pointer) else {
            throw RefusedBinding(WriteRefusal(.inconsistentValue, "it points to nothing"), target.binding)
        }
        return OperationOrder(kind, pointed, argument: row.argument?.text ?? "")
    }
}
