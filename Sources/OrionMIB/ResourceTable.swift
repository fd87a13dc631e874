import NetworkManagement
import OrionSchema
import SMI

/// orionMonitoringResourceTable.
struct ResourceTable: TableSource {
    let process: ProcessMonitor

    var schema: TableSchema { OrionMonitoringMIB.OrionMonitoringResourceEntry.table }

    func open() -> any TableReading { Reading(report: process.report) }

    struct Reading: TableReading {
        let report: ProcessMonitor.Report

        private static let index = RowIndex.integers(ProcessMonitor.Resource.allCases.map { UInt32($0.rawValue) })

        var rows: RowIndex { Self.index }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionMonitoringMIB.OrionMonitoringResourceEntry.Column(rawValue: column) else {
                return nil
            }
            // Before the first reading nothing is used.
            let account = report.accounts[ProcessMonitor.Resource.allCases[position]] ?? .init()
            switch column {
            case .orionMonitoringResourceBudget: return .counter64(account.budget)
            case .orionMonitoringResourceUsed: return .counter64(account.used)
            case .orionMonitoringResourceEnforced: return .truth(report.isEnforced)
            case .orionMonitoringResourceExceeded: return .truth(account.isExceeded)
            case .orionMonitoringResourceExceedances: return .counter32(account.exceedances)
            case .orionMonitoringResourceMeasures: return .counter32(account.measures)
            case .orionMonitoringResourceMeasure: return .line(account.measure)
            }
        }
    }
}
