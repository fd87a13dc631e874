import NetworkModel

/// What of a commit would, or may, cut off somebody who manages the host. It is done all the same.
struct ConfigurationRisks {
    /// Somebody who talks to the host over the network.
    struct Console {
        /// Continues "the way by which ...".
        let purpose: String
        /// The interface by which packets to them leave.
        let way: String
        let isIPv6: Bool
    }

    private enum Need: Comparable {
        /// One of several ports of a bridge, of which any may lead there.
        case possible
        case certain
    }

    private let plan: ConfigurationPlan
    private let links: [String: ObservedLink]
    /// The ports of each master that are up.
    private let ports: [String: [String]]
    /// What is shut, removed or moved.
    private let taken: Set<String>
    private(set) var findings: [ConfigurationFinding] = []

    /// - Parameter consoles: the weightiest first; a step is told of for one.
    init(_ plan: ConfigurationPlan, _ observed: [ObservedLink], consoles: [Console]) {
        self.plan = plan
        links = Dictionary(observed.map { ($0.name, $0) }) { first, _ in first }
        ports = Dictionary(grouping: observed.filter(\.isUp)) { $0.master ?? "" }.mapValues { $0.map(\.name) }
        taken = Set(
            plan.steps.filter { step in
                switch step.step {
                case .delete, .set(_, .up(false)), .set(_, .master): true
                default: false
                }
            }.map(\.step.name))
        guard !plan.isEmpty else { return }
        var told: Set<Int> = []
        for console in consoles {
            let needs = needs(of: console)
            for (position, step) in plan.steps.enumerated() where !told.contains(position) {
                guard let need = needs[step.step.name], cuts(step.step, console) else { continue }
                told.insert(position)
                let verb = need == .certain ? "that is" : "that may be"
                findings.append(
                    .init(
                        .risk, step.setting,
                        "\(step.step): \(verb) the way by which \(console.purpose); a commit to be confirmed comes back by "
                            + "itself"))
            }
        }
    }

    /// The interfaces that carry packets to somebody: the one they leave by, and those below it.
    private func needs(of console: Console) -> [String: Need] {
        var needs: [String: Need] = [:]
        var open: [(String, Need)] = [(console.way, .certain)]
        while let (name, need) = open.popLast() {
            guard needs[name].map({ $0 < need }) ?? true else { continue }
            needs[name] = need
            if let lower = links[name]?.lower { open.append((lower, need)) }
            let ports = ports[name] ?? []
            if ports.allSatisfy(taken.contains) {
                // The last ones that are up.
                open += ports.map { ($0, need) }
            } else if links[name]?.kind == "bridge" {
                open += ports.map { ($0, .possible) }
            }
        }
        return needs
    }

    /// RFC 791: what every host takes whole; and RFC 8200: below it the kernel has no IPv6 on an interface.
    private static let leastIPv4: UInt32 = 576
    private static let leastIPv6: UInt32 = 1280

    private func cuts(_ step: ConfigurationStep, _ console: Console) -> Bool {
        guard case .set(let name, let property) = step else {
            if case .delete = step { return true } else { return false }
        }
        switch property {
        // Neighbours send to the old address for a while.
        case .up(false), .master, .address: return true
        // A driver may negotiate anew, and a bridge that begins to speak STP listens first.
        case .linkMode, .options: return true
        case .removeAddress: return name == console.way
        case .mtu(let octets): return octets < (console.isIPv6 ? Self.leastIPv6 : Self.leastIPv4)
        case .up, .alias, .queueLength, .addAddress, .parameter, .feature: return false
        }
    }
}

extension ConfigurationRisks {
    /// That the policy would no longer let somebody confirm, or put right, what they commit.
    static func policy(
        _ candidate: NetworkConfiguration, _ previous: NetworkConfiguration, _ policy: SecurityPolicy,
        _ principal: Principal
    ) -> [ConfigurationFinding] {
        func isJudged(_ configuration: NetworkConfiguration) -> Bool {
            configuration.networkManager.accessControlEnabled
                && configuration.networkManager.securityPolicyEnforcement
        }
        guard principal.model != .host, isJudged(candidate) else { return [] }
        // What every edit, commit and confirmation of a session needs.
        let request = AccessRequest(.configure, .system)
        func denial(_ policy: SecurityPolicy) -> (isDenied: Bool, rule: String?) {
            let compiled = CompiledPolicy(policy)
            guard let index = compiled.firstRule(for: principal, request, at: CompiledPolicy.Moment()) else {
                return (policy.defaultEffect == .deny, nil)
            }
            return (compiled.rules[index].effect == .deny, compiled.rules[index].name)
        }
        var next = policy
        let names = Set((previous.items[.policy] ?? [:]).keys).union((candidate.items[.policy] ?? [:]).keys)
        next.rules.removeAll { names.contains($0.name) }
        next.rules += candidate.items(of: .policy).compactMap { SecurityRule(name: $0.name, $0.item) }
        let (isDenied, rule) = denial(next)
        guard isDenied, !isJudged(previous) || !denial(policy).isDenied else { return [] }
        let setting =
            rule.flatMap { name in
                candidate.items[.policy]?[name].map { _ in SettingPath(.policy, name, "effect").description }
            } ?? "policy"
        let why = rule.map { "rule \"\($0)\" denies" } ?? "no rule permits"
        return [
            .init(
                .risk, setting,
                "\(why) \(principal.printableName) to configure the system: you could neither confirm this nor take it back "
                    + "over SNMP; a commit to be confirmed comes back by itself")
        ]
    }
}
