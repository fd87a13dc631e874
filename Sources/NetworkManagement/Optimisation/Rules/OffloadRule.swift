import NetworkModel

/// Features that take work off the processor and are off although the driver has them.
enum OffloadRule {
    /// In the order in which the kernel wants them on: segmentation needs scatter-gather, which needs checksums.
    static let features = [
        "tx-checksum-ip-generic", "tx-checksum-ipv4", "tx-checksum-ipv6", "rx-checksum", "tx-scatter-gather",
        "tx-generic-segmentation", "tx-tcp-segmentation", "tx-tcp6-segmentation", "rx-gro",
    ]

    static func proposal(_ port: OptimisationFacts.Port) -> FindingProposal? {
        guard port.link.isAdministrativelyUp, !port.link.flags.contains(.loopback), let settings = port.settings else {
            return nil
        }
        // What is asked for and yet off lacks something else, or the driver's consent: asking again changes nothing.
        let idle = settings.features.filter { !$0.isActive && !$0.isRequested && $0.isChangeable }.map(\.name)
        guard !idle.isEmpty else { return nil }
        let off = features.filter { feature in
            // A veth has GRO off by default: it costs a NAPI context, and pays only where packets are forwarded.
            idle.contains(feature) && !(feature == "rx-gro" && port.link.kind == "veth")
        }
        guard !off.isEmpty else { return nil }
        let packets = port.load.packets
        return FindingProposal(
            .offload, port,
            evidence: "off although the driver has them: \(off.joined(separator: ", ")); \(whole(packets)) packets/s",
            gain: packets >= 10_000 ? .high : packets >= 500 ? .medium : .low,
            "fewer, larger packets pass through the kernel, and checksums cost no processor time",
            risk: port.row.isPhysical ? .medium : .low,
            "a device that offloads wrongly damages packets, which shows as errors or losses",
            changes: off.map { .property(.feature($0, true)) })
    }
}
