import NetworkManagement
import NetworkModel

/// The managers of the daemon as what takes over a configuration.
struct DaemonConfigurationTarget: ConfigurationTarget {
    let security: SecurityManager
    let thresholds: ThresholdManager
    let drivers: DriverManager
    let source: ConfigurationSource
    /// Takes over the daemon's own settings; those that need a restart are as they were.
    let reconfigure: @Sendable (NetworkConfiguration) -> Void

    var policy: SecurityPolicy { security.snapshot.policy }

    func isPermitted(_ principal: Principal, to request: AccessRequest) -> AccessDecision {
        security.decide(principal, request)
    }

    var managers: [SourceAddress] { security.managers }

    func risks(of configuration: NetworkConfiguration, from old: NetworkConfiguration) -> [ConfigurationFinding] {
        // What the command line says holds at the next start too.
        var (wanted, current) = (configuration, old)
        source.applyOverrides(to: &wanted)
        source.applyOverrides(to: &current)
        return ConfigurationChange.risks(of: wanted, from: current)
    }

    func findings(for configuration: NetworkConfiguration) -> [ConfigurationFinding] {
        drivers.findings(for: configuration)
    }

    func takeOver(
        _ configuration: NetworkConfiguration, from old: NetworkConfiguration, by principal: Principal
    ) async throws(ManagementError) {
        let changes = policyChanges(from: old, to: configuration)
        if !changes.isEmpty {
            do {
                try await security.apply(changes, by: principal)
            } catch {
                throw ManagementError(error)
            }
        }
        if old.items[.threshold] != configuration.items[.threshold] {
            thresholds.configure(from: configuration)
        }
        reconfigure(ConfigurationChange(from: old, to: configuration).effective)
    }

    /// What makes the rules of `old` those of `new`, whether or not some already are; others are left alone.
    private func policyChanges(
        from old: NetworkConfiguration, to new: NetworkConfiguration
    ) -> [PolicyChange] {
        guard old.items[.policy] != new.items[.policy] else { return [] }
        let policy = security.snapshot.policy
        var changes: [PolicyChange] = []
        let wanted = new.items[.policy] ?? [:]
        for name in (old.items[.policy] ?? [:]).keys.sorted() where wanted[name] == nil {
            if policy.rule(name) != nil { changes.append(.remove(name)) }
        }
        for (name, item) in new.items(of: .policy) {
            guard let rule = SecurityRule(name: name, item) else { continue }
            let present = policy.rule(name)
            if present == nil { changes.append(.add(rule)) } else if present != rule { changes.append(.modify(rule)) }
        }
        return changes
    }
}
