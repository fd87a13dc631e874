package import NetworkModel
import Synchronization

/// Keeps what the past foretells of each interface, and raises alarms about what is abnormal and what will run full.
package final class ForecastManager: Sendable {
    /// One direction of one interface, as of the end of the latest interval.
    package struct Forecast: Sendable, Hashable {
        package let index: InterfaceIndex
        package let isReceived: Bool
        package let value: Float
        package let verdict: HoltWinters.Verdict?
        package let saturation: SaturationForecast?
    }

    /// All of them. Ascending by interface, received before transmitted.
    package final class Snapshot: Sendable {
        package let forecasts: [Forecast]

        init(_ forecasts: [Forecast]) {
            self.forecasts = forecasts
        }
    }

    private let alarms: AlarmManager
    private let state = Mutex(Snapshot([]))

    package init(alarms: AlarmManager) {
        self.alarms = alarms
    }

    package var snapshot: Snapshot { state.withLock { $0 } }

    /// Of the speed, what counts as full.
    private static let fullness: Float = 0.9
    /// Steps of a quarter of an hour within which running full is an alarm: a week.
    private static let horizon: Float = 7 * 96

    /// Takes in what intervals that ended showed.
    package func take(_ found: PerformanceFindings?, _ interfaces: InterfaceSnapshot) {
        guard let found else { return }
        var forecasts: [Forecast] = []
        for finding in found.findings {
            guard let row = interfaces.row(finding.index) else { continue }
            let limit = interfaces.speed(of: row).map { Float($0.value) / 8 * Self.fullness }
            let forecast = Forecast(
                index: finding.index, isReceived: finding.isReceived, value: finding.value, verdict: finding.verdict,
                saturation: limit.flatMap { finding.saturation(limit: $0) })
            forecasts.append(forecast)
            judge(forecast, row)
        }
        if !found.unmeasured.isEmpty { clear(Set(found.unmeasured)) }
        let old = snapshot.forecasts.filter { interfaces.row($0.index) != nil }
        let snapshot = Snapshot(
            old.prefix { $0.index < found.indexes.lowerBound } + forecasts
                + old.drop { $0.index <= found.indexes.upperBound })
        state.withLock { $0 = snapshot }
    }

    /// Of what was not measured nobody knows whether it is still abnormal, or still grows.
    private func clear(_ unmeasured: Set<InterfaceIndex>) {
        alarms.retain { key in
            guard key.kind == .anomaly || key.kind == .saturation, let index = key.subject.interface else {
                return true
            }
            return !unmeasured.contains(index)
        }
    }

    private func judge(_ forecast: Forecast, _ row: InterfaceRow) {
        let direction = forecast.isReceived ? "in" : "out"
        let subject = AlarmSubject.interface(row.index, row.link.name)
        alarms.set(
            AlarmKey(.anomaly, subject, detail: direction), forecast.verdict?.isAbnormal ?? false, .warning,
            "\(row.link.name), \(direction): traffic is not what it is at this time of the day")
        alarms.set(
            AlarmKey(.saturation, subject, detail: direction),
            forecast.saturation.map { $0.steps <= Self.horizon } ?? false, .warning,
            "\(row.link.name), \(direction): grows towards 90 % of its speed")
    }
}
