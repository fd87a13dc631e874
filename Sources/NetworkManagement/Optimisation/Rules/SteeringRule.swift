import NetworkModel

/// Packets that one processor serves alone where several could.
enum SteeringRule {
    /// Packets per second that make it worth the exchange between processors.
    private static let busy = 5000.0

    static func isOfInterest(_ link: Link, _ load: InterfaceLoad, isPhysical: Bool) -> Bool {
        (isPhysical || link.kind == "veth" || link.kind == "tun") && load.packets >= busy
    }

    static func proposals(_ port: OptimisationFacts.Port, _ facts: OptimisationFacts) -> [FindingProposal] {
        let count = facts.processors.count
        guard count > 1, let queues = port.queues,
            isOfInterest(port.link, port.load, isPhysical: port.row.isPhysical)
        else { return [] }
        let busiest = facts.processors.max { $0.share < $1.share } ?? (number: 0, share: 0)
        let load =
            "processor \(busiest.number) takes \(percent(busiest.share)) of all packets; "
            + "\(whole(port.load.packetsIn)) packets/s in, \(whole(port.load.packetsOut)) out"
        let gain: FindingLevel = busiest.share * Double(count) >= 1.5 ? .high : .low
        var proposals: [FindingProposal] = []
        if let channels = port.settings?.channels, channels.combined > 0,
            channels.combined < min(channels.combinedMaximum, UInt32(clamping: count))
        {
            proposals.append(
                FindingProposal(
                    .steering, port, detail: "channels",
                    evidence: "\(channels.combined) of \(channels.combinedMaximum) channels are in use; \(load)",
                    gain: gain, "the device itself spreads packets over the processors", risk: .medium,
                    "most drivers restart the link for it",
                    changes: [
                        .property(
                            .parameter(.channelsCombined, min(channels.combinedMaximum, UInt32(clamping: count))))
                    ]))
        } else if port.load.packetsIn >= busy, (1..<count).contains(queues.receive.count),
            queues.receive.allSatisfy(\.isEmpty)
        {
            let sets = spread(facts.processors.map(\.number), over: queues.receive.count)
            proposals.append(
                FindingProposal(
                    .steering, port, detail: "receive",
                    evidence: "\(queues.receive.count) receive queues for \(count) processors; \(load)", gain: gain,
                    "packets of different flows are handled by several processors at once", risk: .low,
                    "packets pass from one processor to another, which costs some time of both",
                    changes: sets.enumerated().map { .receiveSteering(queue: UInt32($0), $1) }))
        }
        if port.load.packetsOut >= busy, queues.transmit.count > 1,
            queues.transmit.allSatisfy({ $0?.isEmpty ?? false })
        {
            let sets = spread(facts.processors.map(\.number), over: queues.transmit.count)
            proposals.append(
                FindingProposal(
                    .steering, port, detail: "transmit",
                    evidence: "\(queues.transmit.count) transmit queues belong to no processor; \(load)", gain: gain,
                    "each processor sends by a queue of its own, without waiting for another's lock", risk: .low,
                    "flows that change their processor may change their queue and overtake themselves",
                    changes: sets.enumerated().map { .transmitSteering(queue: UInt32($0), $1) }))
        }
        return proposals
    }

    /// The processors in turn, so that each queue has as many as every other, and none of them is left out.
    static func spread(_ processors: [Int], over queues: Int) -> [ProcessorSet] {
        (0..<queues).map { queue in
            guard queues < processors.count else { return ProcessorSet([processors[queue % processors.count]]) }
            return ProcessorSet(processors.enumerated().filter { $0.offset % queues == queue }.map(\.element))
        }
    }
}
