import NetworkModel
import OrionSchema
import SMI

extension Link {
    /// What kind of interface it is in IANA's terms (IANAifType-MIB).
    ///
    /// The kernel's kind decides before its hardware type, which is Ethernet for most virtual interfaces: consoles that
    /// add up the traffic of every ethernetCsmacd port would count a bond's and a VLAN's twice.
    var interfaceType: IANAifTypeMIB.IANAifType {
        if let kind, let type = typesByKind[kind] { return type }
        // ARPHRD_* of linux/if_arp.h.
        switch hardwareType {
        case 1: return .ethernetCsmacd
        case 772: return .softwareLoopback
        case 512: return .ppp
        case 768, 769, 776, 778, 823: return .tunnel
        case 65534: return kind == "tun" ? .tunnel : .other
        case 801, 802, 803: return .ieee80211
        case 32: return .infiniband
        case 24: return .ieee1394
        case 256: return .slip
        case 513: return .hdlc
        case 804, 805: return .ieee802154
        default: return .other
        }
    }

    /// ifPhysAddress: empty where there is no address, as on a tunnel or a loopback.
    var physicalAddress: [UInt8] {
        // Tunnels keep an IP address there, which is no address of a medium (ARPHRD_TUNNEL, TUNNEL6, SIT, IPGRE, IP6GRE).
        switch hardwareType {
        case 768, 769, 776, 778, 823: []
        case 772: []
        default: address.octets
        }
    }

    var administrativeStatus: IFMIB.IfAdminStatus {
        isAdministrativelyUp ? .up : .down
    }
}

/// By IFLA_INFO_KIND. A table rather than a switch: this is asked for every row of a walk, and a switch over strings
/// compares them one after the other.
private let typesByKind: [String: IANAifTypeMIB.IANAifType] = [
    "bond": .ieee8023adLag, "team": .ieee8023adLag,
    "vlan": .l2vlan,
    "bridge": .bridge,
    "vxlan": .tunnel, "geneve": .tunnel, "gre": .tunnel, "gretap": .tunnel, "erspan": .tunnel, "ip6gre": .tunnel,
    "ip6gretap": .tunnel, "ip6erspan": .tunnel, "ipip": .tunnel, "ip6tnl": .tunnel, "sit": .tunnel, "vti": .tunnel,
    "vti6": .tunnel, "wireguard": .tunnel, "bareudp": .tunnel, "gtp": .tunnel, "amt": .tunnel,
    "macsec": .macSecControlledIF,
    "macvlan": .propVirtual, "macvtap": .propVirtual, "ipvlan": .propVirtual, "ipvtap": .propVirtual,
    "dummy": .propVirtual, "ifb": .propVirtual, "vrf": .propVirtual, "nlmon": .propVirtual, "xfrm": .propVirtual,
    "can": .other, "vcan": .other, "vxcan": .other,
    "wwan": .wwanPP,
]
