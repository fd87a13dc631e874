package import NetworkModel

/// What tells a route of the main table from every other.
package struct RouteKey: Sendable, Hashable, Codable {
    /// The destination's address, four or sixteen octets in network order.
    package let octets: [UInt8]
    package let prefixLength: UInt8
    /// The TOS that packets must have; 0 for any.
    package let typeOfService: UInt8
    /// RTA_PRIORITY: of routes to one destination the lowest is taken.
    package let metric: UInt32

    package init(octets: [UInt8], prefixLength: UInt8, typeOfService: UInt8 = 0, metric: UInt32 = 0) {
        self.octets = octets
        self.prefixLength = prefixLength
        self.typeOfService = typeOfService
        self.metric = metric
    }
}

extension RouteKey: CustomStringConvertible {
    /// "203.0.113.0/24 metric 5".
    package var description: String {
        var text = "\(addressText(octets))/\(prefixLength)"
        if typeOfService != 0 { text += " tos \(typeOfService)" }
        if metric != 0 { text += " metric \(metric)" }
        return text
    }
}

/// One of several next hops of a route.
package struct NextHop: Sendable, Hashable, Codable {
    /// ifIndex of the interface that packets leave by.
    package let interface: UInt32
    /// Four or sixteen octets in network order; empty where the destination is on the link.
    package let gateway: [UInt8]
    /// 1..256: of the sum of all weights, this part of the flows goes here.
    package let weight: UInt32

    package init(interface: UInt32, gateway: [UInt8], weight: UInt32) {
        self.interface = interface
        self.gateway = gateway
        self.weight = weight
    }

    /// "192.0.2.1"; empty without a gateway.
    package var gatewayText: String { gateway.isEmpty ? "" : addressText(gateway) }
}

/// A route and how it shares flows among its next hops.
package struct RouteWeights: Sendable, Hashable, Codable {
    package let route: RouteKey
    /// In the kernel's order.
    package let hops: [NextHop]

    package init(route: RouteKey, hops: [NextHop]) {
        self.route = route
        self.hops = hops
    }

    /// The same next hops, of which one has another weight.
    func giving(_ weight: UInt32, to position: Int) -> RouteWeights {
        var hops = hops
        let old = hops[position]
        hops[position] = NextHop(interface: old.interface, gateway: old.gateway, weight: weight)
        return RouteWeights(route: route, hops: hops)
    }

    /// The interfaces that it uses, each once, in the order of its next hops.
    package var interfaces: [InterfaceIndex] {
        var seen: Set<UInt32> = []
        return hops.filter { seen.insert($0.interface).inserted }.compactMap { InterfaceIndex($0.interface) }
    }
}

/// A route of the main table that has several next hops.
package struct MultipathRoute: Sendable, Hashable {
    package let weights: RouteWeights
    /// Why the weights cannot be changed by the route; nil when they can.
    package let obstacle: String?

    package init(weights: RouteWeights, obstacle: String? = nil) {
        self.weights = weights
        self.obstacle = obstacle
    }

    package var key: RouteKey { weights.route }
}

/// Of four or sixteen octets; hexadecimal of any others.
private func addressText(_ octets: [UInt8]) -> String {
    switch octets.count {
    case 4: return IPAddressText.ipv4(octets.reduce(0) { $0 << 8 | UInt32($1) })
    case 16:
        let half = { (part: ArraySlice<UInt8>) in part.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        return IPAddressText.ipv6(high: half(octets[..<8]), low: half(octets[8...]))
    default: return octets.map { String($0, radix: 16) }.joined(separator: ":")
    }
}
