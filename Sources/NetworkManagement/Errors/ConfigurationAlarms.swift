import NetworkModel

/// Turns what happens to the configuration into alarms.
package struct ConfigurationAlarms: Sendable {
    private let alarms: AlarmManager

    package init(_ alarms: AlarmManager) {
        self.alarms = alarms
    }

    private static let drift = AlarmKey(.configurationDrift, .system)

    package func take(_ event: ConfigurationEvent) {
        switch event {
        case .driftDetected(let drift):
            alarms.raise(
                Self.drift, .warning,
                "the kernel differs from the configuration in \(drift.count) settings: \(drift.first?.text ?? "")")
        case .driftRepaired: alarms.clear(Self.drift)
        case .changed, .confirmed, .rolledBack, .failed: break
        }
    }
}
