import CNetlink
import NetworkManagement
import NetworkModel
import RandomTesting
import Testing

@testable import LinuxPlatform

@Suite struct RouteNetlinkParsingTests {
    @Test func `every fact of a captured link is read`() throws {
        let index = try #require(InterfaceIndex(100))
        var expected = Link(index: index, name: "v0")
        expected.alias = "uplink to the core"
        // Promiscuous by the bridge, which the flags do not show.
        expected.flags = [.broadcast, .multicast, .up]
        expected.operationalState = .lowerLayerDown
        expected.mtu = 1500
        expected.minimumMTU = 68
        expected.maximumMTU = 65535
        expected.address = try #require(MACAddress("ce:71:9c:9c:f8:74"))
        expected.broadcast = try #require(MACAddress("ff:ff:ff:ff:ff:ff"))
        expected.queueLength = 1000
        expected.transmitQueues = 2
        expected.receiveQueues = 2
        expected.queueDiscipline = "noqueue"
        expected.kind = "veth"
        expected.portKind = "bridge"
        expected.master = InterfaceIndex(2)
        expected.lowerIsForeign = true
        expected.promiscuity = 1
        expected.carrierUpCount = 0
        expected.carrierDownCount = 1
        #expect(events(in: CapturedMessages.bridgedVeth) == [.link(expected)])
    }

    @Test func `captured addresses are read, the local one where there is a peer`() throws {
        let index = try #require(InterfaceIndex(100))
        let ipv6: [UInt8] = [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]
        #expect(
            events(in: CapturedMessages.threeAddresses) == [
                .addressAdded(index, InterfaceAddress(octets: [192, 0, 2, 1], prefixLength: 24)),
                .addressAdded(index, InterfaceAddress(octets: [192, 0, 2, 9], prefixLength: 32)),
                .addressAdded(index, InterfaceAddress(octets: ipv6, prefixLength: 64)),
            ])
    }

    @Test func `what a bridge says of its port is neither a change nor a deletion of the link`() {
        for type in [RTM_NEWLINK, RTM_DELLINK] {
            let payload = MessageBuilder.link(index: 9, family: UInt8(AF_BRIDGE))
            #expect(events(in: MessageBuilder.message(type: type, payload)) == [])
        }
    }

    @Test func `a wireless event is not a link`() {
        let payload = MessageBuilder.link(index: 9) { $0.attribute(IFLA_WIRELESS, [1, 2, 3, 4]) }
        #expect(events(in: MessageBuilder.message(type: RTM_NEWLINK, payload)) == [])
    }

    @Test(arguments: [0, -1, Int32.min])
    func `an index out of range is passed over`(index: Int32) {
        for type in [RTM_NEWLINK, RTM_DELLINK] {
            #expect(events(in: MessageBuilder.message(type: type, MessageBuilder.link(index: index))) == [])
        }
    }

    @Test func `a link without a name is passed over, a deletion needs none`() throws {
        let payload = MessageBuilder.link(index: 9, name: nil)
        #expect(events(in: MessageBuilder.message(type: RTM_NEWLINK, payload)) == [])
        let index = try #require(InterfaceIndex(9))
        #expect(events(in: MessageBuilder.message(type: RTM_DELLINK, payload)) == [.gone(index)])
    }

    @Test func `the kinds' own data is read for the kinds that have it`() {
        func link(kind: String, _ type: Int, _ value: [UInt8]) -> Link? {
            MessageBuilder.link(index: 9) { message in
                message.nest(IFLA_LINKINFO) { information in
                    // The data may come before the kind that explains it.
                    information.nest(IFLA_INFO_DATA) { $0.attribute(type, value) }
                    information.attribute(IFLA_INFO_KIND, kind)
                }
            }.withUnsafeBytes { Link(routeNetlink: $0) }
        }
        #expect(link(kind: "vlan", IFLA_VLAN_ID, [0xFE, 0x0F])?.vlanIdentifier == 4094)
        #expect(link(kind: "vlan", IFLA_VLAN_ID, [0xFF, 0x0F])?.vlanIdentifier == nil)
        #expect(link(kind: "bond", IFLA_BOND_MODE, [4])?.bondMode == 4)
        #expect(link(kind: "bond", IFLA_BOND_MODE, [])?.bondMode == nil)
        #expect(link(kind: "veth", IFLA_BOND_MODE, [4])?.bondMode == nil)
    }

    @Test func `what is too long is cut to the kernel's limits`() {
        let payload = MessageBuilder.link(index: 9, name: String(repeating: "n", count: 200)) { message in
            message.attribute(IFLA_IFALIAS, String(repeating: "a", count: 4000))
            message.attribute(IFLA_ADDRESS, [UInt8](repeating: 1, count: 4000))
            message.attribute(IFLA_QDISC, String(repeating: "q", count: 4000))
        }
        let link = payload.withUnsafeBytes { Link(routeNetlink: $0) }
        #expect(link?.name.utf8.count == 15)
        #expect(link?.alias.utf8.count == 255)
        #expect(link?.address.octets.count == 32)
        #expect(link?.queueDiscipline.utf8.count == 15)
    }

    @Test func `a lower interface of another namespace is named by no index, in whatever order that is said`() {
        for isForeignFirst in [true, false] {
            let payload = MessageBuilder.link(index: 9) { message in
                if isForeignFirst { message.attribute(IFLA_LINK_NETNSID, number: Int32(3)) }
                message.attribute(IFLA_LINK, number: UInt32(4))
                if !isForeignFirst { message.attribute(IFLA_LINK_NETNSID, number: Int32(3)) }
            }
            let link = payload.withUnsafeBytes { Link(routeNetlink: $0) }
            #expect(link?.lowerIsForeign == true)
            #expect(link?.lower == nil)
        }
    }

    @Test func `every truncation of captured messages is survived`() {
        for message in [CapturedMessages.bridgedVeth, CapturedMessages.threeAddresses] {
            let whole = events(in: message).count
            for length in message.indices {
                #expect(events(in: Array(message[..<length])).count < whole)
            }
            // Cut, but with a header that owns up to it.
            for length in 16..<message.count {
                var cut = Array(message[..<length])
                cut.replaceSubrange(0..<4, with: withUnsafeBytes(of: UInt32(length)) { Array($0) })
                _ = events(in: cut)
            }
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `random changes of captured messages are survived, and bounded`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            for captured in [CapturedMessages.bridgedVeth, CapturedMessages.threeAddresses] {
                var message = captured
                for _ in 0..<Int.random(in: 1...24, using: &random) {
                    let position = Int.random(in: 16..<message.count, using: &random)
                    message[position] = UInt8.random(in: 0...255, using: &random)
                }
                if Bool.random(using: &random) {
                    message[Int.random(in: 0..<16, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                for case .link(let link) in events(in: message) {
                    #expect(link.name.unicodeScalars.count <= 15)
                    #expect(link.alias.unicodeScalars.count <= 255)
                    #expect(link.address.octets.count <= 32)
                }
            }
        }
    }

    @Test(arguments: [184, 191, 192, 200, 400])
    func `counters are read from as much as the kernel gives`(size: Int) {
        let payload = (0..<size).map { $0.isMultiple(of: 8) ? UInt8($0 / 8 + 1) : 0 }
        var counters = LinkCounters()
        counters.receiveNoHandler = 99
        payload.withUnsafeBytes { counters.read(routeNetlink: $0) }
        #expect(counters.receivedPackets == 1)
        #expect(counters.transmitDropped == 8)
        #expect(counters.transmitWindowErrors == 21)
        #expect(counters.receiveNoHandler == (size < 192 ? 0 : 24))
    }

    @Test(arguments: [(0, false), (183, false), (184, true), (200, true)])
    func `counters that are cut short are passed over`(size: Int, isRead: Bool) {
        var message = MessageBuilder()
        var header = if_stats_msg()
        header.ifindex = 9
        message.header(header)
        message.attribute(IFLA_STATS_LINK_64, [UInt8](repeating: 1, count: size))
        #expect((message.octets.withUnsafeBytes { CounterMessage.statistics.read($0) }?.0 == 9) == isRead)
    }
}
