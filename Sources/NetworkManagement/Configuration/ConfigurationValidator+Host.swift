import NetworkModel

/// What is wrong with a configuration on this host: what is not there, and what drivers do not take.
extension ConfigurationValidator {
    private var waits: Bool { configuration.networkManager.interfaceAbsent == .warning }

    private static let waitingHint = "or say network_manager.interface_absent = \"warning\" to have it wait for one"

    mutating func reportAbsent(_ name: String) {
        let keys = sections[name]?.keys.sorted() ?? []
        let key = keys.first ?? "admin"
        let what = keys.first { $0.hasPrefix("match_") }.flatMap { key in
            sections[name]?[key]?.text.map { "\(key) = \"\($0)\"" }
        }
        let place = what ?? "the name \(name)"
        report(
            waits ? .warning : .error, .interfaces, name, key,
            waits
                ? "no interface fits; it is configured when it appears"
                : "no interface fits \(place); correct it, \(Self.waitingHint)")
    }

    mutating func reportWaiting(_ wait: InterfaceResolution.Waiting) {
        guard findings.count < Self.maximum else { return }
        let purpose = wait.key == "lower" ? "for \(wait.name) to run on" : "for \(wait.name) to be a port of"
        let then = wait.key == "lower" ? "\(wait.name) is made when it appears" : "it becomes one when that appears"
        findings.append(
            .init(
                waits ? .warning : .error, resolution.path(wait.name, wait.key).description,
                waits
                    ? "there is no interface \(wait.other) \(purpose); \(then)"
                    : "there is no interface \(wait.other) \(purpose); correct the name, say how it is made "
                        + "(interfaces.\(wait.other).kind), \(Self.waitingHint)"))
    }

    /// Whether a setting says what it said before: what the kernel alone has made wrong since then refuses no commit.
    private func isOld(_ path: SettingPath) -> Bool {
        previous.value(of: path) == configuration.value(of: path)
    }

    private func kind(of name: String) -> String? { sections[name]?["kind"]?.text ?? links[name]?.kind }

    mutating func checkWanted(_ name: String, _ item: ConfigurationItem) {
        func add(_ severity: ConfigurationFinding.Severity, _ key: String, _ text: String) {
            findings.append(.init(severity, resolution.path(name, key).description, text))
        }
        guard findings.count < Self.maximum else { return }
        // One that is not there, and does not wait either: `name` is where it was made.
        if let lower = item["lower"]?.text, links[lower] == nil, sections[lower]?["kind"] == nil {
            let isAnother = !isOld(resolution.path(name, "lower"))
            add(
                isAnother || !waits ? .error : .warning, "lower",
                "there is no interface \(lower) for \(name) to run on; "
                    + (isAnother ? "correct the name, or wait until it is there" : "\(name) is left where it is"))
        }
        if let master = item["master"]?.text, !master.isEmpty {
            if let kind = kind(of: master), !["bridge", "bond", "team", "vrf", "openvswitch"].contains(kind) {
                add(
                    .error, "master", "\(master) is a \(kind): only a bridge or a bond has ports; name one, or say \"\""
                )
            } else if kind(of: master) == nil {
                add(.error, "master", "\(master) is hardware: only a bridge or a bond has ports; name one, or say \"\"")
            }
        }
        checkBondPort(name, item)
        if let mtu = item["mtu"]?.integer, let lower = item["lower"]?.text, kind(of: name) != "vxlan",
            let below = resolution.wanted[lower]?["mtu"]?.integer ?? links[lower].map({ Int64($0.mtu) }), mtu > below
        {
            add(.error, "mtu", "\(mtu) is above that of \(lower), which it runs on (\(below)); lower it or raise that")
        }
        guard let link = links[name] else { return }
        if let kind = item["kind"]?.text, link.kind != kind {
            add(
                .error, "kind",
                "\(name) is there already, and is \(link.kind.map { "a \($0)" } ?? "hardware"); choose another name, or "
                    + "remove kind")
        }
        checkCapabilities(link, item)
    }

    private mutating func checkBondPort(_ name: String, _ item: ConfigurationItem) {
        let master = item["master"]?.text ?? links[name]?.master ?? ""
        guard !master.isEmpty, ["bond", "team"].contains(kind(of: master) ?? "") else { return }
        if let said = item["addresses"]?.list {
            guard let first = said.first else { return }
            findings.append(
                .init(
                    .error, resolution.path(name, "addresses").description,
                    "a port of the bond \(master) has no addresses, and not \(first); give them to \(master)"))
        } else if item["master"] != nil, let first = links[name]?.addresses.first(where: { !$0.isLinkLocal }) {
            let path = resolution.path(name, "master")
            findings.append(
                .init(
                    isOld(path) ? .warning : .error, path.description,
                    "a port of the bond \(master) has no addresses, and \(name) has \(first.text); say addresses = [] of "
                        + "\(name), and give them to \(master)"))
        }
    }

    // MARK: ports and their masters

    /// The MTU of each port and of its master, whether it is said or only the kernel's.
    mutating func checkPorts() {
        let others = links.values.filter { $0.master != nil && resolution.wanted[$0.name] == nil }.map(\.name)
        for name in (resolution.wanted.keys + others).sorted() {
            guard findings.count < Self.maximum else { return }
            checkPort(name)
        }
    }

    private mutating func checkPort(_ name: String) {
        let item = resolution.wanted[name]
        guard let master = item?["master"]?.text ?? links[name]?.master, !master.isEmpty else { return }
        let said = item?["mtu"]?.integer
        let aboveSaid = resolution.wanted[master]?["mtu"]?.integer
        // What is only in the kernel is a bridge's: a bond gives its ports its own.
        guard said != nil || aboveSaid != nil, (said != nil && aboveSaid != nil) || kind(of: master) == "bridge",
            let mtu = said ?? links[name].map({ Int64($0.mtu) }),
            let above = aboveSaid ?? links[master].map({ Int64($0.mtu) }), mtu > above
        else { return }
        var paths: [SettingPath] = []
        if said != nil { paths.append(resolution.path(name, "mtu")) }
        if aboveSaid != nil { paths.append(resolution.path(master, "mtu")) }
        if item?["master"] != nil { paths.append(resolution.path(name, "master")) }
        guard let path = paths.first else { return }
        let isWhole = said != nil && aboveSaid != nil && item?["master"] != nil
        // A bridge whose MTU nobody said may follow its ports by itself.
        let isError = isWhole || (aboveSaid != nil && !paths.allSatisfy(isOld))
        findings.append(
            .init(
                isError ? .error : .warning, path.description,
                said != nil
                    ? "\(mtu) is above that of its master \(master) (\(above)); lower it or raise that "
                        + "(interfaces.\(master).mtu)"
                    : "\(above) is below that of its port \(name) (\(mtu)); raise it or lower that "
                        + "(interfaces.\(name).mtu)"))
    }

    // MARK: what the driver takes

    private mutating func checkCapabilities(_ link: ObservedLink, _ item: ConfigurationItem) {
        func add(_ key: String, _ text: String) {
            findings.append(.init(.error, resolution.path(link.name, key).description, text))
        }
        if let mtu = item["mtu"]?.integer {
            let least = Int64(link.minimumMTU ?? 0)
            let most = link.maximumMTU.map { Int64($0) } ?? .max
            if mtu < least || mtu > most {
                let range = most == .max ? "at least \(least)" : "\(least) to \(most)"
                add("mtu", "\(mtu) is not what \(link.name) takes; say \(range)")
            }
        }
        for parameter in EthtoolParameter.configurable {
            guard let value = item[parameter.rawValue] else { continue }
            guard link.parameters[parameter] != nil else {
                add(parameter.rawValue, "the driver of \(link.name) has no such setting to be \(value); remove it")
                continue
            }
            if let number = value.integer, let most = link.maxima[parameter], number > Int64(most) {
                add(
                    parameter.rawValue,
                    "\(number) is above what the driver of \(link.name) takes; say \(most) at most")
            }
        }
        for key in ["autonegotiation", "speed", "duplex"] {
            if let value = item[key], link.parameters[.autonegotiation] == nil {
                add(key, "the driver of \(link.name) has no such setting to be \(value); remove it")
            }
        }
        Self.checkLinkMode(link, item, add)
        Self.checkFeatures(link, item, add)
    }

    /// Speed and duplex, when the driver says of which modes it is capable.
    private static func checkLinkMode(
        _ link: ObservedLink, _ item: ConfigurationItem, _ add: (String, String) -> Void
    ) {
        guard item["autonegotiation"]?.boolean == false, !link.supportedModes.isEmpty else { return }
        let speed = item["speed"]?.integer
        let duplex = item["duplex"]?.text
        guard speed != nil || duplex != nil else { return }
        let isTaken = link.supportedModes.contains { mode in
            (speed.map { $0 == Int64(mode.megabits) } ?? true) && (duplex.map { $0 == mode.duplexText } ?? true)
        }
        guard !isTaken else { return }
        let wanted = [speed.map { "\($0) Mb/s" }, duplex.map { "\($0) duplex" }].compactMap(\.self)
        let modes = link.supportedModes.map { "\($0.megabits) \($0.duplexText)" }.joined(separator: ", ")
        add(
            speed != nil ? "speed" : "duplex",
            "\(wanted.joined(separator: ", ")) is not what the driver of \(link.name) takes; say one of \(modes)")
    }

    private static func checkFeatures(
        _ link: ObservedLink, _ item: ConfigurationItem, _ add: (String, String) -> Void
    ) {
        for key in ["offloads_on", "offloads_off"] {
            for name in item[key]?.list ?? [] {
                guard let feature = link.features[name] else {
                    add(
                        key,
                        "\(link.name) has no feature \"\(name)\"; remove it, or take one that ethtool -k \(link.name) "
                            + "lists")
                    continue
                }
                if !feature.isChangeable, feature.isActive != (key == "offloads_on") {
                    add(
                        key,
                        "the driver of \(link.name) does not let \(name) be changed, which is "
                            + "\(feature.isActive ? "on" : "off"); remove it")
                }
            }
        }
    }
}
