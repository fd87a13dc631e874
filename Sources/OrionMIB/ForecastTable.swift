import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

/// orionPerformanceForecastTable.
struct ForecastTable: TableSource {
    let forecasts: ForecastManager
    private let index = Derived<ForecastManager.Snapshot, RowIndex> { snapshot in
        RowIndex(snapshot.forecasts.map { [$0.index.number, $0.isReceived ? 1 : 2] })
    }

    init(forecasts: ForecastManager) {
        self.forecasts = forecasts
    }

    var schema: TableSchema { OrionPerformanceMIB.OrionPerformanceForecastEntry.table }

    func open() -> any TableReading {
        let snapshot = forecasts.snapshot
        return Reading(snapshot: snapshot, rows: index.of(snapshot))
    }

    struct Reading: TableReading {
        let snapshot: ForecastManager.Snapshot
        let rows: RowIndex

        /// Minutes in a step.
        private static let step: Float = 15

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionPerformanceMIB.OrionPerformanceForecastEntry.Column(rawValue: column) else {
                return nil
            }
            let forecast = snapshot.forecasts[position]
            switch column {
            case .orionPerformanceForecastValue: return .gauge64(forecast.value)
            case .orionPerformanceForecastExpected: return forecast.verdict.map { .gauge64($0.expected) }
            case .orionPerformanceForecastLower: return forecast.verdict.map { .gauge64($0.lower) }
            case .orionPerformanceForecastUpper: return forecast.verdict.map { .gauge64($0.upper) }
            case .orionPerformanceForecastAbnormal: return forecast.verdict.map { .truth($0.isAbnormal) }
            case .orionPerformanceForecastSaturation: return forecast.saturation.map { .gauge($0.steps * Self.step) }
            case .orionPerformanceForecastSaturationEarliest:
                return forecast.saturation.map { .gauge($0.earliest * Self.step) }
            case .orionPerformanceForecastSaturationLatest:
                return forecast.saturation.map { .gauge($0.latest * Self.step) }
            }
        }
    }
}
