import CNetlink
import Glibc
import NetworkManagement
import NetworkModel

/// One RTM_NEWROUTE message of a route with several next hops: struct rtmsg and RTA_* attributes (linux/rtnetlink.h).
///
/// It keeps what the kernel said, so that a route that gets other weights is otherwise the same one.
struct KernelRoute {
    let weights: RouteWeights
    /// Of the object that has its next hops; nil when they are the route's own.
    let nextHopGroup: UInt32?
    /// Whether it goes by itself, as one from a router advertisement does.
    let isExpiring: Bool
    private let header: rtmsg
    private let attributes: [(type: Int, octets: [UInt8])]

    /// - Returns: nil when it is no unicast route of the main table with several next hops, or not well formed.
    init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= MemoryLayout<rtmsg>.size else { return nil }
        let header = payload.loadUnaligned(as: rtmsg.self)
        let size: Int
        switch Int32(header.rtm_family) {
        case AF_INET: size = 4
        case AF_INET6: size = 16
        default: return nil
        }
        guard header.rtm_type == unicast, header.rtm_flags & cloned == 0, header.rtm_src_len == 0,
            Int(header.rtm_dst_len) <= size * 8
        else { return nil }
        var destination = [UInt8](repeating: 0, count: size)
        var table = UInt32(header.rtm_table)
        var metric: UInt32 = 0
        var group: UInt32?
        var hops: [NextHop] = []
        var isExpiring = header.rtm_protocol == advertised
        var attributes: [(type: Int, octets: [UInt8])] = []
        for attribute in NetlinkAttributes(payload, after: MemoryLayout<rtmsg>.size) {
            switch attribute.type {
            case Attribute.destination:
                guard attribute.payload.count == size else { return nil }
                destination = Array(attribute.payload)
            case Attribute.table: table = attribute.uint32 ?? table
            case Attribute.metric: metric = attribute.uint32 ?? 0
            case Attribute.nextHopObject: group = attribute.uint32
            case Attribute.multipath:
                guard let read = Self.hops(attribute.payload) else { return nil }
                hops = read
            // What the kernel says of a route's state is nothing to tell it (struct rta_cacheinfo: the third word is when
            // it expires).
            case Attribute.state:
                if attribute.payload.count >= 12,
                    attribute.payload.loadUnaligned(fromByteOffset: 8, as: Int32.self) != 0
                {
                    isExpiring = true
                }
                continue
            default: break
            }
            attributes.append((attribute.type, Array(attribute.payload)))
        }
        guard table == mainTable, hops.count > 1 else { return nil }
        weights = RouteWeights(
            route: RouteKey(
                octets: destination, prefixLength: header.rtm_dst_len, typeOfService: header.rtm_tos, metric: metric),
            hops: hops)
        nextHopGroup = group
        self.isExpiring = isExpiring
        self.header = header
        self.attributes = attributes
    }

    var route: MultipathRoute {
        let obstacle =
            nextHopGroup.map { "its next hops are those of the nexthop object \($0)" }
            ?? (isExpiring ? "a router advertises it" : nil)
        return MultipathRoute(weights: weights, obstacle: obstacle)
    }

    /// The request that gives its next hops these weights, and leaves everything else as it is.
    func request(_ weights: [UInt32]) throws(NetlinkError) -> NetlinkRequest {
        var request = try NetlinkRequest(type: RTM_NEWROUTE, flags: NLM_F_REPLACE | NLM_F_ACK)
        var header = header
        header.rtm_flags = 0
        request.append(header)
        for (type, octets) in attributes {
            request.put(type, type == Attribute.multipath ? Self.replacing(octets, weights) : octets)
        }
        return request
    }

    // MARK: - RTA_MULTIPATH

    /// Where each struct rtnexthop begins, and its length; nil when one does not fit.
    private static func places(_ payload: UnsafeRawBufferPointer) -> [(start: Int, header: rtnexthop)]? {
        var places: [(start: Int, header: rtnexthop)] = []
        var start = 0
        while payload.count - start >= MemoryLayout<rtnexthop>.size {
            let header = payload.loadUnaligned(fromByteOffset: start, as: rtnexthop.self)
            let length = Int(header.rtnh_len)
            guard length >= MemoryLayout<rtnexthop>.size, length <= payload.count - start else { return nil }
            places.append((start, header))
            start += netlinkAligned(length)
        }
        return places
    }

    private static func hops(_ payload: UnsafeRawBufferPointer) -> [NextHop]? {
        guard let places = places(payload) else { return nil }
        var hops: [NextHop] = []
        for (start, header) in places {
            guard let interface = InterfaceIndex(header.rtnh_ifindex) else { return nil }
            let hop = UnsafeRawBufferPointer(rebasing: payload[start..<start + Int(header.rtnh_len)])
            var gateway: [UInt8] = []
            for attribute in NetlinkAttributes(hop, after: MemoryLayout<rtnexthop>.size) {
                switch attribute.type {
                case Attribute.gateway: gateway = attribute.octets(atMost: 16)
                // Of another family than the route: struct rtvia begins with it.
                case Attribute.via: gateway = Array(attribute.octets(atMost: 18).dropFirst(2))
                default: break
                }
            }
            hops.append(
                NextHop(interface: interface.number, gateway: gateway, weight: UInt32(header.rtnh_hops) + 1))
        }
        return hops
    }

    private static func replacing(_ octets: [UInt8], _ weights: [UInt32]) -> [UInt8] {
        var octets = octets
        let places = octets.withUnsafeBytes { Self.places($0) } ?? []
        for ((start, header), weight) in zip(places, weights) {
            // rtnh_flags and rtnh_hops follow the length. Whether a next hop is dead is the kernel's to know.
            octets[start + 2] = header.rtnh_flags & lastingFlags
            octets[start + 3] = UInt8(clamping: weight &- 1)
        }
        return octets
    }
}

// RTN_UNICAST, RTPROT_RA, RT_TABLE_MAIN, RTM_F_CLONED, RTNH_F_PERVASIVE with RTNH_F_ONLINK, and RTA_* of
// linux/rtnetlink.h, which the importer has as other types or leaves out.
private let unicast: UInt8 = 1
private let advertised: UInt8 = 9
private let mainTable: UInt32 = 254
private let cloned: UInt32 = 0x200
private let lastingFlags: UInt8 = 2 | 4

private enum Attribute {
    static let destination = 1
    static let gateway = 5
    static let metric = 6
    static let multipath = 9
    static let state = 12
    static let table = 15
    static let via = 18
    static let nextHopObject = 30
}
