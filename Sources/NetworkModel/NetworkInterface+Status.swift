/// The operational status as IF-MIB speaks of it (ifOperStatus, RFC 2863 section 3.1.14).
package enum OperationalStatus: Int32, Sendable, Hashable, CaseIterable {
    case up = 1
    case down = 2
    case testing = 3
    case unknown = 4
    case dormant = 5
    case notPresent = 6
    case lowerLayerDown = 7
}

extension Link {
    /// Whether the administrator wants it up (IFF_UP).
    package var isAdministrativelyUp: Bool { flags.contains(.up) }

    /// The interface this one runs on top of. A veth's IFLA_LINK names its peer, which is beside it, not below.
    package var layerBelow: InterfaceIndex? {
        kind == "veth" || kind == "netkit" || lower == index ? nil : lower
    }

    /// The kernel's operational state in IF-MIB's terms.
    ///
    /// The kernel calls any interface with an IFLA_LINK lowerLayerDown when it lacks carrier, a veth included; the MIB
    /// reserves that for stacked ones, and a port without carrier is down. A driver that does not maintain the
    /// state leaves it unknown: then carrier decides.
    package var operationalStatus: OperationalStatus {
        if operationalState == .notPresent { return .notPresent }
        guard isAdministrativelyUp else { return .down }
        switch operationalState {
        case .up: return .up
        case .down: return .down
        case .testing: return .testing
        case .dormant: return .dormant
        case .notPresent: return .notPresent
        case .lowerLayerDown: return layerBelow != nil || lowerIsForeign && kind != "veth" ? .lowerLayerDown : .down
        case .unknown: return carrier ? .up : .unknown
        }
    }

    /// Whether hardware is behind it, so that it has a connector (ifConnectorPresent).
    package var isPhysical: Bool { parentDevice != nil }

    /// What it is, in one word: the kernel's kind, or "device" for hardware, or "loopback".
    package var kindName: String {
        if let kind, !kind.isEmpty { return kind }
        return flags.contains(.loopback) ? "loopback" : "device"
    }
}

extension NetworkInterface {
    package var index: InterfaceIndex { link.index }
    package var name: String { link.name }

    /// Whether hardware is behind it: the kernel names a parent device, or sysfs shows one.
    package var isPhysical: Bool { link.isPhysical || device != nil }

    /// A name that stays with the hardware, or with the role of a virtual interface, whatever index it gets:
    /// "pci-0000:00:03.0", "mac-52:54:00:00:00:01" where no bus address is known, "veth:NAME".
    package var stableIdentifier: String {
        if let device, let bus = device.bus, let address = device.busAddress { return "\(bus)-\(address)" }
        if let bus = link.parentBus, let name = link.parentDevice { return "\(bus)-\(name)" }
        if let permanent = link.permanentAddress, link.kind == nil, !permanent.isEmpty { return "mac-\(permanent)" }
        return "\(link.kindName):\(link.name)"
    }
}
