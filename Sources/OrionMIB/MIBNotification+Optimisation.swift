package import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

extension MIBNotification {
    /// What a console is told of a finding.
    package init(_ event: OptimisationEvent, _ objects: PerformanceObjects) {
        let (schema, finding) =
            switch event {
            case .applied(let finding): (OrionPerformanceMIB.orionPerformanceFindingApplied, finding)
            case .confirmed(let finding): (OrionPerformanceMIB.orionPerformanceFindingConfirmed, finding)
            case .reverted(let finding): (OrionPerformanceMIB.orionPerformanceFindingReverted, finding)
            case .failed(let finding): (OrionPerformanceMIB.orionPerformanceFindingFailed, finding)
            }
        typealias Column = OrionPerformanceMIB.OrionPerformanceFindingEntry.Column
        let columns: [Column] = [
            .orionPerformanceFindingRule, .orionPerformanceFindingIfIndex, .orionPerformanceFindingName,
            .orionPerformanceFindingChange, .orionPerformanceFindingResult, .orionPerformanceFindingRequester,
        ]
        self.init(
            schema,
            columns.compactMap { column in
                objects.value(column, of: finding).map {
                    VarBind(column.schema.oid.appending(finding.identifier), $0)
                }
            })
    }
}
