import NetworkModel

/// A transmit queue that overflows and is short.
enum QueueLengthRule {
    private static let fewest = 0.5
    /// Packets: what the kernel gives an Ethernet device, and where a queue delays more than it saves.
    private static let usual: UInt32 = 1000
    private static let longest: UInt32 = 10_000

    static func proposal(_ port: OptimisationFacts.Port) -> FindingProposal? {
        // The disciplines, and the driver, whose room is txqueuelen at every moment. Others have limits of their own.
        let isQueueing = ["pfifo_fast", "mq"].contains(port.link.queueDiscipline)
        let drops = (isQueueing ? port.load.queueDrops : 0) + (port.link.kind == "tun" ? port.load.dropsOut : 0)
        let length = port.link.queueLength
        guard drops >= fewest, length < longest else { return nil }
        let ratio = drops / max(1, port.load.packetsOut + drops)
        let new = length < usual ? usual : min(longest, length * 2)
        return FindingProposal(
            .queueLength, port,
            evidence: "\(whole(drops)) packets/s found no room in a transmit queue of \(length) packets",
            gain: ratio >= 0.01 ? .high : ratio >= 0.000_1 ? .medium : .low, "bursts wait instead of being dropped",
            risk: .low, "under constant overload packets wait longer before they are dropped all the same",
            changes: [.property(.queueLength(new))])
    }
}
