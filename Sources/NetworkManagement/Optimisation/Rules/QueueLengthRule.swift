import NetworkModel

/// A transmit queue that overflows: where the interface's queue length is its room, and it is short, it is made longer;
/// where a discipline has a limit of its own, only people know what that is for.
enum QueueLengthRule {
    private static let fewest = 0.5
    /// Packets: what the kernel gives an Ethernet device, and where a queue delays more than it saves.
    private static let usual: UInt32 = 1000
    private static let longest: UInt32 = 10_000

    static func proposals(_ port: OptimisationFacts.Port) -> [FindingProposal] {
        let others = port.load.droppingDisciplines.filter { !$0.discipline.isBoundByQueueLength }
        let kinds = Dictionary(grouping: others, by: \.discipline.kind).sorted { $0.key < $1.key }
        return [length(port)].compactMap(\.self) + kinds.compactMap { advice(port, $0.key, $0.value) }
    }

    private static func length(_ port: OptimisationFacts.Port) -> FindingProposal? {
        let bound = port.load.droppingDisciplines.filter(\.discipline.isBoundByQueueLength)
        // A tap's own queue has that room as well, and the driver counts what finds none there.
        let drops = bound.reduce(0) { $0 + $1.drops } + (port.link.kind == "tun" ? port.load.dropsOut : 0)
        let length = port.link.queueLength
        guard drops >= fewest, length < longest else { return nil }
        let new = length < usual ? usual : min(longest, length * 2)
        return FindingProposal(
            .queueLength, port,
            evidence: "\(whole(drops)) packets/s found no room in a transmit queue of \(length) packets",
            gain: gain(drops, port), "bursts wait instead of being dropped", risk: .low,
            "under constant overload packets wait longer before they are dropped all the same",
            changes: [.property(.queueLength(new))])
    }

    private static func advice(
        _ port: OptimisationFacts.Port, _ kind: String, _ disciplines: [DisciplineLoad]
    ) -> FindingProposal? {
        let drops = disciplines.reduce(0) { $0 + $1.drops }
        guard drops >= fewest else { return nil }
        let places = disciplines.sorted { $0.drops > $1.drops }.map(\.discipline.place)
        let rest = places.count > 2 ? " and \(places.count - 2) more" : ""
        let place = places.prefix(2).joined(separator: ", ") + rest
        return FindingProposal(
            .queueLength, port, detail: kind, evidence: "\(whole(drops)) packets/s were dropped by \(kind) at \(place)",
            gain: gain(drops, port), "packets that are sent arrive", risk: .low, "none: nothing is changed",
            changes: [],
            advice: "\(kind) at \(place) \(remedy(kind)); the queue length of the interface changes nothing there")
    }

    /// What there is to say of a kind of discipline, by what it is for (tc(8)).
    private static func remedy(_ kind: String) -> String {
        switch kind {
        case "pfifo", "bfifo", "pfifo_head_drop":
            "keeps the limit that it was made with: tc(8) replaces it by a longer one"
        case "tbf", "htb", "hfsc", "netem":
            "sends no faster than tc(8) has told it: raise its rate or its limit, or send less"
        case "codel", "fq_codel", "cake", "pie", "fq_pie", "red", "sfq", "fq", "choke":
            "drops to keep delays short: send less, or give it a larger limit by tc(8) if bursts are what it drops"
        default: "has limits of its own: see tc(8)"
        }
    }

    private static func gain(_ drops: Double, _ port: OptimisationFacts.Port) -> FindingLevel {
        let ratio = drops / max(1, port.load.packetsOut + drops)
        return ratio >= 0.01 ? .high : ratio >= 0.000_1 ? .medium : .low
    }
}
