import NetworkModel

/// A receive ring that overflows and can be larger.
enum RingRule {
    /// Drops per second below which a larger ring is not worth its memory.
    private static let fewest = 0.5

    static func proposal(_ port: OptimisationFacts.Port) -> FindingProposal? {
        guard let rings = port.settings?.rings, port.load.ringDrops >= fewest else { return nil }
        let evidence =
            "\(whole(port.load.ringDrops)) packets/s found no room in a ring of \(rings.receive) descriptors"
        let ratio = port.load.ringDrops / max(1, port.load.packetsIn + port.load.ringDrops)
        let gain: FindingLevel = ratio >= 0.01 ? .high : ratio >= 0.000_1 ? .medium : .low
        guard rings.receive < rings.receiveMaximum else {
            return FindingProposal(
                .ring, port, evidence: evidence, gain: gain, "packets that come in bursts are kept", risk: .low,
                "none: nothing is changed", changes: [],
                advice: "the ring is as large as the device takes; spread the load over more queues or processors")
        }
        let size = min(rings.receiveMaximum, max(rings.receive, 64).multipliedReportingOverflow(by: 4).partialValue)
        return FindingProposal(
            .ring, port, evidence: evidence, gain: gain, "packets that come in bursts are kept", risk: .medium,
            "most drivers restart the link for it, and a full ring holds packets for longer",
            changes: [.property(.parameter(.ringReceive, size))])
    }
}
