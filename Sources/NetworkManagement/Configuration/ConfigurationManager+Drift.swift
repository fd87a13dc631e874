package import NetworkModel
import Synchronization

extension ConfigurationManager {
    /// How often a setting is repaired within `repairWindow` before whatever changes it back is left alone.
    private static let mostRepairs = 3
    private static let repairWindow: Duration = .seconds(60)

    /// Compares the kernel with the configuration in force; tells what is new, and repairs it when
    /// `interface_auto_config` says so. Call after interfaces changed.
    package func checkDrift() async {
        let snapshot = snapshot
        guard snapshot.configuration.items[.interfaces] != nil else { return }
        try? await exclusively { () async throws(ManagementError) in
            let observed = try observe(snapshot.configuration, snapshot)
            let planner = ConfigurationPlanner(
                InterfaceResolution(snapshot.configuration, observed), previous: snapshot.configuration,
                baseline: currentBaseline, observed: observed)
            let overrides = state.withLock { $0.overrides }
            let steps = planner.plan.steps.filter { !overrides.contains(Self.key(of: $0)) }
            let drift = steps.map(ConfigurationDrift.init)
            tell(drift)
            if snapshot.deadline == nil { keep(planner.baseline) }
            if !steps.isEmpty, snapshot.configuration.networkManager.interfaceAutoConfig { repair(steps) }
        }
    }

    private var currentBaseline: ConfigurationBaseline {
        state.withLock { $0.pending?.intent.baseline ?? $0.baseline }
    }

    /// "interface.key": what a SET changes of an interface.
    private static func key(of step: ConfigurationPlan.Step) -> String {
        "\(step.step.name).\(step.setting.split(separator: ".").last ?? "")"
    }

    private func tell(_ drift: [ConfigurationDrift]) {
        let isNew = update { state in
            let known = Set(state.drift)
            let added = drift.contains { !known.contains($0) }
            if state.drift != drift { state.drift = drift }
            if added { state.counts.drifts += 1 }
            return added
        }
        if isNew { events(.driftDetected(drift)) }
    }

    private func repair(_ steps: [ConfigurationPlan.Step]) {
        let now = clock.now()
        var repaired: [ConfigurationDrift] = []
        for step in steps {
            let key = Self.key(of: step)
            let isAllowed = state.withLock { state in
                let recent = (state.repairs[key] ?? []).filter { now - $0 < Self.repairWindow }
                state.repairs[key] = recent + [now]
                return recent.count < Self.mostRepairs
            }
            guard isAllowed else { continue }
            // What fails stays in the list of drift, and is tried again with the next change.
            do { try platform.apply(step.step) } catch { continue }
            repaired.append(ConfigurationDrift(step))
        }
        guard !repaired.isEmpty else { return }
        let done = Set(repaired)
        update { state in
            state.drift.removeAll { done.contains($0) }
            state.counts.repairs += 1
        }
        events(.driftRepaired(repaired))
    }

    // MARK: SETs of ordinary objects

    /// Takes a SET that the kernel has already: as a revision of its own when `persist_sets` says so, else as lasting
    /// until the next commit.
    package func absorb(
        _ changes: [(interface: String, key: String, value: SettingValue)], by principal: Principal
    ) async {
        let snapshot = snapshot
        let isPersistent = snapshot.configuration.security.persistSets && snapshot.deadline == nil
        guard isPersistent else {
            state.withLock { state in
                for change in changes { state.overrides.insert("\(change.interface).\(change.key)") }
            }
            return
        }
        var candidate = snapshot.configuration
        for change in changes {
            _ = candidate.set(SettingPath(.interfaces, change.interface, change.key), to: change.value)
        }
        guard candidate != snapshot.configuration else { return }
        var request = ConfigurationRequest(principal, .set)
        request.base = snapshot.revision
        let outcome = await commit(candidate, request)
        guard outcome.failure != nil else { return }
        state.withLock { state in
            for change in changes { state.overrides.insert("\(change.interface).\(change.key)") }
        }
    }
}

extension ConfigurationDrift {
    init(_ step: ConfigurationPlan.Step) {
        self.init(setting: step.setting, interface: step.step.name, text: step.step.description)
    }
}
