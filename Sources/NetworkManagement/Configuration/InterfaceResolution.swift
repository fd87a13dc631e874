import NetworkModel

/// What is wanted of each interface: its own section, those that match it, and the defaults of its driver. What the more
/// exact section says holds: by name before MAC address before bus address before kind before driver.
struct InterfaceResolution: Sendable {
    /// By the interface's name; those to be made included.
    private(set) var wanted: [String: ConfigurationItem] = [:]
    /// By the interface's name and the key: which setting said it.
    private var origin: [String: [String: SettingPath]] = [:]
    /// Sections that no interface fits, which are none to be made either.
    private(set) var absent: [String] = []
    /// What is left out until another interface is there.
    private(set) var waiting: [Waiting] = []
    /// Settings that are left alone because `interface_optimization_enabled` is false.
    private(set) var untuned: Set<SettingPath> = []

    /// An interface that is to run on one that is not there, or to be a port of it.
    struct Waiting: Sendable {
        let name: String
        /// "lower" or "master".
        let key: String
        let other: String
    }

    init(_ configuration: NetworkConfiguration, _ observed: [ObservedLink]) {
        let sections = configuration.items(of: .interfaces)
        let names = Set(observed.map(\.name))
        if configuration.networkManager.driverAutoConfig { mergeDriverDefaults(configuration, observed) }
        // From the least exact, so that the more exact replaces.
        for rank in [Match.kind, .bus, .address, .name] {
            let ranked = sections.filter { Match($0.item) == rank }
            guard !ranked.isEmpty else { continue }
            let places = rank == .name ? [:] : Dictionary(grouping: observed) { rank.place(of: $0) }
            for (section, item) in ranked {
                let targets: [String]
                if rank == .name {
                    targets = names.contains(section) || item["kind"] != nil ? [section] : []
                } else {
                    targets = rank.wanted(item).flatMap { places[$0] }?.map(\.name) ?? []
                }
                if targets.isEmpty { absent.append(section) }
                for name in targets { merge(item, section, into: name) }
            }
        }
        absent.sort()
        leaveWaiting(names)
        if !configuration.networkManager.interfaceOptimizationEnabled { leaveTuningAlone() }
    }

    /// Takes out what cannot be made yet: an interface whose lower one is not there, nor to be made, and a master of
    /// which that holds.
    private mutating func leaveWaiting(_ names: Set<String>) {
        var canBe: [String: Bool] = [:]
        for name in wanted.keys {
            // Down to one that is there; a loop is for validation.
            var path: [String] = []
            var current = name
            var result: Bool?
            while result == nil {
                if names.contains(current) {
                    result = true
                } else if let known = canBe[current] {
                    result = known
                } else if wanted[current]?["kind"] == nil {
                    result = false
                } else {
                    canBe[current] = true
                    path.append(current)
                    guard let lower = wanted[current]?["lower"]?.text else { break }
                    current = lower
                }
            }
            for name in path { canBe[name] = result ?? true }
        }
        for (name, item) in wanted {
            if canBe[name] == false, let lower = item["lower"]?.text {
                waiting.append(Waiting(name: name, key: "lower", other: lower))
                wanted[name] = nil
            } else if let master = item["master"]?.text, !master.isEmpty, !names.contains(master),
                canBe[master] != true
            {
                waiting.append(Waiting(name: name, key: "master", other: master))
                wanted[name]?["master"] = nil
            }
        }
        waiting.sort { ($0.name, $0.key) < ($1.name, $1.key) }
    }

    /// The interfaces that are to run on some, or to be ports of them, and so on.
    func followers(of names: Set<String>) -> Set<String> {
        var above: [String: [String]] = [:]
        for (name, item) in wanted {
            for key in ["lower", "master"] {
                if let other = item[key]?.text, !other.isEmpty { above[other, default: []].append(name) }
            }
        }
        var followers: Set<String> = []
        var open = Array(names)
        while let name = open.popLast() {
            for follower in above[name] ?? [] where followers.insert(follower).inserted { open.append(follower) }
        }
        return followers
    }

    private mutating func mergeDriverDefaults(_ configuration: NetworkConfiguration, _ observed: [ObservedLink]) {
        for (section, item) in configuration.items(of: .drivers) {
            guard let driver = DriverName(section) else { continue }
            let keys = item.keys.filter(ItemKind.isInterfaceDefault)
            guard !keys.isEmpty else { continue }
            var driven = Set(observed.filter { DriverName(of: $0) == driver }.map(\.name))
            // Those that are yet to be made.
            for (name, item) in configuration.items(of: .interfaces) {
                if let kind = item["kind"]?.text, DriverName(ofKind: kind) == driver { driven.insert(name) }
            }
            for name in driven {
                for key in keys {
                    wanted[name, default: ConfigurationItem()][key] = item[key]
                    origin[name, default: [:]][key] = SettingPath(.drivers, section, key)
                }
            }
        }
    }

    private mutating func merge(_ item: ConfigurationItem, _ section: String, into name: String) {
        for key in item.keys where !key.hasPrefix("match_") {
            wanted[name, default: ConfigurationItem()][key] = item[key]
            origin[name, default: [:]][key] = SettingPath(.interfaces, section, key)
        }
        if wanted[name] == nil { wanted[name] = ConfigurationItem() }
    }

    private mutating func leaveTuningAlone() {
        for (name, item) in wanted {
            for key in item.keys where Self.tunes(key) {
                wanted[name]?[key] = nil
                untuned.insert(path(name, key))
            }
        }
    }

    /// Whether a setting is about how fast an interface works, and not about what it does.
    private static func tunes(_ key: String) -> Bool {
        key == "queue_length" || key.hasPrefix("offloads_")
            || EthtoolParameter(rawValue: key).map { EthtoolParameter.configurable.contains($0) } ?? false
    }

    /// The setting that says it, for a message.
    func path(_ name: String, _ key: String) -> SettingPath {
        origin[name]?[key] ?? SettingPath(.interfaces, name, key)
    }

    /// The interfaces of which ethtool has to tell.
    var detailed: Set<String> {
        Set(wanted.filter { $0.value.keys.contains(where: Self.needsDetails) }.keys)
    }

    static func needsDetails(_ key: String) -> Bool {
        EthtoolParameter(rawValue: key) != nil || key.hasPrefix("offloads_")
    }
}

extension NetworkConfiguration {
    /// Whether anything is said of interfaces, by themselves or by their drivers.
    package var configuresInterfaces: Bool { items[.interfaces] != nil || hasDriverDefaults }

    /// Whether what is said of interfaces is more than ethtool need not be asked for.
    var needsDetails: Bool {
        let sections = items[.interfaces] ?? [:]
        return hasDriverDefaults
            || sections.values.contains { $0.keys.contains(where: InterfaceResolution.needsDetails) }
    }

    private var hasDriverDefaults: Bool {
        let sections = items[.drivers] ?? [:]
        return networkManager.driverAutoConfig
            && sections.values.contains { $0.keys.contains(where: ItemKind.isInterfaceDefault) }
    }
}

extension DriverName {
    /// The module that drives an interface: its device's, or that of its kind.
    init?(of link: ObservedLink) {
        if let driver = link.driver { self.init(driver) } else { self.init(ofKind: link.kind ?? "") }
    }

    /// The module that makes interfaces of a kind (rtnl_link_ops of the kernel's drivers).
    init?(ofKind kind: String) {
        switch kind {
        case "bond": self.init("bonding")
        case "vlan": self.init("8021q")
        default: self.init(kind)
        }
    }
}

private enum Match {
    case kind, bus, address, name

    init(_ item: ConfigurationItem) {
        self =
            item["match_mac"] != nil
            ? .address : item["match_bus"] != nil ? .bus : item["match_kind"] != nil ? .kind : .name
    }

    /// Where a section looks for interfaces; nil when by their name.
    func wanted(_ item: ConfigurationItem) -> String? {
        switch self {
        case .address: item["match_mac"]?.text?.lowercased()
        case .bus: item["match_bus"]?.text
        case .kind: item["match_kind"]?.text
        case .name: nil
        }
    }

    /// Where an interface is found; nil when no section fits it.
    func place(of link: ObservedLink) -> String? {
        switch self {
        case .address: link.permanentAddress ?? link.address
        case .bus: link.busAddress
        case .kind: link.name == "lo" ? nil : link.kind ?? "physical"
        case .name: nil
        }
    }
}
