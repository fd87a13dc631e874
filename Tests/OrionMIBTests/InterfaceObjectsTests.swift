import NetworkManagement
import NetworkModel
import OrionSchema
import PlatformTesting
import SMI
import SecurityTesting
import Testing

@testable import OrionMIB

private let ifEntry: OID = [1, 3, 6, 1, 2, 1, 2, 2, 1]
private let ifXEntry: OID = [1, 3, 6, 1, 2, 1, 31, 1, 1, 1]

/// The first column's worth of what each table must show, by hand from RFC 2863 and the fixture.
private let expectedIfTable: [(column: UInt32, values: [(row: UInt32, value: Value)])] = [
    (
        1,
        [
            (1, .integer(1)), (2, .integer(2)), (3, .integer(3)), (4, .integer(4)), (5, .integer(5)),
            (1000, .integer(1000)),
        ]
    ),
    (
        2,
        [
            (1, .text("lo")), (2, .text("eth0")), (3, .text("eth1")), (4, .text("br0")), (5, .text("br0.7")),
            (1000, .text("wg0")),
        ]
    ),
    // softwareLoopback, ethernetCsmacd, bridge, l2vlan, tunnel
    (
        3,
        [
            (1, .integer(24)), (2, .integer(6)), (3, .integer(6)), (4, .integer(209)), (5, .integer(135)),
            (1000, .integer(131)),
        ]
    ),
    (
        4,
        [
            (1, .integer(65536)), (2, .integer(1500)), (3, .integer(1500)), (4, .integer(1500)), (5, .integer(1500)),
            (1000, .integer(1500)),
        ]
    ),
    // 10 Gb/s does not fit a Gauge32.
    (
        5,
        [
            (1, .gauge32(0)), (2, .gauge32(.max)), (3, .gauge32(0)), (4, .gauge32(0)), (5, .gauge32(0)),
            (1000, .gauge32(0)),
        ]
    ),
    (
        6,
        [
            (1, .bytes([])), (2, .bytes([2, 0, 0, 0, 0, 2])), (3, .bytes([2, 0, 0, 0, 0, 3])),
            (4, .bytes([2, 0, 0, 0, 0, 4])), (5, .bytes([2, 0, 0, 0, 0, 5])), (1000, .bytes([])),
        ]
    ),
    (
        7,
        [
            (1, .integer(1)), (2, .integer(1)), (3, .integer(2)), (4, .integer(1)), (5, .integer(1)),
            (1000, .integer(1)),
        ]
    ),
    // unknown with carrier is up; a VLAN without its lower layer is lowerLayerDown.
    (
        8,
        [
            (1, .integer(1)), (2, .integer(1)), (3, .integer(2)), (4, .integer(1)), (5, .integer(7)),
            (1000, .integer(1)),
        ]
    ),
    (
        9,
        [
            (1, .timeTicks(0)), (2, .timeTicks(0)), (3, .timeTicks(0)), (4, .timeTicks(0)), (5, .timeTicks(0)),
            (1000, .timeTicks(0)),
        ]
    ),
]

/// Columns of the one port that counts.
private let expectedCounters: [(name: OID, value: Value)] = [
    (ifEntry.appending([10, 2]), .counter32(705_032_704)),
    (ifEntry.appending([11, 2]), .counter32(1000 - 41 - 17)),
    (ifEntry.appending([13, 2]), .counter32(11)),
    (ifEntry.appending([14, 2]), .counter32(7)),
    (ifEntry.appending([15, 2]), .noSuchInstance),
    (ifEntry.appending([16, 2]), .counter32(1)),
    (ifEntry.appending([17, 2]), .counter32(900 - 18 - 19)),
    (ifEntry.appending([19, 2]), .counter32(8)),
    (ifEntry.appending([20, 2]), .counter32(9)),
    (ifXEntry.appending([1, 2]), .text("eth0")),
    (ifXEntry.appending([2, 2]), .counter32(41)),
    (ifXEntry.appending([3, 2]), .counter32(17)),
    (ifXEntry.appending([3, 3]), .noSuchInstance),
    (ifXEntry.appending([4, 2]), .counter32(18)),
    (ifXEntry.appending([5, 2]), .counter32(19)),
    (ifXEntry.appending([5, 3]), .noSuchInstance),
    (ifXEntry.appending([6, 2]), .counter64(5_000_000_000)),
    (ifXEntry.appending([7, 2]), .counter64(942)),
    (ifXEntry.appending([8, 2]), .counter64(41)),
    (ifXEntry.appending([9, 2]), .counter64(17)),
    (ifXEntry.appending([10, 2]), .counter64(4_294_967_297)),
    (ifXEntry.appending([11, 2]), .counter64(863)),
    (ifXEntry.appending([12, 2]), .counter64(18)),
    (ifXEntry.appending([13, 2]), .counter64(19)),
    (ifXEntry.appending([14, 2]), .integer(1)),
    (ifXEntry.appending([14, 5]), .integer(2)),
    (ifXEntry.appending([15, 2]), .gauge32(10_000)),
    (ifXEntry.appending([16, 2]), .integer(1)),
    (ifXEntry.appending([16, 4]), .integer(2)),
    (ifXEntry.appending([17, 2]), .integer(1)),
    (ifXEntry.appending([17, 4]), .integer(2)),
    (ifXEntry.appending([18, 2]), .text("uplink")),
    (ifXEntry.appending([18, 4]), .text("")),
    (ifXEntry.appending([19, 2]), .timeTicks(0)),
    ([1, 3, 6, 1, 2, 1, 2, 1, 0], .integer(6)),
    ([1, 3, 6, 1, 2, 1, 31, 1, 5, 0], .timeTicks(0)),
    ([1, 3, 6, 1, 2, 1, 31, 1, 6, 0], .timeTicks(0)),
    // ifRcvAddressTable: type by permanence, keyed by the length and the octets.
    ([1, 3, 6, 1, 2, 1, 31, 1, 4, 1, 3, 2, 6, 2, 0, 0, 0, 0, 2], .integer(3)),
    ([1, 3, 6, 1, 2, 1, 31, 1, 4, 1, 3, 2, 6, 1, 0, 94, 0, 0, 1], .integer(2)),
    ([1, 3, 6, 1, 2, 1, 31, 1, 4, 1, 2, 3, 6, 255, 255, 255, 255, 255, 255], .integer(1)),
    // dot3StatsTable and its companions, for the port that ethtool describes.
    ([1, 3, 6, 1, 2, 1, 10, 7, 2, 1, 3, 2], .counter32(705_032_705)),
    ([1, 3, 6, 1, 2, 1, 10, 7, 2, 1, 19, 2], .integer(3)),
    ([1, 3, 6, 1, 2, 1, 10, 7, 2, 1, 19, 3], .noSuchInstance),
    ([1, 3, 6, 1, 2, 1, 10, 7, 11, 1, 2, 2], .counter64(5_000_000_001)),
    ([1, 3, 6, 1, 2, 1, 10, 7, 10, 1, 2, 2], .integer(3)),
]

@Suite struct InterfaceObjectsTests {
    @Test func `ifTable begins, column by column, with exactly the rows and values of the host`() throws {
        let fixture = try MIBFixture()
        let expected = expectedIfTable.flatMap { column in
            column.values.map { VarBind(ifEntry.appending([column.column, $0.row]), $0.value) }
        }
        let walked = fixture.walk(ifEntry).prefix(expected.count)
        #expect(Array(walked) == expected)
    }

    @Test(arguments: expectedCounters.map { VarBind($0.name, $0.value) })
    func `an instance has the value that RFC and kernel give it`(expected: VarBind) throws {
        #expect(try MIBFixture().get(expected.name) == expected.value)
    }

    @Test func `the walk ascends, and GET and GETNEXT agree on every instance`() throws {
        let fixture = try MIBFixture()
        let walk = fixture.walk()
        #expect(walk.count > 300)
        for (one, next) in zip(walk, walk.dropFirst()) { #expect(one.name < next.name) }
        let reader = fixture.tree.makeReader()
        for (position, binding) in walk.enumerated() {
            reader.begin()
            #expect(reader.value(of: binding.name) == binding.value)
            var cursor = ObjectCursor(binding.name)
            let next = reader.advance(&cursor, inclusive: false, before: [])
            #expect(next == (position + 1 < walk.count ? walk[position + 1].value : .endOfMIBView))
        }
    }

    @Test func `every value has the type and range of its object, and every object a value`() throws {
        let fixture = try MIBFixture()
        let tables = [
            IFMIB.IfEntry.table, IFMIB.IfXEntry.table, IFMIB.IfStackEntry.table, IFMIB.IfRcvAddressEntry.table,
            IFInvertedStackMIB.IfInvStackEntry.table, EtherLikeMIB.Dot3StatsEntry.table,
            EtherLikeMIB.Dot3HCStatsEntry.table, EtherLikeMIB.Dot3PauseEntry.table,
            EtherLikeMIB.Dot3ControlEntry.table, OrionInterfaceMIB.OrionInterfaceEntry.table,
            OrionInterfaceMIB.OrionInterfaceStatisticEntry.table, OrionInterfaceMIB.OrionInterfaceFeatureEntry.table,
            OrionInterfaceMIB.OrionInterfaceRingEntry.table, OrionInterfaceMIB.OrionInterfaceChannelEntry.table,
            OrionInterfaceMIB.OrionInterfaceCoalesceEntry.table,
        ]
        let objects =
            tables.flatMap(\.columns).filter(\.access.isReadable) + IFMIB.Scalar.allCases.map(\.schema)
            + OrionInterfaceMIB.Scalar.allCases.map(\.schema)
        _ = fixture.monitoring.reading(atMost: .zero)
        // What is no interface's has tests of its own.
        let others = [
            OrionSecurityMIB.orionSecurityMIB, OrionOperationMIB.orionOperationMIB, OrionAlarmMIB.orionAlarmMIB,
        ]
        let walk = fixture.walk().filter { binding in !others.contains { binding.name.starts(with: $0) } }
        // The kernel does not count these apart.
        let absent: Set<String> = ["ifInUnknownProtos"]
        for object in objects {
            let instances = walk.filter { $0.name.starts(with: object.oid) }
            #expect(instances.isEmpty == absent.contains(object.name), "\(object.name)")
            for instance in instances {
                #expect(object.syntax.refusal(of: instance.value) == nil, "\(object.name) \(instance)")
            }
        }
        let known = walk.filter { binding in objects.contains { binding.name.starts(with: $0.oid) } }
        #expect(known.count == walk.count)
    }

    @Test func `the stack shows ports and VLANs both ways`() throws {
        let fixture = try MIBFixture()
        let stack = fixture.walk([1, 3, 6, 1, 2, 1, 31, 1, 2]).filter {
            $0.name.starts(with: [1, 3, 6, 1, 2, 1, 31, 1, 2])
        }
        #expect(
            stack.map { Array($0.name.words.suffix(2)) } == [
                [0, 1], [0, 3], [0, 5], [0, 1000], [1, 0], [2, 0], [3, 0], [4, 2], [5, 4], [1000, 0],
            ])
        let inverted = fixture.walk([1, 3, 6, 1, 2, 1, 77]).filter { $0.name.starts(with: [1, 3, 6, 1, 2, 1, 77]) }
        #expect(
            inverted.map { Array($0.name.words.suffix(2)) } == [
                [0, 1], [0, 2], [0, 3], [0, 1000], [1, 0], [2, 4], [3, 0], [4, 5], [5, 0], [1000, 0],
            ])
    }

    @Test func `time stamps are the master's sysUpTime at the event`() throws {
        let fixture = try MIBFixture()
        fixture.clock.advance(by: .milliseconds(2500))
        var link = try fixture.platform.link(try #require(InterfaceIndex(2)))
        link.operationalState = .down
        link.carrier = false
        fixture.platform.deliver([.link(link)])
        #expect(fixture.get(ifEntry.appending([9, 2])) == .timeTicks(100_250))
        // The master restarted: what was before is 0.
        fixture.clock.advance(by: .seconds(10))
        fixture.uptime.learn(sysUpTime: 100, at: fixture.clock.now())
        #expect(fixture.get(ifEntry.appending([9, 2])) == .timeTicks(0))
    }

    @Test func `a PDU reads one sample, and counters are at most 100 ms old`() throws {
        let fixture = try MIBFixture()
        let name = ifXEntry.appending([6, 2])
        #expect(fixture.get(name) == .counter64(5_000_000_000))
        var counters = LinkCounters()
        counters.receivedOctets = 6_000_000_000
        fixture.platform.setCounters(counters, of: try #require(InterfaceIndex(2)))
        fixture.clock.advance(by: .milliseconds(100))
        #expect(fixture.get(name) == .counter64(5_000_000_000))
        fixture.clock.advance(by: .milliseconds(1))
        #expect(fixture.get(name) == .counter64(6_000_000_000))
    }

    @Test(
        arguments: [
            ("ä", 64, "ä"), ("xä", 2, "x"), ("", 3, ""), ("abc", 2, "ab"), ("日本", 5, "日"), ("e\u{301}", 2, "e"),
        ])
    func `a text is cut between characters`(text: String, limit: Int, cut: String) {
        #expect(text.limited(toOctets: limit) == cut)
    }
}
