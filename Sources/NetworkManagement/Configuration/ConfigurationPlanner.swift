import NetworkModel

/// Works out the steps to a configuration, in an order that the kernel takes, from what it has.
///
/// Interfaces that go, those that come, shutting down, properties, masters, setting up, addresses: each kind of step
/// for all interfaces before the next kind, and lower interfaces before or after those that run on them as it needs.
struct ConfigurationPlanner {
    private let resolution: InterfaceResolution
    private let previous: NetworkConfiguration
    private let original: [String: ObservedLink]
    private var links: [String: ObservedLink]
    /// Interfaces made by this plan: nothing is known of them, and taking them back takes all back.
    private var made: Set<String> = []
    private(set) var plan = ConfigurationPlan()
    /// Interfaces of which a step, or taking it back, drops addresses or routes.
    private(set) var disturbed: Set<String> = []
    /// What keeps the plan from being made.
    private(set) var conflicts: [ConfigurationFinding] = []
    /// What will have to be put back when the configuration no longer wants it.
    private(set) var baseline: ConfigurationBaseline
    private let before: ConfigurationBaseline
    /// What is wanted of each interface; what is no longer configured is to become what it was.
    private var targets: [String: [String: SettingValue]] = [:]
    private var depths: [String: Int] = [:]
    /// What runs on each interface.
    private let uppers: [String: [String]]

    /// - Parameter previous: the configuration in force, to see which interfaces have to be made anew.
    init(
        _ resolution: InterfaceResolution, previous: NetworkConfiguration, baseline: ConfigurationBaseline,
        observed: [ObservedLink]
    ) {
        self.resolution = resolution
        self.previous = previous
        before = baseline
        self.baseline = [:]
        original = Dictionary(observed.map { ($0.name, $0) }) { first, _ in first }
        links = original
        uppers = observed.reduce(into: [:]) { uppers, link in
            if let lower = link.lower { uppers[lower, default: []].append(link.name) }
        }
        targets = resolution.wanted.mapValues { item in
            Dictionary(uniqueKeysWithValues: item.keys.compactMap { key in item[key].map { (key, $0) } })
        }
        work()
    }

    private mutating func work() {
        learnBaseline()
        learnOffloads()
        for name in order(goers()).reversed() { remove(name) }
        let comers = targets.keys.filter { links[$0] == nil && targets[$0]?["kind"] != nil }
        for name in order(comers) { create(name) }
        let names = order(targets.keys.filter { links[$0] != nil })
        for name in names.reversed() where wants(name, "admin", .text("down")) { set(name, up: false) }
        for name in names.reversed() { setMTU(name, increasing: false) }
        for name in names { setMTU(name, increasing: true) }
        for name in names { setOptions(name) }
        for name in names { setProperties(name) }
        for name in names { setMaster(name) }
        for name in names where wants(name, "admin", .text("up")) { set(name, up: true) }
        for name in names { setAddresses(name, removing: true) }
        for name in names { setAddresses(name, removing: false) }
    }

    // MARK: what was

    /// Keeps what each configured setting was before; what is configured no longer becomes a target again.
    private mutating func learnBaseline() {
        for (name, item) in targets {
            var kept: [String: SettingValue] = [:]
            for key in item.keys where !key.hasPrefix("offloads_") {
                if let earlier = before[name]?[key] {
                    kept[key] = earlier
                } else if links[name] == nil {
                    kept[key] = key == "kind" ? .text("") : Self.fresh[key]
                } else if key != "kind", isNew(key, of: name), let value = observedBaseline(name, key) {
                    kept[key] = value
                }
            }
            if !kept.isEmpty { baseline[name] = kept }
        }
        for (name, item) in before where item["kind"] == nil || targets[name]?["kind"] != nil {
            for (key, value) in item
            where key != "kind" && !key.hasPrefix("offloads_") && targets[name]?[key] == nil && links[name] != nil {
                targets[name, default: [:]][key] = value
            }
        }
    }

    /// What the kernel makes an interface with, whatever its kind.
    private static let fresh: [String: SettingValue] = [
        "admin": .text("down"), "alias": .text(""), "addresses": .list([]), "master": .text(""),
    ]

    /// Whether what the kernel has of a setting is not what the configuration made of it: of an interface that it made,
    /// what is said of it for the first time.
    private func isNew(_ key: String, of name: String) -> Bool {
        before[name]?["kind"] == nil || previous.items[.interfaces]?[name]?[key] == nil
    }

    private func observedBaseline(_ name: String, _ key: String) -> SettingValue? { links[name]?.value(of: key) }

    /// Of features those are kept that a setting switches, by its key: once it no longer names them, they are switched the
    /// other way.
    private mutating func learnOffloads() {
        let configured = targets
        for name in Set(targets.keys).union(before.keys) {
            guard let link = links[name] else { continue }
            for (key, opposite) in [("offloads_on", "offloads_off"), ("offloads_off", "offloads_on")] {
                let wanted = configured[name]?[key]?.list ?? []
                let earlier = before[name]?[key]?.list ?? []
                let switched = wanted.filter {
                    earlier.contains($0) || link.features[$0]?.isRequested == (key == "offloads_off")
                }
                if !switched.isEmpty { baseline[name, default: [:]][key] = .list(switched) }
                let released = earlier.filter { !wanted.contains($0) && link.features[$0] != nil }
                guard !released.isEmpty else { continue }
                let others = targets[name]?[opposite]?.list ?? []
                targets[name, default: [:]][opposite] = .list(others + released.filter { !others.contains($0) })
            }
        }
    }

    private func isToBeRemoved(_ name: String) -> Bool {
        before[name]?["kind"] != nil && targets[name]?["kind"] == nil
    }

    /// What an interface is made with is not changed afterwards: it is made anew.
    private func isToBeRemade(_ name: String) -> Bool {
        guard let new = resolution.wanted[name].flatMap({ VirtualLink($0) }),
            let old = previous.items[.interfaces]?[name].flatMap({ VirtualLink($0) })
        else { return false }
        return !old.canBecome(new) && before[name]?["kind"] != nil
    }

    /// What goes, and what goes with it, since it runs on it. What nobody would make again keeps everything in place.
    private mutating func goers() -> Set<String> {
        var goers: Set<String> = []
        var found = links.keys.filter { isToBeRemoved($0) || isToBeRemade($0) }.sorted()
        while let name = found.popLast() {
            guard goers.insert(name).inserted else { continue }
            for upper in uppers[name] ?? [] {
                if before[upper]?["kind"] != nil {
                    found.append(upper)
                } else {
                    conflicts.append(
                        .init(
                            .error, SettingPath(.interfaces, name, "kind").description,
                            "\(upper) runs on \(name), which would be \(isToBeRemoved(name) ? "removed" : "made anew"), and "
                                + "nothing here makes it again; remove \(upper) first, or give it a section with a kind"
                        ))
                }
            }
        }
        return goers
    }

    // MARK: order

    /// Lower interfaces first, then by name.
    private mutating func order(_ names: some Sequence<String>) -> [String] {
        names.map { ($0, depth($0)) }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
    }

    /// How many interfaces it stands on, itself included. Goes down step by step: a candidate may pile up any number.
    private mutating func depth(_ name: String) -> Int {
        var path: [String] = []
        var next: String? = name
        while let name = next, depths[name] == nil {
            // Where a loop ends, which validation refuses.
            depths[name] = 0
            path.append(name)
            next = targets[name]?["lower"]?.text ?? links[name]?.lower
        }
        var depth = next.flatMap { depths[$0] } ?? 0
        for name in path.reversed() {
            depth += 1
            depths[name] = depth
        }
        return depths[name] ?? 0
    }

    // MARK: steps

    private func wants(_ name: String, _ key: String, _ value: SettingValue) -> Bool {
        targets[name]?[key] == value
    }

    private mutating func append(
        _ name: String, _ property: LinkProperty, undo: [LinkProperty], of others: [ConfigurationStep] = [],
        _ key: String
    ) {
        // What is made is taken back as a whole.
        let undo = made.contains(name) ? [] : undo.map { ConfigurationStep.set(name, $0) }
        plan.steps.append(
            .init(.set(name, property), undo: undo + others, setting: resolution.path(name, key).description))
    }

    private mutating func remove(_ name: String) {
        guard let link = links[name] else { return }
        let setting = SettingPath(.interfaces, name, "kind").description
        // Ports of a master that goes have none afterwards, and get it back with it.
        let ports = links.values.filter { $0.master == name }.map(\.name).sorted()
        var undo: [ConfigurationStep] = []
        if let made = previous.items[.interfaces]?[name].flatMap({ VirtualLink($0) }) {
            undo.append(.create(name, made))
            undo += restoration(of: link)
            for port in ports {
                if made.kind == .bond { undo.append(.set(port, .up(false))) }
                undo.append(.set(port, .master(name)))
                if made.kind == .bond, links[port]?.isUp == true { undo.append(.set(port, .up(true))) }
            }
        }
        plan.steps.append(.init(.delete(name), undo: undo, setting: setting))
        disturbed.insert(name)
        for port in ports { links[port]?.master = nil }
        links[name] = nil
    }

    private func restoration(of link: ObservedLink) -> [ConfigurationStep] {
        var properties: [LinkProperty] = [.mtu(link.mtu), .queueLength(link.queueLength), .alias(link.alias)]
        if !link.address.isEmpty { properties.insert(.address(link.address), at: 0) }
        if let master = link.master { properties.append(.master(master)) }
        properties.append(.up(link.isUp))
        return properties.map { .set(link.name, $0) }
    }

    private mutating func create(_ name: String) {
        guard let link = resolution.wanted[name].flatMap({ VirtualLink($0) }) else { return }
        plan.steps.append(
            .init(.create(name, link), undo: [.delete(name)], setting: resolution.path(name, "kind").description))
        made.insert(name)
        var observed = ObservedLink(index: 0, name: name)
        observed.kind = link.kind.rawValue
        observed.lower = link.lower
        links[name] = observed
    }

    private mutating func set(_ name: String, up: Bool) {
        guard let link = links[name], link.isUp != up || (made.contains(name) && up) else { return }
        append(name, .up(up), undo: [.up(!up)], "admin")
        links[name]?.isUp = up
        if !up { loseIPv6(name) }
    }

    /// Addresses of IPv6 go with the state "up", and with an MTU that IPv6 does not work with.
    private mutating func loseIPv6(_ name: String) {
        disturbed.insert(name)
        links[name]?.addresses.removeAll(where: \.isIPv6)
    }

    private mutating func setMTU(_ name: String, increasing: Bool) {
        guard let link = links[name], let wanted = targets[name]?["mtu"]?.integer.map({ UInt32(clamping: $0) }),
            wanted != link.mtu || (made.contains(name) && increasing), increasing == (wanted >= link.mtu)
        else { return }
        append(name, .mtu(wanted), undo: [.mtu(link.mtu)], of: lowerUppers(of: name, to: wanted), "mtu")
        links[name]?.mtu = wanted
        if wanted < Self.leastMTUOfIPv6 { loseIPv6(name) }
    }

    /// IPV6_MIN_MTU (linux/ipv6.h).
    private static let leastMTUOfIPv6: UInt32 = 1280

    /// A VLAN and its like never have a larger MTU than what they run on: the kernel lowers it with that, and raises it
    /// never.
    ///
    /// - Returns: what raises it again.
    private mutating func lowerUppers(of name: String, to mtu: UInt32) -> [ConfigurationStep] {
        var undo: [ConfigurationStep] = []
        for upper in uppers[name] ?? [] {
            guard let link = links[upper], !made.contains(upper), link.kind != "vxlan", link.mtu > mtu else { continue }
            undo.append(.set(upper, .mtu(link.mtu)))
            links[upper]?.mtu = mtu
            if mtu < Self.leastMTUOfIPv6 { loseIPv6(upper) }
            undo += lowerUppers(of: upper, to: mtu)
        }
        return undo
    }

    /// What can be changed of an interface of software while it exists.
    private mutating func setOptions(_ name: String) {
        guard !made.contains(name), before[name]?["kind"] != nil,
            let new = resolution.wanted[name].flatMap({ VirtualLink($0) }),
            let old = previous.items[.interfaces]?[name].flatMap({ VirtualLink($0) }), old != new
        else { return }
        let key =
            old.bridgeSpeaksSTP != new.bridgeSpeaksSTP
            ? "bridge_stp" : old.bondMonitorInterval != new.bondMonitorInterval ? "bond_miimon" : "macvlan_mode"
        append(name, .options(new), undo: [.options(old)], key)
    }

    private mutating func setProperties(_ name: String) {
        guard let link = links[name], let target = targets[name] else { return }
        let isNew = made.contains(name)
        for key in target.keys.sorted() {
            guard let wanted = target[key], isNew || !link.has(key, wanted) else { continue }
            switch (key, wanted) {
            case ("alias", .text(let text)): append(name, .alias(text), undo: [.alias(link.alias)], key)
            case ("mac", .text(let text)):
                append(name, .address(text.lowercased()), undo: [.address(link.address)], key)
            case ("queue_length", .integer(let number)):
                append(name, .queueLength(UInt32(clamping: number)), undo: [.queueLength(link.queueLength)], key)
            case ("offloads_on", .list(let names)), ("offloads_off", .list(let names)):
                let isOn = key == "offloads_on"
                for feature in names where link.features[feature]?.isRequested != isOn {
                    append(name, .feature(feature, isOn), undo: [.feature(feature, !isOn)], key)
                }
            default: setParameter(name, link, key, wanted)
            }
        }
        setLinkMode(name, link, target)
    }

    private mutating func setParameter(_ name: String, _ link: ObservedLink, _ key: String, _ wanted: SettingValue) {
        guard let parameter = EthtoolParameter(rawValue: key), EthtoolParameter.configurable.contains(parameter) else {
            return
        }
        let number = wanted.boolean.map { $0 ? 1 : 0 } ?? UInt32(clamping: wanted.integer ?? 0)
        let undo = link.parameters[parameter].map { [LinkProperty.parameter(parameter, $0)] } ?? []
        append(name, .parameter(parameter, number), undo: undo, key)
    }

    /// Autonegotiation, speed and duplex are one message.
    private mutating func setLinkMode(_ name: String, _ link: ObservedLink, _ target: [String: SettingValue]) {
        let keys = ["autonegotiation", "speed", "duplex"]
        guard let key = keys.first(where: { key in target[key].map { !link.has(key, $0) } ?? false }) else { return }
        func mode(_ negotiates: Bool, _ speed: UInt32?, _ duplex: UInt32?) -> LinkProperty {
            .linkMode(
                autonegotiation: negotiates, speed: negotiates ? nil : speed, duplex: negotiates ? nil : duplex)
        }
        let wasNegotiating = link.parameters[.autonegotiation] != 0
        append(
            name,
            mode(
                target["autonegotiation"]?.boolean ?? wasNegotiating,
                target["speed"]?.integer.map { UInt32(clamping: $0) } ?? link.parameters[.speed],
                target["duplex"]?.text.map { $0 == "half" ? 0 : 1 } ?? link.parameters[.duplex]),
            undo: [mode(wasNegotiating, link.parameters[.speed], link.parameters[.duplex])], key)
    }

    private mutating func setMaster(_ name: String) {
        guard let link = links[name], let text = targets[name]?["master"]?.text, (link.master ?? "") != text else {
            return
        }
        let master = text.isEmpty ? nil : text
        // bond_enslave refuses a port that is up.
        let isBond = [master, link.master].contains { $0.flatMap { links[$0]?.kind } == "bond" }
        let mustRest = isBond && link.isUp
        var undo: [LinkProperty] = [.master(link.master)]
        if mustRest { undo = [.up(false)] + undo + [.up(true)] }
        if mustRest { append(name, .up(false), undo: [.up(true)], "master") }
        append(name, .master(master), undo: undo, "master")
        links[name]?.master = master
        guard mustRest else { return }
        loseIPv6(name)
        links[name]?.isUp = false
        if !wants(name, "admin", .text("down")) {
            append(name, .up(true), undo: [], "master")
            links[name]?.isUp = true
        }
    }

    private mutating func setAddresses(_ name: String, removing: Bool) {
        guard let link = links[name], case .list(let texts)? = targets[name]?["addresses"] else { return }
        if removing {
            for address in link.surplus(texts) {
                append(name, .removeAddress(address.text), undo: [], "addresses")
                disturbed.insert(name)
                // The first address of a subnet takes the others along, unless promote_secondaries (ip-sysctl) is set.
                let earlier = links[name]?.addresses.prefix { $0 != address } ?? []
                let isFirst = !address.isIPv6 && !earlier.contains { $0.isInSubnet(of: address) }
                links[name]?.addresses.removeAll { $0 == address || isFirst && $0.isInSubnet(of: address) }
            }
        } else {
            for address in link.missing(texts) {
                // One that was there before is put back with all the others.
                let wasThere = original[name]?.addresses.contains(address) == true && !made.contains(name)
                append(
                    name, .addAddress(address.text), undo: wasThere ? [] : [.removeAddress(address.text)], "addresses")
                links[name]?.addresses.append(address)
            }
        }
    }
}
