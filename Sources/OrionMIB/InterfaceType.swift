import NetworkModel
import OrionSchema
import SMI

extension Link {
    /// What kind of interface it is in IANA's terms (IANAifType-MIB).
    ///
    /// The kernel's kind decides before its hardware type, which is Ethernet for most virtual interfaces: consoles that
    /// add up the traffic of every ethernetCsmacd port would count a bond's and a VLAN's twice.
    var interfaceType: IANAifTypeMIB.IANAifType {
        switch kind {
        case "bond", "team": return .ieee8023adLag
        case "vlan": return .l2vlan
        case "bridge": return .bridge
        case "vxlan", "geneve", "gre", "gretap", "erspan", "ip6gre", "ip6gretap", "ip6erspan", "ipip", "ip6tnl", "sit",
            "vti", "vti6", "wireguard", "bareudp", "gtp", "amt":
            return .tunnel
        case "macsec": return .macSecControlledIF
        case "macvlan", "macvtap", "ipvlan", "ipvtap", "dummy", "ifb", "vrf", "nlmon", "xfrm":
            return .propVirtual
        case "can", "vcan", "vxcan": return .other
        case "wwan": return .wwanPP
        default: break
        }
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
