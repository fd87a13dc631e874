import NetworkModel

/// What is wanted of each interface: its own section, and those that match it. What the more exact section says holds:
/// by name before MAC address before bus address before kind.
struct InterfaceResolution: Sendable {
    /// By the interface's name; those to be made included.
    private(set) var wanted: [String: ConfigurationItem] = [:]
    /// By the interface's name and the key: which section said it.
    private(set) var origin: [String: [String: String]] = [:]
    /// Sections that no interface fits, which are none to be made either.
    private(set) var absent: [String] = []

    init(_ configuration: NetworkConfiguration, _ observed: [ObservedLink]) {
        let sections = configuration.items(of: .interfaces)
        let names = Set(observed.map(\.name))
        // From the least exact, so that the more exact replaces.
        for rank in [Match.kind, .bus, .address, .name] {
            for (section, item) in sections where Match(item) == rank {
                let targets: [String]
                if rank == .name {
                    targets = names.contains(section) || item["kind"] != nil ? [section] : []
                } else {
                    targets = observed.filter { rank.fits($0, item) }.map(\.name)
                }
                if targets.isEmpty { absent.append(section) }
                for name in targets { merge(item, section, into: name) }
            }
        }
        absent.sort()
    }

    private mutating func merge(_ item: ConfigurationItem, _ section: String, into name: String) {
        for key in item.keys where !key.hasPrefix("match_") {
            wanted[name, default: ConfigurationItem()][key] = item[key]
            origin[name, default: [:]][key] = section
        }
        if wanted[name] == nil { wanted[name] = ConfigurationItem() }
    }

    /// The setting that says it, for a message.
    func path(_ name: String, _ key: String) -> SettingPath {
        SettingPath(.interfaces, origin[name]?[key] ?? name, key)
    }

    /// The interfaces of which ethtool has to tell.
    var detailed: Set<String> {
        Set(wanted.filter { $0.value.keys.contains(where: Self.needsDetails) }.keys)
    }

    static func needsDetails(_ key: String) -> Bool {
        EthtoolParameter(rawValue: key) != nil || key.hasPrefix("offloads_")
    }
}

private enum Match {
    case kind, bus, address, name

    init(_ item: ConfigurationItem) {
        self =
            item["match_mac"] != nil
            ? .address : item["match_bus"] != nil ? .bus : item["match_kind"] != nil ? .kind : .name
    }

    func fits(_ link: ObservedLink, _ item: ConfigurationItem) -> Bool {
        switch self {
        case .address:
            let address = item["match_mac"]?.text?.lowercased()
            return link.permanentAddress.map { $0 == address } ?? (link.address == address)
        case .bus: return link.busAddress == item["match_bus"]?.text
        case .kind: return (link.kind ?? "physical") == item["match_kind"]?.text && link.name != "lo"
        case .name: return false
        }
    }
}
