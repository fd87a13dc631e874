import NetworkManagement
import NetworkModel
import OrionSchema
import SMI
import Synchronization

/// What one variable binding asks of an alarm.
package struct AlarmEdit: Sendable, Hashable {
    let identifier: UInt32
    /// What it is raised on: the policy is asked about that.
    let subject: AlarmSubject
    let isAcknowledged: Bool
}

/// orionAlarmActiveTable, as it is set.
struct WritableAlarmTable: WritableTable {
    let alarms: AlarmManager

    var schema: TableSchema { OrionAlarmMIB.OrionAlarmActiveEntry.table }

    func change(column: Int, row tail: ArraySlice<UInt32>, to value: Value) throws(WriteRefusal) -> ManagedChange {
        guard let column = OrionAlarmMIB.OrionAlarmActiveEntry.WritableColumn(rawValue: column) else {
            throw WriteRefusal(.notWritable)
        }
        guard tail.count == 1, let identifier = tail.first, let alarm = alarms.snapshot.alarm(identifier) else {
            throw WriteRefusal(.noCreation)
        }
        switch column {
        case .orionAlarmActiveAcknowledged:
            return .alarm(
                AlarmEdit(identifier: identifier, subject: alarm.key.subject, isAcknowledged: try value.truth()))
        }
    }
}

/// Makes the acknowledgements of a SET one part of it.
struct AlarmPreparer: SetPreparer {
    let alarms: AlarmManager

    func prepare(_ changes: [ManagedChange], by principal: Principal) throws(RefusedBinding) -> (any SetPart)? {
        var edits: [(AlarmEdit, binding: Int)] = []
        for (position, change) in changes.enumerated() {
            if case .alarm(let edit) = change { edits.append((edit, position + 1)) }
        }
        return edits.isEmpty ? nil : AlarmPart(alarms: alarms, edits: edits, principal: principal.printableName)
    }
}

/// Acknowledgements of alarms.
private final class AlarmPart: SetPart {
    private let alarms: AlarmManager
    private let edits: [(AlarmEdit, binding: Int)]
    private let principal: String
    /// What was before, for each edit that is made.
    private let previous = Mutex<[AlarmAcknowledgement?]>([])

    init(alarms: AlarmManager, edits: [(AlarmEdit, binding: Int)], principal: String) {
        self.alarms = alarms
        self.edits = edits
        self.principal = principal
    }

    func commit() async throws(RefusedBinding) {
        for (edit, binding) in edits {
            do {
                let before = try alarms.acknowledge(edit.identifier, edit.isAcknowledged, by: principal)
                previous.withLock { $0.append(before) }
            } catch {
                takeBack()
                throw RefusedBinding(WriteRefusal(.commitFailed, error.message), binding)
            }
        }
    }

    func undo() async throws(RefusedBinding) {
        takeBack()
    }

    func release() {}

    private func takeBack() {
        let before = previous.withLock { previous in
            defer { previous = [] }
            return previous
        }
        for ((edit, _), before) in zip(edits, before).reversed() {
            // One that was cleared meanwhile has nothing to take back.
            _ = try? alarms.setAcknowledgement(edit.identifier, before, by: principal)
        }
    }
}
