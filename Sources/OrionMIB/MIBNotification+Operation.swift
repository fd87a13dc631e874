package import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

extension MIBNotification {
    /// What a console is told of an operation; nil when it is told nothing.
    package init?(_ event: OperationEvent, _ objects: OperationObjects) {
        guard case .finished(let operation) = event else { return nil }
        typealias Column = OrionOperationMIB.OrionOperationEntry.Column
        let columns: [Column] = [
            .orionOperationKind, .orionOperationTarget, .orionOperationState, .orionOperationError,
            .orionOperationResult, .orionOperationRequester, .orionOperationDuration,
        ]
        self.init(
            OrionOperationMIB.orionOperationFinished,
            columns.map { column in
                VarBind(column.schema.oid.appending(operation.key.tail), objects.value(column, of: operation))
            })
    }
}
