import NetworkModel
import Synchronization

extension ConfigurationManager {
    /// How often a setting is repaired within `repairWindow` before whatever changes it back is left alone.
    private static let mostRepairs = 3
    private static let repairWindow: Duration = .seconds(60)

    /// Compares the kernel with the configuration in force; tells what is new, and repairs it when
    /// `interface_auto_config` says so; the defaults of drivers, always. What has appeared since the last call, as after
    /// its driver was reloaded, is configured without a word of drift. Call after interfaces changed.
    package func checkDrift() async {
        let snapshot = snapshot
        guard snapshot.configuration.configuresInterfaces else { return tell([]) }
        try? await exclusively { () async throws(ManagementError) in
            let observed = try observe(snapshot.configuration, snapshot)
            let arrived = takeArrivals(observed)
            let resolution = InterfaceResolution(snapshot.configuration, observed)
            let planner = ConfigurationPlanner(
                resolution, previous: snapshot.configuration, baseline: baseline(without: arrived), observed: observed)
            // What waited for an interface that has appeared comes with it.
            let late = arrived.isEmpty ? [] : arrived.union(resolution.followers(of: arrived))
            let overrides = state.withLock { $0.overrides }
            var steps = planner.plan.steps.filter { !overrides.contains(Self.key(of: $0)) }
            let isRepairing = snapshot.configuration.networkManager.interfaceAutoConfig
            func isMade(_ step: ConfigurationPlan.Step) -> Bool { isRepairing || Self.isDriverDefault(step) }
            let fresh = steps.filter { late.contains($0.step.name) && isMade($0) }
            let configured = apply(fresh)
            steps.removeAll { configured.contains(ConfigurationDrift($0)) }
            if !configured.isEmpty { events(.interfacesConfigured(configured)) }
            tell(steps.map(ConfigurationDrift.init))
            if snapshot.deadline == nil { keep(planner.baseline) }
            repair(steps.filter { !late.contains($0.step.name) && isMade($0) })
        }
    }

    /// The interfaces that were not there at the last call, or are others of the same name; nothing that was done to
    /// their predecessors holds for them.
    private func takeArrivals(_ observed: [ObservedLink]) -> Set<String> {
        state.withLock { state in
            let now = Dictionary(observed.map { ($0.name, $0.index) }) { first, _ in first }
            let arrived = state.known.map { known in Set(now.filter { known[$0.key] != $0.value }.keys) } ?? []
            for (name, index) in state.known ?? [:] where now[name] != index {
                state.overrides = state.overrides.filter { !$0.hasPrefix(name + ".") }
                state.repairs = state.repairs.filter { !$0.key.hasPrefix(name + ".") }
            }
            state.known = now
            return arrived
        }
    }

    /// What settings were before, without what is known of interfaces that are gone by now; those that the configuration
    /// makes are known by their name.
    private func baseline(without arrived: Set<String>) -> ConfigurationBaseline {
        state.withLock { $0.pending?.intent.baseline ?? $0.baseline }.filter { name, item in
            !arrived.contains(name) || item["kind"] != nil
        }
    }

    private static func isDriverDefault(_ step: ConfigurationPlan.Step) -> Bool {
        step.setting.hasPrefix(ItemKind.drivers.rawValue + ".")
    }

    /// Whether the configuration in force wants an interface up.
    package func wantsUp(_ row: InterfaceRow) -> Bool {
        let configuration = snapshot.configuration
        guard configuration.items[.interfaces] != nil else { return false }
        let resolution = InterfaceResolution(configuration, [ObservedLink(row)])
        return resolution.wanted[row.link.name]?["admin"] == .text("up")
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
        let repaired = apply(
            steps.filter { step in
                let key = Self.key(of: step)
                return state.withLock { state in
                    let recent = (state.repairs[key] ?? []).filter { now - $0 < Self.repairWindow }
                    state.repairs[key] = recent + [now]
                    return recent.count < Self.mostRepairs
                }
            })
        guard !repaired.isEmpty else { return }
        let done = Set(repaired)
        update { state in
            state.drift.removeAll { done.contains($0) }
            state.counts.repairs += 1
        }
        events(.driftRepaired(repaired))
    }

    /// Makes the steps that can be made; what fails stays in the list of drift, and is tried again with the next change.
    ///
    /// - Returns: what was made.
    private func apply(_ steps: [ConfigurationPlan.Step]) -> [ConfigurationDrift] {
        steps.filter { step in
            do {
                try platform.apply(step.step)
                return true
            } catch {
                return false
            }
        }.map(ConfigurationDrift.init)
    }
}

extension ConfigurationDrift {
    init(_ step: ConfigurationPlan.Step) {
        self.init(setting: step.setting, interface: step.step.name, text: step.step.description)
    }
}

extension ObservedLink {
    /// What tells an interface from others.
    fileprivate init(_ row: InterfaceRow) {
        self.init(index: row.index.number, name: row.link.name)
        kind = row.link.kind
        address = row.link.address.description
        permanentAddress = row.link.permanentAddress?.description
        busAddress = row.device?.busAddress
        driver = row.device?.driver
    }
}
