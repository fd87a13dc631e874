import NetworkModel

/// Asks the policy whether somebody may make a change of the configuration, each thing once.
///
/// A section says what it says of whatever it fits: by its name, an address, a bus or a kind, or as a default of a
/// driver. So the policy is asked about what is said, and about each interface that becomes another by it.
struct ConfigurationJudgement {
    private let principal: Principal
    private let target: any ConfigurationTarget
    private let links: [String: ObservedLink]
    private var asked: Set<AccessRequest> = []
    private(set) var findings: [ConfigurationFinding] = []

    init(_ principal: Principal, _ target: any ConfigurationTarget, observed: [ObservedLink]) {
        self.principal = principal
        self.target = target
        links = Dictionary(observed.map { ($0.name, $0) }) { first, _ in first }
    }

    /// What is said.
    mutating func judge(_ changes: [SettingDifference]) {
        for change in changes {
            ask(AccessRequest(change.path) { links[$0].map { AccessTarget($0) } }, change.path.description)
        }
    }

    /// The interfaces of which something else is wanted than before.
    mutating func judge(_ new: InterfaceResolution, before old: InterfaceResolution) {
        for name in Set(new.wanted.keys).union(old.wanted.keys).sorted() {
            let (item, earlier) = (new.wanted[name], old.wanted[name])
            guard item != earlier else { continue }
            for key in Set(item?.keys ?? []).union(earlier?.keys ?? []).sorted() where item?[key] != earlier?[key] {
                let path = item?[key] == nil ? old.path(name, key) : new.path(name, key)
                ask(request(name, key, kind: item?["kind"]?.text), path.description)
            }
        }
    }

    /// The interfaces that the steps touch. One that only makes again what was wanted before is nobody's change.
    mutating func judge(_ plan: ConfigurationPlan, _ new: InterfaceResolution, before old: InterfaceResolution) {
        for step in plan.steps {
            let name = step.step.name
            let key = step.setting.split(separator: ".").last.map(String.init) ?? ""
            switch step.step {
            case .create(_, let link): ask(request(name, key, kind: link.kind.rawValue), step.setting)
            case .delete:
                ask(request(name, key), step.setting)
                for other in lost(with: name) { ask(request(other, key), step.setting) }
            case .set, .restoreAddresses, .restoreRoutes:
                if let wanted = new.wanted[name]?[key], wanted == old.wanted[name]?[key] { continue }
                ask(request(name, key), step.setting)
            }
        }
    }

    /// What goes with an interface: whatever runs on it, and what its ports are ports of.
    private func lost(with name: String) -> [String] {
        var lost: Set<String> = []
        var open = [name]
        while let name = open.popLast() {
            for link in links.values where link.lower == name && link.name != name {
                if lost.insert(link.name).inserted { open.append(link.name) }
            }
        }
        return (lost + links.values.filter { $0.master == name }.map(\.name)).sorted()
    }

    private func request(_ name: String, _ key: String, kind: String? = nil) -> AccessRequest {
        AccessRequest(SettingPath(.interfaces, name, key)) { name in
            links[name].map { AccessTarget($0) } ?? kind.map { .interface(name: name, kind: $0, driver: nil) }
        }
    }

    private mutating func ask(_ request: AccessRequest, _ setting: String) {
        guard asked.insert(request).inserted else { return }
        let decision = target.isPermitted(principal, to: request)
        guard !decision.isPermitted else { return }
        findings.append(.init(.error, setting, "to change \(request.target): \(decision)"))
    }
}
