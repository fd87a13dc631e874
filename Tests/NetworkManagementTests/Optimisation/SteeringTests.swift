import NetworkModel
import PlatformTesting
import Testing

@testable import NetworkManagement

@Suite struct `Processors and queues` {
    /// Two packages of two cores of two threads, numbered as Linux does: 4 is the second thread of 0.
    private static let eight = (0..<8).map { ProcessorPlace(number: $0, core: $0 % 4) }

    private func sets(_ numbers: [[Int]]) -> [ProcessorSet] { numbers.map { ProcessorSet($0) } }

    @Test(arguments: [
        ([], [0, 1, 2, 3]), ([2, 3, 6, 7], [2, 3]), ([3, 7], [3, 0, 1, 2]), ([99], [0, 1, 2, 3]),
        (Array(0..<8), [0, 1, 2, 3]),
    ])
    func `packets go to one thread of each core, those next to the device first`(local: [Int], worthwhile: [Int]) {
        let order = ProcessorOrder(Self.eight, near: ProcessorSet(local))
        #expect(order.worthwhile == worthwhile)
        #expect(order.receiving(1) == [ProcessorSet(worthwhile)])
    }

    @Test func `a single core is spread over by its threads, and no processor is none`() {
        let order = ProcessorOrder([.init(number: 0, core: 0), .init(number: 1, core: 0)], near: .none)
        #expect(order.worthwhile == [0, 1] && order.sending(2) == sets([[0], [1]]))
        let none = ProcessorOrder([], near: .none)
        #expect(none.worthwhile.isEmpty && none.receiving(2).isEmpty && none.sending(2).isEmpty)
    }

    @Test func `each queue has its part, and the threads of a core the same one`() {
        let order = ProcessorOrder(Self.eight, near: .none)
        #expect(order.receiving(2) == sets([[0, 2], [1, 3]]))
        #expect(order.sending(2) == sets([[0, 2, 4, 6], [1, 3, 5, 7]]))
        #expect(order.sending(4) == sets([[0, 4], [1, 5], [2, 6], [3, 7]]))
        // More queues than cores: second threads come last.
        #expect(order.sending(6) == sets([[0, 6], [1, 7], [2], [3], [4], [5]]))
        #expect(order.receiving(6) == sets([[0, 6], [1, 7], [2], [3], [4], [5]]))
        #expect(order.sending(9).last == ProcessorSet([0]))
        for queues in 1...8 {
            let all = order.sending(queues).flatMap(\.numbers)
            #expect(all.sorted() == Array(0..<8), "every processor sends by one queue of \(queues)")
        }
    }

    @Test(arguments: [
        ("0-3", [0, 1, 2, 3]), ("0,2,4-5", [0, 2, 4, 5]), ("7", [7]), ("", []), ("0-8191", Array(0..<8192)),
    ])
    func `a list of processors is read`(list: String, numbers: [Int]) {
        #expect(ProcessorSet(list: list)?.numbers == numbers)
    }

    @Test(arguments: [
        "x", "3-1", "-1", "1-", "0-8192", "0-99999999999", "1,,2", ",", "0-1-2", "0-3,2-5", "0x1", "\u{FFFD}",
        "99999999999999999999",
    ])
    func `what is no list of processors is refused`(list: String) { #expect(ProcessorSet(list: list) == nil) }

    @Test(arguments: [
        ["rx_queue_0_packets", "rx_queue_1_packets", "rx_queue_0_xdp_packets", "rx_queue_0_bytes"],
        ["rx0_packets", "rx1_packets", "rx0_hw_packets", "rx_prio0_packets", "ch0_events"],
        ["queue_0_rx_cnt", "queue_1_rx_cnt", "queue_0_rx_bytes"], ["rx-0.packets", "rx-1.packets", "rx-1.bytes"],
        ["rx_packets[0]", "rx_packets[1]", "rx_packets"], ["q0_rx_pkt_n", "q1_rx_pkt_n", "q0_rx_irq_n"],
        ["[0]: rx_ucast_packets", "[1]: rx_ucast_packets", "[0]: rx_discards"],
    ])
    func `queues are known by the names of common drivers`(names: [String]) {
        let statistics = names.enumerated().map { DriverStatistic(name: $0.element, value: UInt64($0.offset) + 5) }
        let counts = QueueCounts(statistics)
        #expect(counts.receive == [5, 6] && counts.transmit.isEmpty)
    }

    @Test func `vmxnet3 tells the queue on a line of its own`() {
        let lines: [(String, UInt64)] = [
            ("Tx Queue#", 0), ("  TSO pkts tx", 100), ("  ucast pkts tx", 7), ("  mcast pkts tx", 2), ("Tx Queue#", 1),
            ("  ucast pkts tx", 4), ("  pkts tx err", 9), ("Rx Queue#", 0), ("  LRO pkts rx", 50),
            ("  ucast pkts rx", 3), ("  ucast bytes rx", 1000), ("  ucast pkts tx", 999), ("tx timeout count", 1),
        ]
        let counts = QueueCounts(lines.map { DriverStatistic(name: $0.0, value: $0.1) })
        #expect(counts.transmit == [9, 4] && counts.receive == [3])
    }

    @Test func `what a driver may say besides is passed over`() {
        let names = [
            "rx_64_packets", "rx_1_packets", "rx_queue_99999999999999999999_packets", "rx_queue_4096_packets",
            "rx_queue_0_1_packets", "packets", "rx", "", "0", "[[[]]]", "\u{FFFD}rx_queue__packets", "Rx Queue#",
            "ucast pkts rx", String(repeating: "rx_0_", count: 1000),
        ]
        #expect(QueueCounts(names.map { DriverStatistic(name: $0, value: .max) }).isEmpty)
        let twice = ["rx0_packets", "rx0_packets"].map { DriverStatistic(name: $0, value: .max) }
        #expect(QueueCounts(twice).receive == [.max - 1], "a sum that is too large wraps")
    }

    /// A port with 50,000 packets/s in and out, and as many queues as cores.
    private func facts(_ queues: Int, _ topology: [ProcessorPlace]) throws -> OptimisationFacts {
        var facts = OptimisationFacts()
        let fixture = try ManagerFixture([try port()])
        facts.ports = fixture.manager.snapshot.rows.map { .init(row: $0, load: InterfaceLoad()) }
        facts.ports[0].load.packetsIn = 50_000
        facts.ports[0].load.packetsOut = 50_000
        facts.processors = topology.map { ($0.number, 1 / Double(topology.count)) }
        facts.topology = topology
        var layout = QueueLayout()
        layout.receive = Array(repeating: .none, count: queues)
        layout.transmit = Array(repeating: ProcessorSet.none, count: queues)
        facts.ports[0].queues = layout
        return facts
    }

    @Test func `steering leaves second threads out, and keeps them together`() throws {
        var facts = try facts(2, Self.eight)
        let proposals = OptimisationRules.proposals(facts)
        #expect(
            proposals.map(\.changeText) == [
                "rps_cpus of rx-0 = 5, rps_cpus of rx-1 = a", "xps_cpus of tx-0 = 55, xps_cpus of tx-1 = aa",
            ])
        #expect(proposals.first?.evidence.hasPrefix("2 receive queues for 4 cores of 8 threads; ") == true)
        facts.ports[0].queues?.local = ProcessorSet([2, 3, 6, 7])
        #expect(OptimisationRules.proposals(facts).first?.detail == "transmit", "two queues serve two cores already")
        facts.ports[0].queues?.receive = [.none]
        #expect(OptimisationRules.proposals(facts).first?.changeText == "rps_cpus of rx-0 = c")
    }

    @Test func `the busiest queue is named, and one that has it all is helped by every core`() throws {
        var facts = try facts(4, Self.eight)
        facts.ports[0].queueShares.receive = [0.25, 0.3, 0.25, 0.2]
        #expect(OptimisationRules.proposals(facts).map(\.detail) == ["transmit"])
        facts.ports[0].queueShares.receive = [0.02, 0.9, 0.04, 0.04]
        facts.ports[0].queueShares.transmit = [0.1, 0.2, 0.3, 0.4]
        let proposals = OptimisationRules.proposals(facts)
        #expect(proposals.map(\.detail) == ["receive", "transmit"])
        #expect(proposals[0].evidence.hasSuffix("; receive queue 1 has 90.00 % of them") && proposals[0].gain == .high)
        #expect(proposals[0].changes == (0..<4).map { .receiveSteering(queue: $0, ProcessorSet([0, 1, 2, 3])) })
        #expect(proposals[1].evidence.hasSuffix("; transmit queue 3 has 40.00 % of them"))
        // Shares of other queues than there are say nothing of these.
        facts.ports[0].queueShares.receive = [0.1, 0.9]
        #expect(OptimisationRules.proposals(facts).map(\.detail) == ["transmit"])
    }

    @Test func `a device gets as many channels as there are cores`() throws {
        var settings = LinkSettings()
        settings.channels = ChannelCounts(
            receive: 0, receiveMaximum: 0, transmit: 0, transmitMaximum: 0, combined: 1, combinedMaximum: 8)
        let index = try #require(InterfaceIndex(2))
        let fixture = try ManagerFixture([try port()])
        fixture.platform.setSettings(settings, of: index)
        fixture.platform.deliver([.settingsChanged(index)])
        fixture.manager.refreshDetails()
        var facts = try facts(1, Self.eight)
        let row = try #require(fixture.manager.snapshot.rows.first)
        var own = OptimisationFacts.Port(row: row, load: facts.ports[0].load)
        own.queues = facts.ports[0].queues
        facts.ports = [own]
        #expect(OptimisationRules.proposals(facts).first?.changeText == "channels_combined = 4")
    }

    @Test func `the manager asks where processors are and what each queue has`() async throws {
        let fixture = try OptimisationFixture([try port()])
        let index = try #require(InterfaceIndex(2))
        var layout = QueueLayout()
        layout.receive = [.none, .none]
        fixture.platform.setQueues(layout, of: index)
        fixture.platform.setTopology(Self.eight)
        fixture.platform.setProcessors((0..<8).map { ProcessorLoad(number: $0, packets: 0) })
        func count(_ receive: [UInt64]) {
            var counts = QueueCounts()
            counts.receive = receive
            fixture.platform.setQueueCounts(counts, of: index)
        }
        for second in 0..<42 {
            // As a driver that is asked less often than evaluations come.
            if second < 32 { count([UInt64(second) * 9000, UInt64(second) * 1000]) }
            try await fixture.second(2) { $0.receivedPackets += 10_000 }
        }
        let finding = try #require(fixture.finding(.steering))
        #expect(finding.proposal.changes.count == 2)
        #expect(finding.proposal.evidence.hasSuffix("; receive queue 0 has 90.00 % of them"))
        #expect(finding.proposal.evidence.contains("4 cores of 8 threads"))
    }
}
