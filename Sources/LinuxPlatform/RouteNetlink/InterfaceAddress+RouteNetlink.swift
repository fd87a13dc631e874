import CNetlink
import NetworkModel

extension InterfaceAddress {
    /// Reads the payload of RTM_NEWADDR or RTM_DELADDR: struct ifaddrmsg and IFA_* attributes (linux/if_addr.h).
    ///
    /// - Returns: nil when it is neither IPv4 nor IPv6, or not well formed.
    static func read(routeNetlink payload: UnsafeRawBufferPointer) -> (InterfaceIndex, InterfaceAddress)? {
        guard payload.count >= MemoryLayout<ifaddrmsg>.size else { return nil }
        let header = payload.loadUnaligned(as: ifaddrmsg.self)
        let size: Int
        switch Int32(header.ifa_family) {
        case AF_INET: size = 4
        case AF_INET6: size = 16
        default: return nil
        }
        guard let index = InterfaceIndex(header.ifa_index), Int(header.ifa_prefixlen) <= size * 8 else { return nil }
        var local: NetlinkAttribute?
        var address: NetlinkAttribute?
        for attribute in NetlinkAttributes(payload, after: MemoryLayout<ifaddrmsg>.size) {
            switch attribute.type {
            case IFA_LOCAL: local = attribute
            case IFA_ADDRESS: address = attribute
            default: break
            }
        }
        // With a peer, IFA_ADDRESS is the peer's.
        guard let octets = (local ?? address)?.payload, octets.count == size else { return nil }
        return (index, InterfaceAddress(octets: Array(octets), prefixLength: header.ifa_prefixlen))
    }
}
