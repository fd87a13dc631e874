import NetworkModel

/// Turns what happens to what security rests on into alarms.
package struct SecurityAlarms: Sendable {
    private let alarms: AlarmManager

    package init(_ alarms: AlarmManager) {
        self.alarms = alarms
    }

    package func take(_ event: SecurityEvent) {
        switch event {
        case .auditFailed(let error): auditFails(error)
        case .auditRestored: alarms.clear(Self.audit)
        case .principalUnavailable:
            alarms.raise(
                Self.principal, .major, "SETs come without their principal: snmpd's orion module is not loaded")
        case .principalRestored: alarms.clear(Self.principal)
        case .accessDenied, .policyChanged, .principalForged, .agentAccessWeak, .agentRefused: break
        }
    }

    /// What holds at the start, whatever was raised before: no SET has come without its principal yet.
    package func begin(auditFailure: StoreError?) {
        alarms.clear(Self.principal)
        if let auditFailure { auditFails(auditFailure) } else { alarms.clear(Self.audit) }
    }

    private static let audit = AlarmKey(.auditFailed, .system)
    private static let principal = AlarmKey(.principalMissing, .system)

    private func auditFails(_ error: StoreError) {
        alarms.raise(Self.audit, .critical, "the audit takes no records and every SET is refused: \(error)")
    }
}
