import CNetlink
import NetworkManagement
import NetworkModel

extension InterfacePlatformEvent {
    /// Reads one message of the groups RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR and RTNLGRP_IPV6_IFADDR.
    ///
    /// - Returns: nil when it tells nothing of an interface, such as a bridge's message about its port.
    init?(routeNetlink message: NetlinkMessage) {
        switch Int(message.type) {
        case RTM_NEWLINK:
            guard let link = Link(routeNetlink: message.payload) else { return nil }
            self = .link(link)
        case RTM_DELLINK:
            guard let header = LinkHeader(message.payload) else { return nil }
            self = .gone(header.index)
        case RTM_NEWADDR:
            guard let (index, address) = InterfaceAddress.read(routeNetlink: message.payload) else { return nil }
            self = .addressAdded(index, address)
        case RTM_DELADDR:
            guard let (index, address) = InterfaceAddress.read(routeNetlink: message.payload) else { return nil }
            self = .addressRemoved(index, address)
        default:
            return nil
        }
    }
}
