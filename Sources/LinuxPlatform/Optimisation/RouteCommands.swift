import CNetlink
import NetworkManagement
import NetworkModel

/// Reads routes with several next hops, and gives these other weights, over rtnetlink(7).
struct RouteCommands: ~Copyable {
    private let socket: NetlinkSocket

    init() throws(PlatformError) {
        socket = try NetlinkSocket(family: NETLINK_ROUTE, receiveBuffer: 1 << 18)
    }

    /// In the kernel's order, IPv4 first, `mostRoutes` at most.
    func routes() throws(PlatformError) -> [MultipathRoute] {
        var routes: [MultipathRoute] = []
        var seen: Set<RouteKey> = []
        try dump { route in
            // Of several with one key the first is the one that is used, and that a replacement replaces.
            guard routes.count < mostRoutes, seen.insert(route.weights.route).inserted else { return }
            routes.append(route.route)
        }
        return routes
    }

    /// How a route shares flows now.
    ///
    /// - Throws: `.notSupported` when there is no such route with several next hops.
    func weights(of key: RouteKey) throws(PlatformError) -> RouteWeights { try route(key).weights }

    /// Gives the next hops of a route these weights.
    ///
    /// - Throws: `.invalidValue` when its next hops are others by now.
    func set(_ weights: RouteWeights) throws(PlatformError) {
        let action = "weights of \(weights.route)"
        let route = try route(weights.route)
        if let obstacle = route.route.obstacle { throw PlatformError(.notSupported, "\(action): \(obstacle)") }
        guard
            route.weights.hops.elementsEqual(
                weights.hops, by: { $0.interface == $1.interface && $0.gateway == $1.gateway }),
            weights.hops.allSatisfy({ (1...256).contains($0.weight) })
        else { throw PlatformError(.invalidValue, "\(action): its next hops are others by now") }
        do {
            try socket.exchange(try route.request(weights.hops.map(\.weight)), until: .acknowledgement)
        } catch {
            throw PlatformError(error, action, by: PlatformError.changeCode)
        }
    }

    private func route(_ key: RouteKey) throws(PlatformError) -> KernelRoute {
        var found: KernelRoute?
        try dump { route in
            if found == nil, route.weights.route == key { found = route }
        }
        guard let found else {
            throw PlatformError(.notSupported, "there is no route to \(key) with several next hops", errno: ENOENT)
        }
        return found
    }

    private func dump(_ take: (KernelRoute) -> Void) throws(PlatformError) {
        for family in [AF_INET, AF_INET6] {
            do {
                var request = try NetlinkRequest(type: RTM_GETROUTE, flags: dumpFlags)
                var header = rtmsg()
                header.rtm_family = UInt8(family)
                request.append(header)
                try socket.exchange(request, until: .dump) { message in
                    if let route = KernelRoute(message.payload) { take(route) }
                }
            } catch NetlinkError.refused(errno: EAFNOSUPPORT, _), NetlinkError.refused(errno: EOPNOTSUPP, _) {
                // A kernel without IPv6 has none of its routes.
                continue
            } catch {
                throw PlatformError(error, "reading the routes", by: PlatformError.readCode)
            }
        }
    }
}

/// As many as anybody looks at: a router that knows the whole internet may have hundreds of thousands.
private let mostRoutes = 256
