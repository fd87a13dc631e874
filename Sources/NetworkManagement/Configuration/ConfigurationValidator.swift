import NetworkModel

/// What is wrong with a configuration: in itself, on this host, and for whoever asks for it.
///
/// That each value is of its type and within its range was seen when it was set.
struct ConfigurationValidator {
    let configuration: NetworkConfiguration
    let resolution: InterfaceResolution
    let links: [String: ObservedLink]
    let sections: [String: ConfigurationItem]
    let previous: NetworkConfiguration
    var findings: [ConfigurationFinding] = []
    /// More than that nobody reads.
    static let maximum = 1000

    init(
        _ configuration: NetworkConfiguration, _ resolution: InterfaceResolution, observed: [ObservedLink],
        policy: SecurityPolicy?, previous: NetworkConfiguration
    ) {
        self.configuration = configuration
        self.resolution = resolution
        links = Dictionary(observed.map { ($0.name, $0) }) { first, _ in first }
        sections = configuration.items[.interfaces] ?? [:]
        self.previous = previous
        checkRequired()
        checkRoom()
        for (name, item) in configuration.items(of: .interfaces) { checkSection(name, item) }
        for (name, item) in configuration.items(of: .threshold) { checkThreshold(name, item) }
        checkNesting()
        checkAddresses()
        checkIdentifiers()
        for name in resolution.wanted.keys.sorted() {
            if let item = resolution.wanted[name] { checkWanted(name, item) }
        }
        checkPorts()
        for name in resolution.absent { reportAbsent(name) }
        for wait in resolution.waiting { reportWaiting(wait) }
        for path in resolution.untuned.sorted(by: { $0.description < $1.description }) {
            guard findings.count < Self.maximum else { break }
            findings.append(
                .init(
                    .warning, path.description,
                    "is left alone while network_manager.interface_optimization_enabled is false"))
        }
        checkLimits()
        if let policy { checkPolicy(policy) }
    }

    mutating func report(
        _ severity: ConfigurationFinding.Severity, _ kind: ItemKind, _ name: String, _ key: String, _ text: String
    ) {
        guard findings.count < Self.maximum else { return }
        findings.append(.init(severity, SettingPath(kind, name, key).description, text))
    }

    /// What interfaces are to stand on each other: no loop, and no more than the kernel piles up.
    private mutating func checkNesting() {
        let nesting = InterfaceNesting(resolution, sections, links, previous.items[.interfaces] ?? [:])
        for loop in nesting.loops {
            guard findings.count < Self.maximum else { return }
            let name = loop.first { stands($0) } ?? loop.first ?? ""
            let names = loop.prefix(8).joined(separator: ", ") + (loop.count > 8 ? ", ..." : "")
            let path = resolution.path(name, stands(name, "master") ? "master" : "lower")
            findings.append(
                .init(
                    .error, path.description,
                    "\(name) would be above and below itself, a loop of \(names); take one of them out of its master, "
                        + "or let it run on another"))
        }
        for name in nesting.excessive {
            guard findings.count < Self.maximum else { return }
            let path = resolution.path(name, stands(name, "lower") ? "lower" : "kind")
            findings.append(
                .init(
                    .error, path.description,
                    "\(name) would be number \(InterfaceNesting.maximum + 1) of interfaces on top of one another, and "
                        + "the kernel takes \(InterfaceNesting.maximum) (MAX_NEST_DEV); let it run on a lower one"))
        }
    }

    /// Whether the configuration says what an interface is a port of, or runs on.
    private func stands(_ name: String) -> Bool { stands(name, "master") || stands(name, "lower") }

    private func stands(_ name: String, _ key: String) -> Bool {
        resolution.wanted[name]?[key]?.text?.isEmpty == false
    }

    private mutating func error(_ name: String, _ key: String, _ text: String) {
        report(.error, .interfaces, name, key, text)
    }

    // MARK: in itself

    /// A file cannot lack what is required; the edits of a session can.
    private mutating func checkRequired() {
        for kind in ItemKind.allCases {
            let required = kind.settings.filter(\.isRequired)
            guard !required.isEmpty else { continue }
            for (name, item) in configuration.items(of: kind) {
                for setting in required where item[setting.key] == nil {
                    report(
                        .error, kind, name, setting.key,
                        "is required and not said; expected \(setting.syntax.expectation)")
                }
            }
        }
    }

    /// What a console could not be shown whole is not taken from a file either.
    private mutating func checkRoom() {
        for kind in ItemKind.allCases {
            for (name, item) in configuration.items(of: kind) {
                for setting in kind.settings {
                    guard let value = item[setting.key] else { continue }
                    let path = SettingPath(kind, name, setting.key)
                    let octets = path.description.utf8.count
                    if octets > SettingPath.maximumOctets {
                        report(
                            .error, kind, name, setting.key,
                            "the name of this setting has \(octets) octets, and \(SettingPath.maximumOctets) at most can "
                                + "be shown and edited over SNMP; remove it")
                    }
                    guard case .list = value else { continue }
                    let length = value.plainText.utf8.count
                    if length > SettingValue.maximumTextOctets {
                        report(
                            .error, kind, name, setting.key,
                            "as text it has \(length) octets, and \(SettingValue.maximumTextOctets) at most can be shown "
                                + "and set over SNMP; say less")
                    }
                }
            }
        }
    }

    private mutating func checkSection(_ name: String, _ item: ConfigurationItem) {
        let matches = ["match_mac", "match_bus", "match_kind"].filter { item[$0] != nil }
        if matches.count > 1 {
            error(name, matches[1], "a section matches by one key, and \(matches[0]) is said too; remove one of them")
        }
        guard let link = VirtualLink(item) else {
            for key in Self.creationKeys where item[key] != nil {
                error(name, key, "is for an interface that is made; add kind, or remove it")
            }
            checkLinkMode(name, item)
            return
        }
        if let match = matches.first {
            error(name, match, "an interface that is made is known by its name; remove it or kind")
        }
        let kind = link.kind.rawValue
        if link.kind.needsLower, link.lower == nil {
            error(name, "lower", "a \(kind) needs the interface it runs on; say its name")
        }
        if !link.kind.mayHaveLower, let lower = link.lower {
            error(name, "lower", "a \(kind) runs on no other interface, and not on \(lower); remove it")
        }
        if link.lower == name { error(name, "lower", "\(name) cannot run on itself; name another interface") }
        if link.kind == .vlan, link.vlanIdentifier == nil {
            error(name, "vlan_id", "a vlan needs an identifier; say one from 1 to 4094")
        }
        if link.kind == .vxlan, link.vxlanIdentifier == nil {
            error(name, "vxlan_id", "a vxlan needs an identifier; say one from 1 to 16777215")
        }
        for key in Self.creationKeys where item[key] != nil && key != "lower" && key != "kind" {
            if !key.hasPrefix(kind + "_") { error(name, key, "is not for a \(kind); remove it") }
        }
        checkLinkMode(name, item)
    }

    private static let creationKeys = ItemKind.interfaces.settings.map(\.key).filter { key in
        key == "lower" || VirtualLink.Kind.allCases.contains { key.hasPrefix($0.rawValue + "_") }
    }

    private mutating func checkLinkMode(_ name: String, _ item: ConfigurationItem) {
        for key in ["speed", "duplex"] where item[key] != nil && item["autonegotiation"] != .boolean(false) {
            error(name, key, "is negotiated unless autonegotiation = false is said beside it; say that, or remove it")
        }
        if case .list(let on)? = item["offloads_on"], case .list(let off)? = item["offloads_off"] {
            for feature in on where off.contains(feature) {
                error(
                    name, "offloads_off", "\(feature) is to be on as well (offloads_on); remove it from one of the two")
            }
        }
    }

    private mutating func checkThreshold(_ name: String, _ item: ConfigurationItem) {
        guard let rising = item["rising"]?.integer, let falling = item["falling"]?.integer, falling > rising else {
            return
        }
        report(
            .error, .threshold, name, "falling",
            "\(falling) is above rising (\(rising)): it would be raised and cleared at once; lower it to \(rising) at most"
        )
    }

    private mutating func checkAddresses() {
        var owners: [InterfaceAddress: String] = [:]
        for name in resolution.wanted.keys.sorted() {
            for text in resolution.wanted[name]?["addresses"]?.list ?? [] {
                guard let address = InterfaceAddress(text) else { continue }
                guard !address.isLinkLocal else {
                    findings.append(
                        .init(
                            .warning, resolution.path(name, "addresses").description,
                            "\(text) is left alone: link-local addresses of IPv6 are the kernel's own; remove it"))
                    continue
                }
                let host = InterfaceAddress(octets: address.octets, prefixLength: 0)
                if let owner = owners[host] {
                    findings.append(
                        .init(
                            .error, resolution.path(name, "addresses").description,
                            "\(text) is an address of \(owner) too; give each its own"))
                }
                owners[host] = name
            }
        }
    }

    private mutating func checkIdentifiers() {
        var vlans: [String: String] = [:]
        for (name, item) in configuration.items(of: .interfaces) {
            guard let link = VirtualLink(item), let identifier = link.vlanIdentifier, let lower = link.lower else {
                continue
            }
            if let other = vlans["\(lower) \(identifier)"] {
                error(name, "vlan_id", "\(identifier) on \(lower) is that of \(other) too; give each its own")
            }
            vlans["\(lower) \(identifier)"] = name
        }
    }

    private mutating func checkLimits() {
        let limit = configuration.networkManager.managerMaxInterfaces
        if sections.count > limit {
            findings.append(
                .init(
                    .error, "network_manager.manager_max_interfaces",
                    "\(sections.count) interfaces are configured and \(limit) may be managed; raise it"))
        }
    }

    // MARK: rules

    private mutating func checkPolicy(_ policy: SecurityPolicy) {
        let own = previous.items[.policy] ?? [:]
        for (name, item) in configuration.items(of: .policy) {
            guard let rule = SecurityRule(name: name, item) else { continue }
            if own[name] == nil, let other = policy.rule(name), other != rule {
                report(
                    .error, .policy, name, "effect",
                    "there is a rule of that name already; remove it, or rename this one")
            }
            if case .group(let group) = rule.principal, policy.group(group) == nil {
                report(
                    .error, .policy, name, "principal",
                    "there is no group \"\(group)\"; give it members in orionSecurityMemberTable first, or say name:PATTERN"
                )
            }
        }
    }
}
