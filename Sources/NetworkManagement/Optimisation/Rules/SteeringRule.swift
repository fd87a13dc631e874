import NetworkModel

/// Packets that one processor serves alone where several could.
enum SteeringRule {
    /// Packets per second that make it worth the exchange between processors.
    private static let busy = 5000.0

    static func isOfInterest(_ link: Link, _ load: InterfaceLoad, isPhysical: Bool) -> Bool {
        (isPhysical || link.kind == "veth" || link.kind == "tun") && load.packets >= busy
    }

    static func proposals(_ port: OptimisationFacts.Port, _ facts: OptimisationFacts) -> [FindingProposal] {
        guard facts.processors.count > 1, let queues = port.queues,
            isOfInterest(port.link, port.load, isPhysical: port.row.isPhysical)
        else { return [] }
        let places =
            facts.topology.isEmpty
            ? facts.processors.map { ProcessorPlace(number: $0.number, core: $0.number) } : facts.topology
        let order = ProcessorOrder(places, near: queues.local)
        var proposals: [FindingProposal] = []
        if let proposal = channels(port, order, facts) {
            proposals.append(proposal)
        } else if let proposal = receive(port, queues.receive, order, facts) {
            proposals.append(proposal)
        }
        if let proposal = transmit(port, queues.transmit, order, facts) { proposals.append(proposal) }
        return proposals
    }

    private static func channels(
        _ port: OptimisationFacts.Port, _ order: ProcessorOrder, _ facts: OptimisationFacts
    ) -> FindingProposal? {
        guard let channels = port.settings?.channels, channels.combined > 0 else { return nil }
        let wanted = min(channels.combinedMaximum, UInt32(clamping: order.worthwhile.count))
        guard channels.combined < wanted else { return nil }
        return FindingProposal(
            .steering, port, detail: "channels",
            evidence: "\(channels.combined) of \(channels.combinedMaximum) channels are in use for "
                + "\(cores(order)); \(load(port, facts))" + busiest("receive", port.queueShares.receive),
            gain: gain(facts, port.queueShares.receive), "the device itself spreads packets over the processors",
            risk: .medium, "most drivers restart the link for it",
            changes: [.property(.parameter(.channelsCombined, wanted))])
    }

    private static func receive(
        _ port: OptimisationFacts.Port, _ queues: [ProcessorSet], _ order: ProcessorOrder, _ facts: OptimisationFacts
    ) -> FindingProposal? {
        let shares = port.queueShares.receive
        let isUneven = isUneven(shares) && shares.count == queues.count
        let processors = order.worthwhile
        guard port.load.packetsIn >= busy, !queues.isEmpty, queues.count < processors.count || isUneven,
            queues.allSatisfy(\.isEmpty)
        else { return nil }
        // Where one queue has it all, its part alone would take no more than it does.
        let sets =
            isUneven ? queues.map { _ in ProcessorSet(processors) } : order.receiving(queues.count)
        return FindingProposal(
            .steering, port, detail: "receive",
            evidence: "\(queues.count) receive queues for \(cores(order)); \(load(port, facts))"
                + busiest("receive", shares),
            gain: gain(facts, shares), "packets of different flows are handled by several processors at once",
            risk: .low, "packets pass from one processor to another, which costs some time of both",
            changes: sets.enumerated().map { .receiveSteering(queue: UInt32($0), $1) })
    }

    private static func transmit(
        _ port: OptimisationFacts.Port, _ queues: [ProcessorSet?], _ order: ProcessorOrder, _ facts: OptimisationFacts
    ) -> FindingProposal? {
        guard port.load.packetsOut >= busy, queues.count > 1, queues.allSatisfy({ $0?.isEmpty ?? false }) else {
            return nil
        }
        return FindingProposal(
            .steering, port, detail: "transmit",
            evidence: "\(queues.count) transmit queues belong to no processor; \(load(port, facts))"
                + busiest("transmit", port.queueShares.transmit),
            gain: gain(facts, port.queueShares.transmit),
            "each processor sends by a queue of its own, without waiting for another's lock", risk: .low,
            "flows that change their processor may change their queue and overtake themselves",
            changes: order.sending(queues.count).enumerated().map { .transmitSteering(queue: UInt32($0), $1) })
    }

    // MARK: - What was seen

    private static func cores(_ order: ProcessorOrder) -> String {
        let threads = order.cores.reduce(0) { $0 + $1.count }
        let cores = "\(order.cores.count) cores"
        return threads > order.cores.count ? "\(cores) of \(threads) threads" : cores
    }

    private static func load(_ port: OptimisationFacts.Port, _ facts: OptimisationFacts) -> String {
        let busiest = facts.processors.max { $0.share < $1.share } ?? (number: 0, share: 0)
        return "processor \(busiest.number) takes \(percent(busiest.share)) of all packets; "
            + "\(whole(port.load.packetsIn)) packets/s in, \(whole(port.load.packetsOut)) out"
    }

    /// Names the busiest of several queues; empty where that is not known.
    private static func busiest(_ direction: String, _ shares: [Double]) -> String {
        guard shares.count > 1, let share = shares.max(), let queue = shares.firstIndex(of: share) else { return "" }
        return "; \(direction) queue \(queue) has \(percent(share)) of them"
    }

    private static func isUneven(_ shares: [Double]) -> Bool { BalancingGroup.imbalance(shares) > 0.5 }

    private static func gain(_ facts: OptimisationFacts, _ shares: [Double]) -> FindingLevel {
        let share = facts.processors.map(\.share).max() ?? 0
        return share * Double(facts.processors.count) >= 1.5 || isUneven(shares) ? .high : .low
    }
}
