/// One network interface as the kernel has it.
///
/// A plain fact: the Interface Manager publishes it, nobody edits it in place.
package struct NetworkInterface: Sendable, Hashable {
    /// What RTM_NEWLINK says.
    package var link: Link
    /// Speed, duplex and the rest of ethtool's settings; nil when the driver has none or it is not known yet.
    package var settings: LinkSettings?
    /// The device behind it; nil for a virtual interface.
    package var device: Device?
    /// The IP addresses on it, in the kernel's order.
    package var addresses: [InterfaceAddress]
    /// The multicast link-layer addresses it receives.
    package var multicastAddresses: [MACAddress]

    package init(
        link: Link, settings: LinkSettings? = nil, device: Device? = nil, addresses: [InterfaceAddress] = [],
        multicastAddresses: [MACAddress] = []
    ) {
        self.link = link
        self.settings = settings
        self.device = device
        self.addresses = addresses
        self.multicastAddresses = multicastAddresses
    }
}

/// The facts of one RTM_NEWLINK message (rtnetlink(7), linux/if_link.h).
package struct Link: Sendable, Hashable {
    package var index: InterfaceIndex
    /// IFLA_IFNAME, at most 15 octets; octets that are not UTF-8 are replaced by U+FFFD.
    package var name: String
    /// IFLA_IFALIAS, at most 255 octets; empty when none is set.
    package var alias: String = ""
    /// ARPHRD_* of linux/if_arp.h.
    package var hardwareType: UInt16 = 1
    /// IFF_* of linux/if.h, the 32 bits of ifi_flags.
    package var flags: LinkFlags = []
    package var operationalState: OperationalState = .unknown
    /// IFLA_CARRIER; what the driver says of its medium.
    package var carrier = false
    /// Octets; 0 when there is no limit.
    package var mtu: UInt32 = 0
    /// Octets the driver allows; nil when it does not say.
    package var minimumMTU: UInt32?
    package var maximumMTU: UInt32?
    package var address: MACAddress = MACAddress([])
    package var broadcast: MACAddress = MACAddress([])
    /// IFLA_PERM_ADDRESS: the address the hardware was made with; nil when it has none.
    package var permanentAddress: MACAddress?
    /// IFLA_TXQLEN, packets.
    package var queueLength: UInt32 = 0
    package var transmitQueues: UInt32 = 1
    package var receiveQueues: UInt32 = 1
    /// IFLA_QDISC, of when the link last changed: another discipline alone sends no RTM_NEWLINK.
    package var queueDiscipline: String = ""
    /// IFLA_INFO_KIND ("bridge", "veth", "vlan", ...); nil for hardware.
    package var kind: String?
    /// IFLA_INFO_SLAVE_KIND: what kind of master it is a port of.
    package var portKind: String?
    /// IFLA_MASTER: the bridge, bond, team or VRF this is a port of.
    package var master: InterfaceIndex?
    /// IFLA_LINK in this namespace: the interface this one runs on. Also a veth's peer, which it does not run on.
    package var lower: InterfaceIndex?
    /// IFLA_LINK_NETNSID is present: `IFLA_LINK` means an interface of another namespace, and `lower` is nil.
    package var lowerIsForeign = false
    /// IFLA_PROMISCUITY: how many users ask for promiscuous mode.
    package var promiscuity: UInt32 = 0
    /// IFLA_CARRIER_UP_COUNT, IFLA_CARRIER_DOWN_COUNT; they wrap.
    package var carrierUpCount: UInt32 = 0
    package var carrierDownCount: UInt32 = 0
    /// IFLA_PROTO_DOWN: a protocol holds the interface down.
    package var isProtocolDown = false
    package var group: UInt32 = 0
    /// IFLA_VLAN_ID, 0..4094; nil unless the kind is "vlan".
    package var vlanIdentifier: UInt16?
    /// IFLA_BOND_MODE (linux/if_bonding.h); nil unless the kind is "bond".
    package var bondMode: UInt8?
    /// IFLA_BOND_XMIT_HASH_POLICY (linux/if_bonding.h); nil likewise.
    package var bondHashPolicy: UInt8?
    /// IFLA_VXLAN_LINK: the interface that carries a tunnel's packets; nil unless the kind is "vxlan" and it has one.
    package var underlay: InterfaceIndex?
    /// Whether they are carried by IPv6.
    package var isUnderlayIPv6 = false
    /// IFLA_PARENT_DEV_NAME and IFLA_PARENT_DEV_BUS_NAME, such as "0000:00:03.0" and "pci"; nil when virtual.
    package var parentDevice: String?
    package var parentBus: String?

    package init(index: InterfaceIndex, name: String) {
        self.index = index
        self.name = name
    }
}

/// IFF_* bits (linux/if.h).
package struct LinkFlags: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let up = LinkFlags(rawValue: 1 << 0)
    package static let broadcast = LinkFlags(rawValue: 1 << 1)
    package static let loopback = LinkFlags(rawValue: 1 << 3)
    package static let pointToPoint = LinkFlags(rawValue: 1 << 4)
    package static let running = LinkFlags(rawValue: 1 << 6)
    package static let promiscuous = LinkFlags(rawValue: 1 << 8)
    package static let allMulticast = LinkFlags(rawValue: 1 << 9)
    package static let multicast = LinkFlags(rawValue: 1 << 12)
    package static let lowerUp = LinkFlags(rawValue: 1 << 16)
    package static let dormant = LinkFlags(rawValue: 1 << 17)
}

/// IF_OPER_* (linux/if.h, RFC 2863 ifOperStatus).
package enum OperationalState: UInt8, Sendable, Hashable, CaseIterable {
    case unknown = 0
    case notPresent = 1
    case down = 2
    case lowerLayerDown = 3
    case testing = 4
    case dormant = 5
    case up = 6
}

/// ethtool's link settings (ETHTOOL_MSG_LINKINFO_GET, LINKMODES_GET, LINKSTATE_GET) and the capabilities beside them.
package struct LinkSettings: Sendable, Hashable {
    /// nil when the driver does not know, as without carrier.
    package var speed: BitsPerSecond?
    package var duplex: Duplex = .unknown
    /// nil when the driver does not say.
    package var autonegotiation: Bool?
    /// The modes that the device is capable of, ascending; empty when the driver does not say.
    package var supportedModes: [LinkMode] = []
    /// ETHTOOL_A_LINKSTATE_EXT_STATE (linux/ethtool.h); nil when none is given.
    package var extendedState: UInt8?
    package var features: [Feature] = []
    package var rings: RingSizes?
    package var channels: ChannelCounts?
    package var coalescing: Coalescing?
    /// Pause frames sent and honoured; nil when the driver does not say.
    package var pause: Pause?

    package init() {}
}

/// A speed and duplex that a device is capable of (ETHTOOL_LINK_MODE_*, linux/ethtool.h), whatever the medium.
package struct LinkMode: Sendable, Hashable, Comparable {
    package let megabits: UInt32
    package let isFullDuplex: Bool

    package init(megabits: UInt32, isFullDuplex: Bool) {
        self.megabits = megabits
        self.isFullDuplex = isFullDuplex
    }

    /// As `interfaces.NAME.duplex` says it.
    package var duplexText: String { isFullDuplex ? "full" : "half" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.megabits, left.isFullDuplex ? 1 : 0) < (right.megabits, right.isFullDuplex ? 1 : 0)
    }
}

package enum Duplex: UInt8, Sendable, Hashable {
    /// DUPLEX_HALF.
    case half = 0
    /// DUPLEX_FULL.
    case full = 1
    /// DUPLEX_UNKNOWN.
    case unknown = 255
}

/// An offload feature by its kernel name ("tx-checksum-ipv4", ...).
package struct Feature: Sendable, Hashable {
    package let name: String
    package let isActive: Bool
    package let isRequested: Bool
    /// The driver lets it be changed.
    package let isChangeable: Bool

    package init(name: String, isActive: Bool, isRequested: Bool, isChangeable: Bool) {
        self.name = name
        self.isActive = isActive
        self.isRequested = isRequested
        self.isChangeable = isChangeable
    }
}

/// Ring sizes in descriptors (ETHTOOL_MSG_RINGS_GET).
package struct RingSizes: Sendable, Hashable {
    package var receive: UInt32
    package var receiveMaximum: UInt32
    package var transmit: UInt32
    package var transmitMaximum: UInt32

    package init(receive: UInt32, receiveMaximum: UInt32, transmit: UInt32, transmitMaximum: UInt32) {
        self.receive = receive
        self.receiveMaximum = receiveMaximum
        self.transmit = transmit
        self.transmitMaximum = transmitMaximum
    }
}

/// Channel counts (ETHTOOL_MSG_CHANNELS_GET).
package struct ChannelCounts: Sendable, Hashable {
    package var receive: UInt32
    package var receiveMaximum: UInt32
    package var transmit: UInt32
    package var transmitMaximum: UInt32
    package var combined: UInt32
    package var combinedMaximum: UInt32

    package init(
        receive: UInt32, receiveMaximum: UInt32, transmit: UInt32, transmitMaximum: UInt32, combined: UInt32,
        combinedMaximum: UInt32
    ) {
        self.receive = receive
        self.receiveMaximum = receiveMaximum
        self.transmit = transmit
        self.transmitMaximum = transmitMaximum
        self.combined = combined
        self.combinedMaximum = combinedMaximum
    }
}

/// Interrupt coalescing (ETHTOOL_MSG_COALESCE_GET).
package struct Coalescing: Sendable, Hashable {
    /// Microseconds; nil when the driver has no such setting.
    package var receiveMicroseconds: UInt32?
    package var transmitMicroseconds: UInt32?
    /// Packets.
    package var receiveFrames: UInt32?
    package var transmitFrames: UInt32?
    package var isReceiveAdaptive: Bool?
    package var isTransmitAdaptive: Bool?

    package init() {}
}

/// Flow control (ETHTOOL_MSG_PAUSE_GET).
package struct Pause: Sendable, Hashable {
    package var autonegotiation: Bool
    package var receive: Bool
    package var transmit: Bool

    package init(autonegotiation: Bool, receive: Bool, transmit: Bool) {
        self.autonegotiation = autonegotiation
        self.receive = receive
        self.transmit = transmit
    }
}

/// A rate of bits per second.
package struct BitsPerSecond: Sendable, Hashable, Comparable {
    package let value: UInt64
    package init(_ value: UInt64) { self.value = value }
    package static func megabits(_ value: UInt64) -> Self { Self(value.multipliedReportingOverflow(by: 1_000_000).0) }
    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

/// The device an interface belongs to, as sysfs shows it.
package struct Device: Sendable, Hashable {
    /// The kernel driver bound to it, such as "e1000e"; nil when none shows.
    package var driver: String?
    /// The bus, such as "pci" or "virtio".
    package var bus: String?
    /// The device's name on the bus, such as "0000:00:03.0".
    package var busAddress: String?

    package init(driver: String? = nil, bus: String? = nil, busAddress: String? = nil) {
        self.driver = driver
        self.bus = bus
        self.busAddress = busAddress
    }
}

/// An IP address on an interface (RTM_NEWADDR).
package struct InterfaceAddress: Sendable, Hashable {
    /// Four or sixteen octets in network order.
    package let octets: [UInt8]
    package let prefixLength: UInt8

    package init(octets: [UInt8], prefixLength: UInt8) {
        self.octets = octets
        self.prefixLength = prefixLength
    }
}
