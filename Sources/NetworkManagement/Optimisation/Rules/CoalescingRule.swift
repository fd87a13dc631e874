import NetworkModel

/// A device that interrupts for every few packets.
enum CoalescingRule {
    /// Interrupts per second of one device that take a noticeable share of a processor.
    private static let most = 10_000.0
    /// Microseconds that delay no packet noticeably, and gather several at this rate.
    private static let delay: UInt32 = 50

    static func proposal(_ port: OptimisationFacts.Port) -> FindingProposal? {
        guard let interrupts = port.load.interrupts, interrupts >= most,
            let perPacket = port.load.interruptsPerPacket, perPacket > 0.25,
            let coalescing = port.settings?.coalescing
        else { return nil }
        let change: OptimisationChange
        if coalescing.isReceiveAdaptive == false {
            change = .property(.parameter(.coalesceReceiveAdaptive, 1))
        } else if coalescing.isReceiveAdaptive == nil, let present = coalescing.receiveMicroseconds, present < delay {
            change = .property(.parameter(.coalesceReceiveMicroseconds, delay))
        } else {
            return nil
        }
        return FindingProposal(
            .coalescing, port,
            evidence: "\(whole(interrupts)) interrupts/s for \(whole(port.load.packets)) packets/s",
            gain: interrupts >= 50_000 ? .high : .medium, "a processor handles several packets for each interrupt",
            risk: .low, "a packet may wait for up to the delay, \(delay) microseconds or what the driver adapts to",
            changes: [change])
    }
}
