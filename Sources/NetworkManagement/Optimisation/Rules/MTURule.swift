import NetworkModel

/// Interfaces that pass packets to one another and do not take the same sizes.
enum MTURule {
    /// Octets that VXLAN adds over IPv4 and IPv6: Ethernet 14, IP 20 or 40, UDP 8, VXLAN 8 (RFC 7348).
    private static let overhead: (ipv4: UInt32, ipv6: UInt32) = (50, 70)

    static func proposals(_ facts: OptimisationFacts) -> [FindingProposal] {
        // Of each bridge, the largest of its ports.
        var largest: [InterfaceIndex: UInt32] = [:]
        for port in facts.ports {
            if let master = port.link.master { largest[master] = max(largest[master] ?? 0, port.link.mtu) }
        }
        return facts.ports.compactMap { port in
            if port.link.kind == "vxlan" { return tunnel(port, facts) }
            guard let master = port.link.master.flatMap({ facts.port($0) }), master.link.kind == "bridge" else {
                return nil
            }
            return member(port, of: master, largest: max(master.link.mtu, largest[master.row.index] ?? 0))
        }
    }

    private static func member(
        _ port: OptimisationFacts.Port, of bridge: OptimisationFacts.Port, largest: UInt32
    ) -> FindingProposal? {
        guard port.link.mtu < largest else { return nil }
        let fits = largest <= port.link.maximumMTU ?? .max
        return FindingProposal(
            .mtu, port,
            evidence: "an MTU of \(port.link.mtu) in bridge \(bridge.link.name), where others take \(largest)",
            gain: .high, "packets of more than \(port.link.mtu) octets pass this port, which the bridge drops silently",
            risk: .high, "whatever is behind the port may not take them",
            changes: fits ? [.property(.mtu(largest))] : [],
            advice: fits ? "" : "lower the MTU of bridge \(bridge.link.name) and its other ports to \(port.link.mtu)")
    }

    private static func tunnel(
        _ port: OptimisationFacts.Port, _ facts: OptimisationFacts
    ) -> FindingProposal? {
        guard let underlay = port.link.underlay.flatMap({ facts.port($0) }) else { return nil }
        let overhead = port.link.isUnderlayIPv6 ? overhead.ipv6 : overhead.ipv4
        guard port.link.mtu > 0, port.link.mtu + overhead > underlay.link.mtu, underlay.link.mtu > overhead + 68 else {
            return nil
        }
        return FindingProposal(
            .mtu, port,
            evidence: "an MTU of \(port.link.mtu), and \(overhead) octets more on \(underlay.link.name), which takes "
                + "\(underlay.link.mtu)",
            gain: .high, "packets are no longer fragmented or dropped on \(underlay.link.name)", risk: .medium,
            "hosts behind the tunnel that send larger packets need the same MTU",
            changes: [.property(.mtu(underlay.link.mtu - overhead))])
    }
}
