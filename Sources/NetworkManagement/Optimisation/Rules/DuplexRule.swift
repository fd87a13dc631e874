import NetworkModel

/// A link whose ends do not agree whether both may send at once: one of them does not negotiate (IEEE 802.3 clause 28).
enum DuplexRule {
    private static let fewest = 0.5

    static func proposal(_ port: OptimisationFacts.Port) -> FindingProposal? {
        guard let settings = port.settings else { return nil }
        let evidence: String
        switch settings.duplex {
        case .half where port.load.lateCollisions > 0 || port.load.collisions >= fewest:
            evidence =
                "half duplex, \(whole(port.load.collisions)) collisions/s, \(whole(port.load.lateCollisions)) late"
        case .full where settings.autonegotiation == false && port.load.crcErrors >= fewest:
            evidence = "full duplex without negotiation, \(whole(port.load.crcErrors)) checksum errors/s"
        default: return nil
        }
        let isFixed = settings.autonegotiation == false
        return FindingProposal(
            .duplex, port, evidence: evidence, gain: .high, "the link carries both directions at once without loss",
            risk: .medium, "the link goes down while it is negotiated, and may come back slower",
            changes: isFixed ? [.property(.linkMode(autonegotiation: true, speed: nil, duplex: nil))] : [],
            advice: isFixed ? "" : "the other end does not negotiate: let it")
    }
}
