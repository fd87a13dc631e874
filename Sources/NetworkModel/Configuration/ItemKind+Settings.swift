extension ItemKind {
    /// What it is about.
    package var summary: String {
        switch self {
        case .drivers:
            "What is wanted of one driver, by the name of its module. Rings, channels, coalescing and offloads are "
                + "defaults for each interface that it drives, unless a section of the interface says otherwise."
        case .interfaces:
            "What is wanted of one interface, or of those that match. What is not said is left as it is. NAME is the "
                + "interface's name, unless a match_ key says which it is. One with a kind is made when it is not "
                + "there, and removed when its section is."
        case .policy:
            "A rule of the security policy, as in ORION-SECURITY-MIB. Rules that are not of the file are left alone."
        case .threshold: "When a measured value is worth an alarm."
        }
    }

    /// Every setting, in the order of the file.
    package var settings: [ItemSetting] {
        switch self {
        case .drivers: Self.driverSettings
        case .interfaces: Self.interfaceSettings
        case .policy: Self.policySettings
        case .threshold: Self.thresholdSettings
        }
    }

    private static let driverSettings: [ItemSetting] =
        [
            ItemSetting(
                "autoload", .boolean,
                "Load it at the start, and again when something else unloads it; when false, never load it unasked."),
            ItemSetting("parameters", .list(.assignment, maximum: 64), "The parameters to load it with."),
            ItemSetting("preferred", .boolean, "Take it before others that fit a device as well."),
            ItemSetting("fallback", .list(.word, maximum: 8), "Drivers to try, in this order, when it fails."),
        ] + driverDefaults

    /// What a driver's section says of the interfaces that it drives.
    private static let driverDefaults = offloadSettings + parameterSettings

    /// Whether a setting of `[drivers.NAME]` is a default for the driver's interfaces.
    package static func isInterfaceDefault(_ key: String) -> Bool { defaultKeys.contains(key) }

    private static let defaultKeys = Set(driverDefaults.map(\.key))

    private static let interfaceSettings: [ItemSetting] =
        matchSettings + creationSettings + linkSettings + ethtoolSettings

    private static let matchSettings: [ItemSetting] = [
        ItemSetting("match_mac", .macAddress, "The interface whose permanent address, or address, is this one."),
        ItemSetting("match_bus", .text(maximumOctets: 127), "The interface of the device there, \"0000:00:03.0\"."),
        ItemSetting(
            "match_kind", .text(maximumOctets: 32),
            "Every interface of this kind (\"veth\", \"vlan\", ...; \"physical\" for hardware)."),
    ]

    private static let creationSettings: [ItemSetting] = [
        ItemSetting(
            "kind", .choice(VirtualLink.Kind.allCases.map(\.rawValue)),
            "Make an interface of this kind when it is not there."),
        ItemSetting("lower", .interfaceName, "The interface that a VLAN, VXLAN or MACVLAN runs on."),
        ItemSetting("vlan_id", .integer(1...4094, unit: nil), "The VLAN's identifier."),
        ItemSetting("vxlan_id", .integer(1...16_777_215, unit: nil), "The VXLAN's network identifier."),
        ItemSetting("vxlan_remote", .ipAddress, "Where a VXLAN sends to: an address or a multicast group."),
        ItemSetting("vxlan_local", .ipAddress, "The address that a VXLAN sends from."),
        ItemSetting("vxlan_port", .integer(1...65_535, unit: nil), "The UDP port of a VXLAN; 4789 where not said."),
        ItemSetting(
            "macvlan_mode", .choice(VirtualLink.macvlanModes.map(\.name)),
            "How the MACVLANs of an interface see each other; \"vepa\" where not said."),
        ItemSetting(
            "bond_mode", .choice(VirtualLink.bondModes), "How a bond shares its members; \"balance-rr\" where not said."
        ),
        ItemSetting("bond_miimon", .integer(0...60_000, unit: "milliseconds"), "How often a bond looks at its links."),
        ItemSetting("bridge_stp", .boolean, "Whether a bridge speaks the spanning tree protocol."),
    ]

    private static let linkSettings: [ItemSetting] = [
        ItemSetting("admin", .choice(["up", "down"]), "The administrative state (ifAdminStatus)."),
        ItemSetting("alias", .text(maximumOctets: 255), "The alias (ifAlias)."),
        ItemSetting("mtu", .integer(68...65_536, unit: "octets"), "The largest packet."),
        ItemSetting("mac", .macAddress, "The link-layer address."),
        ItemSetting("queue_length", .integer(0...4_294_967_295, unit: "packets"), "The transmit queue's length."),
        ItemSetting(
            "addresses", .list(.interfaceAddress, maximum: 256),
            "The IP addresses, these and no others but link-local ones of IPv6."),
        ItemSetting("master", .interfaceNameOrNone, "The bridge or bond that it is a port of; \"\" for none."),
    ]

    private static let ethtoolSettings: [ItemSetting] =
        [
            ItemSetting("autonegotiation", .boolean, "Whether speed and duplex are negotiated."),
            ItemSetting("speed", .integer(1...1_000_000, unit: "Mb/s"), "The speed; needs autonegotiation = false."),
            ItemSetting("duplex", .choice(["half", "full"]), "The duplex; needs autonegotiation = false."),
        ] + offloadSettings + parameterSettings

    private static let offloadSettings: [ItemSetting] = [
        ItemSetting("offloads_on", .list(.word, maximum: 64), "Features to switch on, by the kernel's names."),
        ItemSetting("offloads_off", .list(.word, maximum: 64), "Features to switch off."),
    ]

    private static let parameterSettings: [ItemSetting] = EthtoolParameter.configurable.map { parameter in
        ItemSetting(
            parameter.rawValue, parameter.isFlag ? .boolean : .integer(0...4_294_967_295, unit: parameter.unit),
            parameter.summary)
    }

    private static let policySettings: [ItemSetting] = [
        ItemSetting("effect", .choice(["permit", "deny"]), "What it says of a request.", isRequired: true),
        ItemSetting(
            "priority", .integer(1...65_535, unit: nil), "Rules are tried in ascending order.", default: .integer(1000)),
        ItemSetting("principal", .principalPattern, "Whom it is about.", default: .text("name:*")),
        ItemSetting(
            "level", .choice(SecurityLevel.allCases.map(\.description)), "How well a request must be protected.",
            default: .text("noAuthNoPriv")),
        ItemSetting("source", .sourcePrefix, "Where a request has to come from."),
        ItemSetting(
            "actions", .list(.choice(ActionClass.allCases.map(\.configurationName)), maximum: 4),
            "What the request wants to do.", default: .list(ActionClass.allCases.map(\.configurationName))),
        ItemSetting("target", .targetPattern, "What it is done to.", default: .text("any")),
        ItemSetting("audit", .boolean, "Whether its decisions are recorded.", default: .boolean(true)),
        ItemSetting("description", .text(maximumOctets: 255), "For people.", default: .text("")),
    ]

    private static let thresholdSettings: [ItemSetting] = [
        ItemSetting(
            "metric", .choice(Threshold.Variable.allCases.map { "\($0)" }),
            "The measured value, as ORION-PERFORMANCE-MIB names it, in its unit there.", isRequired: true),
        ItemSetting("target", .text(maximumOctets: 64), "The interfaces, as a pattern.", default: .text("*")),
        ItemSetting(
            "rising", .integer(0...4_294_967_295, unit: nil), "At or above this an alarm is raised.", isRequired: true),
        ItemSetting(
            "falling", .integer(0...4_294_967_295, unit: nil), "At or below this it is cleared; rising where not said."),
        ItemSetting(
            "severity", .choice(["warning", "minor", "major", "critical"]), "The severity of the alarm.",
            default: .text("warning")),
        ItemSetting(
            "hold", .integer(0...3_600_000, unit: "milliseconds"), "How long the value has to be there.",
            default: .integer(0)),
    ]
}

extension ActionClass {
    package var configurationName: String {
        switch self {
        case .read: "read"
        case .configure: "configure"
        case .operate: "operate"
        case .administer: "administer"
        }
    }
}
