import CNetlink
import NetworkModel

extension Link {
    /// Reads the payload of RTM_NEWLINK: struct ifinfomsg and IFLA_* attributes (linux/if_link.h).
    ///
    /// Unknown attributes are passed over, and one that is too short counts as absent.
    ///
    /// - Returns: nil when it does not describe a link: a bridge's message about its port (AF_BRIDGE), a wireless
    ///   event (IFLA_WIRELESS), no name, or an index out of range.
    init?(routeNetlink payload: UnsafeRawBufferPointer) {
        guard let header = LinkHeader(payload) else { return nil }
        self.init(index: header.index, name: "")
        hardwareType = header.hardwareType
        flags = header.flags
        var hasForeignLower = false
        for attribute in NetlinkAttributes(payload, after: MemoryLayout<ifinfomsg>.size) {
            // A wireless event borrows the message type and carries little more than the name.
            if attribute.type == IFLA_WIRELESS { return nil }
            if attribute.type == IFLA_LINK_NETNSID { hasForeignLower = true }
            read(attribute)
        }
        guard !name.isEmpty else { return nil }
        if hasForeignLower {
            lowerIsForeign = true
            lower = nil
        }
    }

    private mutating func read(_ attribute: NetlinkAttribute) {
        switch attribute.type {
        case IFLA_IFNAME: name = attribute.text(atMost: longestName)
        case IFLA_IFALIAS: alias = attribute.text(atMost: longestAlias)
        case IFLA_MTU: mtu = attribute.uint32 ?? mtu
        case IFLA_MIN_MTU: minimumMTU = attribute.uint32
        // dev_validate_mtu takes 0 for no limit.
        case IFLA_MAX_MTU: maximumMTU = attribute.uint32.flatMap { $0 == 0 ? nil : $0 }
        case IFLA_ADDRESS: address = attribute.linkLayerAddress
        case IFLA_BROADCAST:
            // Nearly all have the same one, which need not be in memory for each.
            let address = attribute.linkLayerAddress
            broadcast = address == .ethernetBroadcast ? .ethernetBroadcast : address
        case IFLA_PERM_ADDRESS: permanentAddress = attribute.linkLayerAddress
        case IFLA_TXQLEN: queueLength = attribute.uint32 ?? queueLength
        case IFLA_NUM_TX_QUEUES: transmitQueues = attribute.uint32 ?? transmitQueues
        case IFLA_NUM_RX_QUEUES: receiveQueues = attribute.uint32 ?? receiveQueues
        case IFLA_QDISC: queueDiscipline = attribute.text(atMost: longestName)
        case IFLA_OPERSTATE: operationalState = attribute.uint8.flatMap(OperationalState.init) ?? .unknown
        case IFLA_CARRIER: carrier = attribute.uint8 == 1
        case IFLA_CARRIER_UP_COUNT: carrierUpCount = attribute.uint32 ?? carrierUpCount
        case IFLA_CARRIER_DOWN_COUNT: carrierDownCount = attribute.uint32 ?? carrierDownCount
        case IFLA_MASTER: master = attribute.uint32.flatMap { InterfaceIndex($0) }
        case IFLA_LINK: lower = attribute.uint32.flatMap { InterfaceIndex($0) }
        case IFLA_PROMISCUITY: promiscuity = attribute.uint32 ?? promiscuity
        case IFLA_PROTO_DOWN: isProtocolDown = attribute.uint8.map { $0 != 0 } ?? isProtocolDown
        case IFLA_GROUP: group = attribute.uint32 ?? group
        case IFLA_PARENT_DEV_NAME: parentDevice = attribute.text(atMost: longestDeviceName)
        case IFLA_PARENT_DEV_BUS_NAME: parentBus = attribute.text(atMost: longestDeviceName)
        case IFLA_LINKINFO: readInformation(attribute)
        default: break
        }
    }

    private mutating func readInformation(_ information: NetlinkAttribute) {
        var data: NetlinkAttribute?
        for attribute in information.nested {
            switch attribute.type {
            case IFLA_INFO_KIND: kind = attribute.text(atMost: longestDeviceName)
            case IFLA_INFO_SLAVE_KIND: portKind = attribute.text(atMost: longestDeviceName)
            case IFLA_INFO_DATA: data = attribute
            default: break
            }
        }
        guard let data else { return }
        switch kind {
        case "vlan":
            for attribute in data.nested where attribute.type == IFLA_VLAN_ID {
                vlanIdentifier = attribute.uint16.flatMap { $0 <= 4094 ? $0 : nil }
            }
        case "bond":
            for attribute in data.nested {
                switch attribute.type {
                case IFLA_BOND_MODE: bondMode = attribute.uint8
                case IFLA_BOND_XMIT_HASH_POLICY: bondHashPolicy = attribute.uint8
                default: break
                }
            }
        case "vxlan":
            for attribute in data.nested {
                switch attribute.type {
                case IFLA_VXLAN_LINK: underlay = attribute.uint32.flatMap { InterfaceIndex($0) }
                case IFLA_VXLAN_GROUP6, IFLA_VXLAN_LOCAL6: isUnderlayIPv6 = true
                default: break
                }
            }
        default: break
        }
    }
}

/// The fixed part of RTM_NEWLINK and RTM_DELLINK (struct ifinfomsg).
struct LinkHeader {
    let index: InterfaceIndex
    let hardwareType: UInt16
    let flags: LinkFlags

    /// nil when it is cut short, of another family than AF_UNSPEC, or the index is out of range. A bridge speaks of its
    /// ports in AF_BRIDGE: an RTM_DELLINK of that family says that the interface left the bridge, not the system.
    init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= MemoryLayout<ifinfomsg>.size else { return nil }
        let header = payload.loadUnaligned(as: ifinfomsg.self)
        guard header.ifi_family == AF_UNSPEC, let index = InterfaceIndex(header.ifi_index) else { return nil }
        self.index = index
        hardwareType = header.ifi_type
        flags = LinkFlags(rawValue: header.ifi_flags)
    }
}

extension NetlinkAttribute {
    /// At most MAX_ADDR_LEN octets (linux/netdevice.h).
    fileprivate var linkLayerAddress: MACAddress { MACAddress(octets(atMost: 32)) }
}

// IFNAMSIZ and IFALIASZ (linux/if.h) without the NUL; the rest is bounded to keep what is hostile small.
private let longestName = 15
private let longestAlias = 255
private let longestDeviceName = 127
