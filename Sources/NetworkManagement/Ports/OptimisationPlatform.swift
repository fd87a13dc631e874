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

    /// The queueing disciplines of each interface as they are now; none for one that is down.
    func queueing() throws(PlatformError) -> [InterfaceIndex: Queueing]

    /// Packets that each queue passed, where the kernel itself tells; what only drivers tell is in their statistics.
    func queueCounts() -> [InterfaceIndex: QueueCounts]

    /// Interrupts of the devices behind `links`, since the host started; none for a link without any.
    func interrupts(of links: [Link]) -> [InterfaceIndex: UInt64]

    /// The packets that each processor has taken from the network since the host started, ascending by its number.
    func processors() -> [ProcessorLoad]

    /// The routes of the main table that have several next hops, 256 at most, each of its key once.
    func routes() throws(PlatformError) -> [MultipathRoute]

    /// Where the processors are that run now, ascending by number; empty where the kernel does not tell.
    func topology() -> [ProcessorPlace]
}

/// The queues of an interface, beside each the processors that serve it.
package struct QueueLayout: Sendable, Hashable {
    /// rps_cpus; empty where packets stay with the processor that the interrupt came to.
    package var receive: [ProcessorSet] = []
    /// xps_cpus; nil where the kernel keeps none for the queue.
    package var transmit: [ProcessorSet?] = []
    /// The processors next to the device, those of its NUMA node; empty where it has none.
    package var local = ProcessorSet.none

    package init() {}
}

/// The queueing disciplines that packets pass on their way out of an interface.
package struct Queueing: Sendable, Hashable {
    /// Packets that the outermost one and all inside it dropped, since it was made.
    package var drops: UInt64 = 0
    /// Those that hold packets themselves rather than by others inside them, in the kernel's order.
    package var innermost: [QueueDiscipline] = []

    package init() {}
}

package struct QueueDiscipline: Sendable, Hashable {
    /// "pfifo_fast", "tbf".
    package let kind: String
    /// Where it is, as tc(8) calls it: "root", or the class "8009:1".
    package let place: String
    /// Packets that it dropped, since it was made.
    package let drops: UInt64
    /// Whether its room is the interface's queue length at every moment; else it has a limit of its own, or none.
    package let isBoundByQueueLength: Bool

    package init(kind: String, place: String, drops: UInt64, isBoundByQueueLength: Bool) {
        self.kind = kind
        self.place = place
        self.drops = drops
        self.isBoundByQueueLength = isBoundByQueueLength
    }
}

package struct ProcessorPlace: Sendable, Hashable {
    package let number: Int
    /// The lowest number of the processors that are threads of its core: its own where it is the only one.
    package let core: Int

    package init(number: Int, core: Int) {
        self.number = number
        self.core = core
    }
}

package struct ProcessorLoad: Sendable, Hashable {
    package let number: Int
    package let packets: UInt64

    package init(number: Int, packets: UInt64) {
        self.number = number
        self.packets = packets
    }
}
