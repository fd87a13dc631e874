import NetworkManagement
import NetworkModel
import PlatformTesting
import Testing

/// Facts about interfaces of a test's own.
private func facts(_ links: [Link], _ settings: [Int: LinkSettings] = [:]) throws -> OptimisationFacts {
    let fixture = try ManagerFixture(links)
    for (number, settings) in settings {
        let index = try #require(InterfaceIndex(number))
        fixture.platform.setSettings(settings, of: index)
        fixture.platform.deliver([.settingsChanged(index)])
    }
    fixture.manager.refreshDetails()
    var facts = OptimisationFacts()
    facts.ports = fixture.manager.snapshot.rows.map { .init(row: $0, load: InterfaceLoad()) }
    facts.processors = [(0, 0.9), (1, 0.1)]
    return facts
}

/// What one rule makes of a port, in words: "mtu d0: mtu = 1500".
private func said(_ facts: OptimisationFacts) -> [String] {
    OptimisationRules.proposals(facts).map { "\($0.rule) \($0.name): \($0.changeText)" }
}

@Suite struct `The rules of optimising` {
    private func features(_ names: [String: Bool]) -> [Feature] {
        names.map { Feature(name: $0.key, isActive: $0.value, isRequested: $0.value, isChangeable: true) }
    }

    @Test func `offloads that are off are switched on, each after what it needs`() throws {
        var settings = LinkSettings()
        settings.features = features([
            "tx-tcp-segmentation": false, "tx-scatter-gather": false, "tx-checksum-ip-generic": false,
            "rx-gro": false, "tx-generic-segmentation": true, "loopback": false,
        ])
        let wanted = "tx-checksum-ip-generic = on, tx-scatter-gather = on, tx-tcp-segmentation = on"
        #expect(try said(facts([port()], [2: settings])) == ["offload d0: \(wanted)"], "GRO of a veth stays off")
        let device = try facts([port { $0.kind = nil }], [2: settings])
        #expect(said(device) == ["offload d0: \(wanted), rx-gro = on"])
        #expect(try said(facts([port { $0.flags = [] }], [2: settings])) == [])
        let all = settings.features
        settings.features = all.map {
            Feature(name: $0.name, isActive: $0.isActive, isRequested: true, isChangeable: $0.isChangeable)
        }
        #expect(try said(facts([port()], [2: settings])) == [], "what is asked for already lacks something else")
        settings.features = all.map {
            Feature(name: $0.name, isActive: $0.isActive, isRequested: $0.isRequested, isChangeable: false)
        }
        #expect(try said(facts([port()], [2: settings])) == [], "what the driver has fixed is no finding")
    }

    @Test(arguments: [(256, 4096, "ring_receive = 1024"), (2048, 4096, "ring_receive = 4096"), (0, 32, "= 32")])
    func `a ring that overflows is made larger`(size: UInt32, maximum: UInt32, wanted: String) throws {
        var settings = LinkSettings()
        settings.rings = RingSizes(receive: size, receiveMaximum: maximum, transmit: 0, transmitMaximum: 0)
        var facts = try facts([port()], [2: settings])
        #expect(said(facts).isEmpty)
        facts.ports[0].load.ringDrops = 100
        facts.ports[0].load.packetsIn = 900
        let proposal = try #require(OptimisationRules.proposals(facts).first)
        #expect(proposal.rule == .ring && proposal.gain == .high && proposal.changeText.hasSuffix(wanted))
    }

    @Test func `a ring that is as large as can be is only told of`() throws {
        var settings = LinkSettings()
        settings.rings = RingSizes(receive: 64, receiveMaximum: 64, transmit: 0, transmitMaximum: 0)
        var facts = try facts([port()], [2: settings])
        facts.ports[0].load.ringDrops = 1
        #expect(OptimisationRules.proposals(facts).map(\.changes) == [[]])
    }

    @Test func `interrupts for every packet are gathered`() throws {
        var settings = LinkSettings()
        settings.coalescing = Coalescing()
        settings.coalescing?.receiveMicroseconds = 0
        var facts = try facts([port()], [2: settings])
        facts.ports[0].load.packetsIn = 20_000
        facts.ports[0].load.interrupts = 20_000
        #expect(said(facts) == ["coalescing d0: coalesce_receive_usecs = 50"])
        facts.ports[0].load.packetsIn = 200_000
        #expect(said(facts).isEmpty, "ten packets for each interrupt are well gathered")
        settings.coalescing?.isReceiveAdaptive = false
        facts = try NetworkManagementTests.facts([port()], [2: settings])
        facts.ports[0].load.packetsIn = 20_000
        facts.ports[0].load.interrupts = 20_000
        #expect(said(facts) == ["coalescing d0: coalesce_receive_adaptive = on"])
    }

    @Test func `one queue is served by all processors, several each by its own`() throws {
        var facts = try facts([port()])
        facts.ports[0].load.packetsIn = 50_000
        facts.ports[0].load.packetsOut = 50_000
        var queues = QueueLayout()
        queues.receive = [.none]
        queues.transmit = [nil]
        facts.ports[0].queues = queues
        #expect(said(facts) == ["steering d0: rps_cpus of rx-0 = 3"])
        queues.receive = [.none, .none]
        queues.transmit = [ProcessorSet.none, ProcessorSet.none]
        facts.ports[0].queues = queues
        #expect(said(facts) == ["steering d0: xps_cpus of tx-0 = 1, xps_cpus of tx-1 = 2"])
        queues.transmit = [ProcessorSet([0]), ProcessorSet.none]
        facts.ports[0].queues = queues
        #expect(said(facts).isEmpty, "somebody has spread them already")
        facts.processors = (0..<4).map { ($0, 0.25) }
        #expect(
            said(facts) == ["steering d0: rps_cpus of rx-0 = 5, rps_cpus of rx-1 = a"],
            "four processors for two queues")
        facts.ports[0].load.packetsIn = 100
        #expect(said(facts).isEmpty, "too little passes")
    }

    @Test func `a device that has more channels uses them`() throws {
        var settings = LinkSettings()
        settings.channels = ChannelCounts(
            receive: 0, receiveMaximum: 0, transmit: 0, transmitMaximum: 0, combined: 1, combinedMaximum: 8)
        var facts = try facts([port()], [2: settings])
        facts.ports[0].load.packetsIn = 50_000
        facts.ports[0].queues = QueueLayout()
        #expect(said(facts) == ["steering d0: channels_combined = 2"])
    }

    /// A discipline that drops ten packets a second.
    private func dropping(_ kind: String, at place: String = "root", isBound: Bool = false) -> DisciplineLoad {
        let discipline = QueueDiscipline(kind: kind, place: place, drops: 0, isBoundByQueueLength: isBound)
        return DisciplineLoad(discipline: discipline, drops: 10)
    }

    @Test func `a transmit queue that overflows is made longer, where its length means something`() throws {
        var facts = try facts([port()])
        facts.ports[0].load.droppingDisciplines = [dropping("pfifo_fast", isBound: true)]
        #expect(said(facts) == ["queueLength d0: queue_length = 2000"])
        facts = try NetworkManagementTests.facts([port { $0.queueLength = 10 }])
        facts.ports[0].load.droppingDisciplines = [dropping("pfifo_fast", at: "8009:1", isBound: true)]
        #expect(said(facts) == ["queueLength d0: queue_length = 1000"])
        facts.ports[0].load.droppingDisciplines = []
        facts.ports[0].load.queueDrops = 10
        #expect(said(facts).isEmpty, "the sum says nothing of who drops")
        facts = try NetworkManagementTests.facts([port { $0.kind = "tun" }])
        facts.ports[0].load.dropsOut = 10
        #expect(said(facts) == ["queueLength d0: queue_length = 2000"])
    }

    @Test(arguments: ["tbf", "fq_codel", "pfifo", "something_else"])
    func `a discipline that has limits of its own is told of, by its name and place`(kind: String) throws {
        var facts = try facts([port()])
        facts.ports[0].load.droppingDisciplines = [dropping(kind, at: "1:1"), dropping("pfifo_fast", isBound: true)]
        let proposals = OptimisationRules.proposals(facts)
        #expect(proposals.map(\.changes) == [[.property(.queueLength(2000))], []])
        let advice = try #require(proposals.last)
        #expect(advice.rule == .queueLength && advice.detail == kind && advice.gain == .high)
        #expect(advice.evidence == "10 packets/s were dropped by \(kind) at 1:1")
        #expect(advice.advice.hasPrefix("\(kind) at 1:1 "))
        facts.ports[0].load.droppingDisciplines = (1...5).map { dropping(kind, at: "1:\($0)") }
        #expect(
            OptimisationRules.proposals(facts).map(\.evidence)
                == ["50 packets/s were dropped by \(kind) at 1:1, 1:2 and 3 more"])
    }

    @Test func `what a discipline dropped is told from what another one did in its place`() {
        func reading(_ seconds: Int64, _ disciplines: [(String, String, UInt64)]) -> LoadReading {
            var reading = LoadReading(
                time: MonotonicTime(nanoseconds: seconds * 1_000_000_000), counters: LinkCounters())
            reading.queueing.innermost = disciplines.map { kind, place, drops in
                QueueDiscipline(kind: kind, place: place, drops: drops, isBoundByQueueLength: false)
            }
            return reading
        }
        let load = InterfaceLoad(
            from: reading(0, [("tbf", "1:1", 4), ("tbf", "1:2", 4), ("pfifo", "1:3", 9)]),
            to: reading(2, [("tbf", "1:1", 24), ("fq", "1:2", 7), ("pfifo", "1:3", 2), ("tbf", "1:4", 8)]))
        #expect(load.droppingDisciplines.map(\.discipline.place) == ["1:1"])
        #expect(load.droppingDisciplines.map(\.drops) == [10])
    }

    @Test func `a port of a bridge that takes less than the others is told of`() throws {
        func links(_ maximum: UInt32) throws -> [Link] {
            try [
                port(2, "d0") { $0.master = InterfaceIndex(4) },
                port(3, "d1") { link in
                    link.master = InterfaceIndex(4)
                    link.mtu = 1400
                    link.maximumMTU = maximum
                },
                port(4, "br0") { $0.kind = "bridge" },
            ]
        }
        #expect(try said(facts(links(9000))) == ["mtu d1: mtu = 1500"])
        #expect(
            try said(facts(links(1450))) == ["mtu d1: lower the MTU of bridge br0 and its other ports to 1400"])
    }

    @Test func `a tunnel leaves room for its own header`() throws {
        func links(_ isIPv6: Bool) throws -> [Link] {
            try [
                port(2, "d0"),
                port(3, "v0") { link in
                    link.kind = "vxlan"
                    link.underlay = InterfaceIndex(2)
                    link.isUnderlayIPv6 = isIPv6
                },
            ]
        }
        #expect(try said(facts(links(false))) == ["mtu v0: mtu = 1450"])
        #expect(try said(facts(links(true))) == ["mtu v0: mtu = 1430"])
    }

    @Test func `ends that disagree on duplex negotiate`() throws {
        var settings = LinkSettings()
        settings.duplex = .half
        settings.autonegotiation = false
        var facts = try facts([port()], [2: settings])
        #expect(said(facts).isEmpty)
        facts.ports[0].load.lateCollisions = 0.1
        #expect(said(facts) == ["duplex d0: autonegotiation = on"])
        settings.autonegotiation = true
        facts = try NetworkManagementTests.facts([port()], [2: settings])
        facts.ports[0].load.collisions = 5
        #expect(said(facts) == ["duplex d0: the other end does not negotiate: let it"])
    }

    @Test func `a better driver is advice`() throws {
        var facts = try facts([port()])
        facts.ports[0].betterDriver = ("generic", "made_for_it")
        let proposal = try #require(OptimisationRules.proposals(facts).first)
        #expect(proposal.rule == .driver && proposal.changes.isEmpty && proposal.advice.contains("made_for_it"))
    }
}

@Suite struct `What counts as harm` {
    private func load(_ edit: (inout InterfaceLoad) -> Void = { _ in }) -> InterfaceLoad {
        var load = InterfaceLoad()
        load.seconds = 10
        load.packetsIn = 1000
        load.packetsOut = 1000
        load.octetsIn = 100_000
        load.octetsOut = 100_000
        edit(&load)
        return load
    }

    private func isHarmful(
        _ before: InterfaceLoad, _ after: InterfaceLoad, by rule: FindingRule = .offload, keepsCarrier: Bool = true
    ) -> Bool {
        if case .harmful = EffectJudgement(rule, before: before, after: after, keepsCarrier: keepsCarrier) {
            return true
        }
        return false
    }

    @Test func `losses, errors, standstill and a lost link do, chance does not`() {
        #expect(!isHarmful(load(), load()))
        #expect(isHarmful(load(), load { $0.queueDrops = 10 }))
        #expect(isHarmful(load(), load { $0.ringDrops = 10 }))
        #expect(!isHarmful(load(), load { $0.dropsOut = 0.4 }), "four packets are chance")
        #expect(isHarmful(load(), load { $0.errors = 10 }))
        #expect(!isHarmful(load { $0.dropsIn = 100 }, load { $0.dropsIn = 110 }))
        #expect(isHarmful(load { $0.dropsIn = 100 }, load { $0.dropsIn = 200 }))
        #expect(isHarmful(load(), load(), keepsCarrier: false))
        #expect(isHarmful(load(), InterfaceLoad()))
        #expect(!isHarmful(InterfaceLoad(), InterfaceLoad()))
        // Fewer, larger packets are what offloads are for.
        #expect(
            !isHarmful(
                load(),
                load { load in
                    load.packetsIn = 100
                    load.packetsOut = 100
                }))
    }

    @Test func `more interrupts for coalescing, and less equal shares for a hash policy, do`() {
        let before = load { $0.interrupts = 1000 }
        #expect(isHarmful(before, load { $0.interrupts = 1100 }, by: .coalescing))
        #expect(!isHarmful(before, load { $0.interrupts = 1100 }))
        #expect(isHarmful(load { $0.imbalance = 0.5 }, load { $0.imbalance = 0.6 }, by: .balance))
        #expect(!isHarmful(load { $0.imbalance = 0.5 }, load { $0.imbalance = 0.1 }, by: .balance))
    }

    @Test func `a counter that runs backwards counts as one that stood still`() {
        var old = LinkCounters()
        old.receivedPackets = 100
        old.transmittedPackets = 7
        var new = LinkCounters()
        new.transmittedPackets = 27
        let load = InterfaceLoad(
            from: LoadReading(time: MonotonicTime(nanoseconds: 0), counters: old),
            to: LoadReading(time: MonotonicTime(nanoseconds: 2_000_000_000), counters: new))
        #expect(load.packetsIn == 0 && load.packetsOut == 10 && load.seconds == 2)
        let none = LoadReading(time: MonotonicTime(nanoseconds: 5), counters: new)
        #expect(InterfaceLoad(from: none, to: none) == InterfaceLoad())
    }

    @Test(arguments: [("0", []), ("3", [0, 1]), ("80000000,00000001", [0, 63]), ("1,00000000,00000000", [64])])
    func `processors are read and written as the kernel does`(mask: String, numbers: [Int]) {
        #expect(ProcessorSet(mask: mask)?.numbers == numbers)
        #expect(ProcessorSet(numbers).mask == mask)
    }

    @Test(arguments: ["", ",", "g", "123456789", "1,,2", " 1"])
    func `what is no mask is refused`(mask: String) { #expect(ProcessorSet(mask: mask) == nil) }
}
