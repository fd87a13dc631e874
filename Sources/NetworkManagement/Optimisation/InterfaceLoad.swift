package import NetworkModel

/// Everything that is counted of an interface, at one moment.
package struct LoadReading: Sendable, Hashable {
    package let time: MonotonicTime
    package private(set) var counters: LinkCounters
    package var queueing = Queueing()
    /// nil where it has none.
    package var interrupts: UInt64?
    /// nil where the driver does not count them.
    package var lateCollisions: UInt64?
    /// Octets that each member of a group has sent, in the order of their indexes; empty for what is no group.
    package var members: [UInt64] = []
    /// Beside `members`, how much of the load each is meant to have; empty where all are meant to have the same.
    package var weights: [Double] = []

    package init(time: MonotonicTime, counters: LinkCounters) {
        self.time = time
        self.counters = counters
    }

    /// Takes in what another interface counted, of what an effect is judged by.
    mutating func add(_ other: LoadReading) {
        let paths: [WritableKeyPath<LinkCounters, UInt64>] = [
            \.receivedPackets, \.transmittedPackets, \.receivedOctets, \.transmittedOctets, \.receiveErrors,
            \.transmitErrors, \.receiveDropped, \.transmitDropped, \.receiveMissedErrors, \.receiveFIFOErrors,
        ]
        for path in paths { counters[keyPath: path] &+= other.counters[keyPath: path] }
        queueing.drops &+= other.queueing.drops
    }
}

/// A queueing discipline, and the packets per second that it dropped.
package struct DisciplineLoad: Sendable, Hashable {
    package let discipline: QueueDiscipline
    package let drops: Double

    package init(discipline: QueueDiscipline, drops: Double) {
        self.discipline = discipline
        self.drops = drops
    }
}

/// What an interface did from one reading to the next, per second.
package struct InterfaceLoad: Sendable, Hashable {
    package var seconds = 0.0
    package var packetsIn = 0.0
    package var packetsOut = 0.0
    package var octetsIn = 0.0
    package var octetsOut = 0.0
    /// Packets that found no room in the receive ring.
    package var ringDrops = 0.0
    /// Packets received, and dropped behind it.
    package var dropsIn = 0.0
    /// Packets to be sent that the driver dropped.
    package var dropsOut = 0.0
    /// Those that a queueing discipline dropped.
    package var queueDrops = 0.0
    /// Of the disciplines that hold packets, those that dropped some.
    package var droppingDisciplines: [DisciplineLoad] = []
    package var errors = 0.0
    package var crcErrors = 0.0
    package var collisions = 0.0
    package var lateCollisions = 0.0
    package var interrupts: Double?
    /// How unequal the shares of its members were, 0...1; nil for what is no group.
    package var imbalance: Double?

    package init() {}

    /// A counter that ran backwards counts as one that stood still.
    package init(from first: LoadReading, to second: LoadReading) {
        seconds = (second.time - first.time) / .seconds(1)
        guard seconds > 0 else { return }
        func rate(_ old: UInt64, _ new: UInt64) -> Double { new > old ? Double(new - old) / seconds : 0 }
        let (old, new) = (first.counters, second.counters)
        packetsIn = rate(old.receivedPackets, new.receivedPackets)
        packetsOut = rate(old.transmittedPackets, new.transmittedPackets)
        octetsIn = rate(old.receivedOctets, new.receivedOctets)
        octetsOut = rate(old.transmittedOctets, new.transmittedOctets)
        ringDrops =
            rate(old.receiveMissedErrors, new.receiveMissedErrors) + rate(old.receiveFIFOErrors, new.receiveFIFOErrors)
        dropsIn = rate(old.receiveDropped, new.receiveDropped)
        dropsOut = rate(old.transmitDropped, new.transmitDropped)
        queueDrops = rate(first.queueing.drops, second.queueing.drops)
        droppingDisciplines = second.queueing.innermost.compactMap { discipline in
            let before = first.queueing.innermost.first {
                $0.kind == discipline.kind && $0.place == discipline.place
            }
            guard let before, discipline.drops > before.drops else { return nil }
            return DisciplineLoad(discipline: discipline, drops: rate(before.drops, discipline.drops))
        }
        errors = rate(old.receiveErrors, new.receiveErrors) + rate(old.transmitErrors, new.transmitErrors)
        crcErrors = rate(old.receiveCRCErrors, new.receiveCRCErrors)
        collisions = rate(old.collisions, new.collisions)
        if let old = first.lateCollisions, let new = second.lateCollisions { lateCollisions = rate(old, new) }
        if let old = first.interrupts, let new = second.interrupts { interrupts = rate(old, new) }
        if first.members.count == second.members.count, first.members.count > 1 {
            imbalance = BalancingGroup.imbalance(
                zip(first.members, second.members).map { rate($0, $1) }, weights: second.weights)
        }
    }

    package var packets: Double { packetsIn + packetsOut }
    package var octets: Double { octetsIn + octetsOut }
    package var drops: Double { ringDrops + dropsIn + dropsOut + queueDrops }

    /// Of the packets that came or were to go, how many were dropped: 0...1.
    package var lossRatio: Double { packets + drops > 0 ? drops / (packets + drops) : 0 }
    package var errorRatio: Double { packets + errors > 0 ? errors / (packets + errors) : 0 }

    /// nil where interrupts are not counted, or nothing came.
    package var interruptsPerPacket: Double? {
        guard let interrupts, packets > 0 else { return nil }
        return interrupts / packets
    }
}
