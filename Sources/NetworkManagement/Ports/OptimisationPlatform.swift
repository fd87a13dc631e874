package import NetworkModel

/// Reads what optimising looks at beside counters and settings, and makes its changes. Every call is synchronous and may
/// come from any thread.
package protocol OptimisationPlatform: Sendable {
    /// What `change` would replace: the same setting as it is now.
    ///
    /// - Throws: `.notSupported` when the interface has no such setting.
    func current(
        _ change: OptimisationChange, of index: InterfaceIndex
    ) throws(PlatformError) -> OptimisationChange

    /// Makes one change, complete when this returns.
    func apply(_ change: OptimisationChange, to index: InterfaceIndex) throws(PlatformError)

    /// The queues of an interface, and which processors serve them; nil where the kernel does not show them.
    func queues(of link: Link) -> QueueLayout?

    /// Packets that the queueing disciplines of each interface dropped, since they were made.
    func queueDrops() throws(PlatformError) -> [InterfaceIndex: UInt64]

    /// Interrupts of the devices behind `links`, since the host started; none for a link without any.
    func interrupts(of links: [Link]) -> [InterfaceIndex: UInt64]

    /// The packets that each processor has taken from the network since the host started, ascending by its number.
    func processors() -> [ProcessorLoad]
}

/// The queues of an interface, beside each the processors that serve it.
package struct QueueLayout: Sendable, Hashable {
    /// rps_cpus; empty where packets stay with the processor that the interrupt came to.
    package var receive: [ProcessorSet] = []
    /// xps_cpus; nil where the kernel keeps none for the queue.
    package var transmit: [ProcessorSet?] = []

    package init() {}
}

package struct ProcessorLoad: Sendable, Hashable {
    package let number: Int
    package let packets: UInt64

    package init(number: Int, packets: UInt64) {
        self.number = number
        self.packets = packets
    }
}
