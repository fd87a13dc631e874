import NetworkManagement
import OrionSchema
import SMI

/// orionMonitoringMetricTable.
struct MetricTable: TableSource {
    let metrics: MetricsRegistry

    var schema: TableSchema { OrionMonitoringMIB.OrionMonitoringMetricEntry.table }

    func open() -> any TableReading { Reading(metrics.all) }

    struct Reading: TableReading {
        private let metrics: [MetricsRegistry.Metric]
        let rows: RowIndex

        init(_ all: [MetricsRegistry.Metric]) {
            // A name that is too long for an index is not shown.
            metrics = all.filter { (1...64).contains($0.name.utf8.count) }
            rows = RowIndex(metrics.map { CountedIndex.words($0.name.utf8) })
        }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionMonitoringMIB.OrionMonitoringMetricEntry.Column(rawValue: column) else {
                return nil
            }
            let metric = metrics[position]
            switch column {
            case .orionMonitoringMetricKind: return .integer(metric.kind.rawValue)
            case .orionMonitoringMetricCount: return .counter64(metric.values.count)
            case .orionMonitoringMetricTotal: return .counter64(metric.values.total)
            case .orionMonitoringMetricLast: return .counter64(metric.values.last)
            case .orionMonitoringMetricMaximum: return .counter64(metric.values.maximum)
            }
        }
    }
}
