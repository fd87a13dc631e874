import CNetlink
import Foundation
import NetworkManagement
import NetworkModel
import PlatformTesting
import Testing

@testable import LinuxPlatform

/// What every implementation of the optimisation port fulfils, that of a kernel as well as a fake.
struct OptimisationPlatformConformance {
    let platform: any OptimisationPlatform
    /// A port that has everything in `changes`.
    let index: InterfaceIndex
    let changes: [OptimisationChange]

    func check() throws {
        for change in changes {
            let before = try platform.current(change, of: index)
            #expect(before.name == change.name && before != change)
            try platform.apply(change, to: index)
            #expect(try platform.current(change, of: index) == change)
            try platform.apply(before, to: index)
            #expect(try platform.current(change, of: index) == before)
        }
        let topology = platform.topology()
        #expect(!topology.isEmpty && zip(topology, topology.dropFirst()).allSatisfy { $0.number < $1.number })
        for place in topology {
            #expect(place.core <= place.number)
            #expect(
                topology.first { $0.number == place.core }?.core == place.core, "a core is named by its first thread")
        }
        let gone = try #require(InterfaceIndex(999_999))
        for change in changes {
            #expect(throws: PlatformError(.noSuchInterface, "")) { try platform.current(change, of: gone) }
            #expect(throws: PlatformError(.noSuchInterface, "")) { try platform.apply(change, to: gone) }
        }
        let missing: [OptimisationChange] = [
            .hashPolicy(1), .property(.feature("no-such-feature", true)), .receiveSteering(queue: 99, .none),
            .property(.parameter(.ringReceive, 64)),
        ]
        for change in missing {
            #expect(throws: PlatformError(.notSupported, "")) { try platform.current(change, of: index) }
        }
    }
}

@Suite(.enabled(if: NetworkNamespace.isAvailable, "needs root and iproute2 to make network namespaces"))
struct OptimisationPlatformTests {
    private static let changes: [OptimisationChange] = [
        .property(.feature("tx-tcp-segmentation", false)), .property(.queueLength(77)), .property(.mtu(1400)),
    ]

    @Test func `the kernel fulfils the port`() throws {
        let namespace = try NetworkNamespace()
        let (interfaces, platform) = try namespace.inside {
            let interfaces = try LinuxInterfacePlatform()
            return (
                interfaces,
                try LinuxOptimisationPlatform(interfaces, try LinuxConfigurationPlatform(interfaces))
            )
        }
        try namespace.ip("link add v0 numtxqueues 2 numrxqueues 2 type veth peer name v1")
        let link = try #require(try interfaces.links().first { $0.name == "v0" })
        try OptimisationPlatformConformance(platform: platform, index: link.index, changes: Self.changes).check()
        // A link that is down has no discipline.
        #expect(try platform.queueing()[link.index] == nil)
        try namespace.ip("link set v0 up")
        #expect(try platform.queueing()[link.index]?.drops == 0)
        #expect(platform.interrupts(of: [link]).isEmpty)
        #expect(!platform.processors().isEmpty)
    }

    /// Two queues under mq, one of which somebody has given another discipline, and packets that find no room there.
    @Test func `a discipline is known by what the kernel has now, and by where it is`() throws {
        let namespace = try NetworkNamespace()
        let (interfaces, platform) = try namespace.inside {
            let interfaces = try LinuxInterfacePlatform()
            return (
                interfaces,
                try LinuxOptimisationPlatform(interfaces, try LinuxConfigurationPlatform(interfaces))
            )
        }
        try namespace.ip("link add v0 numtxqueues 2 type veth peer name v1")
        for name in ["v0", "v1"] { try namespace.ip("link set \(name) up") }
        let index = try #require(try interfaces.links().first { $0.name == "v0" }?.index)
        func said() throws -> [String] {
            let queueing = try #require(try platform.queueing()[index])
            return queueing.innermost.map { "\($0.kind) \($0.place) \($0.isBoundByQueueLength)" }.sorted()
        }
        func tc(_ arguments: String) throws { try namespace.execute("tc qdisc replace dev v0 \(arguments)") }
        #expect(try said() == ["noqueue root false"])
        try tc("root handle 1: mq")
        #expect(try said() == ["pfifo_fast 1:1 true", "pfifo_fast 1:2 true"])
        for queue in 1...2 { try tc("parent 1:\(queue) handle 1\(queue): tbf rate 8kbit burst 1600 limit 1600") }
        #expect(try said() == ["tbf 1:1 false", "tbf 1:2 false"])
        try namespace.ip("addr add 192.0.2.1/24 dev v0")
        try namespace.ip("neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev v0")
        try namespace.shell(
            """
            python3 -c "
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for _ in range(30): s.sendto(b'x' * 1000, ('192.0.2.2', 9))
            "
            """)
        let dropped = try #require(try platform.queueing()[index])
        #expect(dropped.drops >= 20 && dropped.innermost.reduce(0) { $0 + $1.drops } == dropped.drops)
        // A child has to be asked for to be seen; then it is the one that holds packets, and its limit is its own.
        try tc("parent 11:1 pfifo limit 3")
        #expect(try said() == ["pfifo 11:1 false", "tbf 1:2 false"])
        try tc("root pfifo_fast")
        #expect(try said() == ["pfifo_fast root true"])
        try tc("root pfifo")
        try namespace.ip("link set v0 txqueuelen 7")
        #expect(try said() == ["pfifo root false"])
        let text = String(decoding: try namespace.execute("tc qdisc show dev v0"), as: UTF8.self)
        #expect(text.contains("limit 1000p"), "the kernel gives pfifo the queue length only when it is made")
    }

    @Test func `disciplines that the kernel made by itself, and those on the way in, are told apart`() throws {
        func message(
            _ kind: String?, handle: UInt32, parent: UInt32, drops: UInt32? = nil, index: Int32 = 2
        ) -> [UInt8] {
            var message = MessageBuilder()
            var header = tcmsg()
            header.tcm_ifindex = index
            header.tcm_handle = handle
            header.tcm_parent = parent
            message.header(header)
            // TCA_KIND, TCA_STATS2, TCA_STATS_QUEUE.
            if let kind { message.attribute(1, kind) }
            if let drops {
                message.nest(7) { nest in
                    var queue = gnet_stats_queue()
                    queue.drops = drops
                    nest.attribute(3, withUnsafeBytes(of: queue) { Array($0) })
                }
            }
            return message.octets
        }
        let messages = [
            message("mq", handle: 0, parent: 0xFFFF_FFFF, drops: 12),
            message("pfifo_fast", handle: 0, parent: 2, drops: 5),
            message("pfifo_fast", handle: 0, parent: 1, drops: 7),
            message("clsact", handle: 0xFFFF_0000, parent: 0xFFFF_FFF1, drops: 99),
            message(nil, handle: 0, parent: 0xFFFF_FFFF), message("mq", handle: 0, parent: 1, index: 0),
        ]
        func read(_ octets: [UInt8]) -> KernelDiscipline? { octets.withUnsafeBytes { KernelDiscipline($0) } }
        let queueing = Queueing(messages.compactMap { read($0) })
        #expect(queueing.drops == 12 && queueing.innermost.map(\.drops) == [5, 7])
        #expect(queueing.innermost.map(\.place) == ["0:2", "0:1"])
        #expect(queueing.innermost.map(\.isBoundByQueueLength) == [true, true])
        // In a class of htb its room is its own matter.
        let shaped = Queueing(
            [
                message("htb", handle: 0x1_0000, parent: 0xFFFF_FFFF),
                message("pfifo_fast", handle: 0x10_0000, parent: 0x1_0002),
            ].compactMap { read($0) })
        #expect(shaped.innermost.map(\.isBoundByQueueLength) == [false])
        for length in 0..<messages[0].count { _ = read(Array(messages[0].prefix(length))) }
    }

    @Test func `the fake fulfils the port`() throws {
        let fake = FakeOptimisationPlatform()
        let index = try #require(InterfaceIndex(2))
        fake.put(
            [.property(.feature("tx-tcp-segmentation", true)), .property(.queueLength(1000)), .property(.mtu(1500))],
            of: index)
        fake.setTopology([.init(number: 0, core: 0), .init(number: 1, core: 0), .init(number: 2, core: 2)])
        try OptimisationPlatformConformance(platform: fake, index: index, changes: Self.changes).check()
    }

    /// A folder with these files, gone after `body`.
    private func withFiles(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "orion-sysfs-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for (name, text) in files {
            let file = root.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try body(root.path)
    }

    @Test func `cores are known by the threads that share them, of those that run`() throws {
        var files = ["online": "0-3,5\n"]
        for (number, siblings) in [(0, "0,4"), (1, "1,5"), (2, "2-3"), (3, "2-3"), (4, "0,4"), (5, "1,5")] {
            files["cpu\(number)/topology/thread_siblings_list"] = siblings + "\n"
        }
        try withFiles(files) { root in
            let places = ProcessorTopology.read(root)
            #expect(places.map(\.number) == [0, 1, 2, 3, 5] && places.map(\.core) == [0, 1, 2, 2, 1])
        }
        // A thread whose first sibling does not run.
        files["online"] = "4-5"
        try withFiles(files) { root in #expect(ProcessorTopology.read(root).map(\.core) == [4, 5]) }
    }

    @Test func `without lists of threads a core is known by its number and its package's`() throws {
        var files = ["online": "0-3"]
        for (number, package, core) in [(0, "0", "0"), (1, "1", "0"), (2, "0", "0"), (3, "1", "7")] {
            files["cpu\(number)/topology/physical_package_id"] = package
            files["cpu\(number)/topology/core_id"] = core
        }
        try withFiles(files) { root in #expect(ProcessorTopology.read(root).map(\.core) == [0, 1, 0, 3]) }
    }

    @Test func `topology that makes no sense leaves each processor a core of its own`() throws {
        let bad = ["", "\0\0", "4294967295", "7-1", "9,8,x", String(repeating: "9", count: 5000), "-1", "3"]
        var files = ["online": "0-\(bad.count - 1)"]
        for (number, text) in bad.enumerated() {
            files["cpu\(number)/topology/thread_siblings_list"] = text
            files["cpu\(number)/topology/core_id"] = text + "z"
        }
        try withFiles(files) { root in
            #expect(ProcessorTopology.read(root).map(\.core) == Array(0..<bad.count))
        }
        for online in ["", "0-99999999", "x", "1-0"] {
            try withFiles(["online": online]) { root in #expect(ProcessorTopology.read(root).isEmpty) }
        }
        #expect(ProcessorTopology.read("/no such folder").isEmpty)
    }

    @Test func `what is next to a device is told by it, by what it is in, or by its node`() throws {
        let files = [
            "a/local_cpulist": "0-1\n", "b/x/features": "", "b/local_cpulist": "2\n", "c/numa_node": "1\n",
            "nodes/node1/cpulist": "4-7\n", "d/numa_node": "-1\n", "e/local_cpulist": "zz", "e/numa_node": "99999999",
        ]
        try withFiles(files) { root in
            func local(_ device: String) -> [Int] {
                QueueDirectory.local(of: "\(root)/\(device)", nodes: "\(root)/nodes").numbers
            }
            #expect(local("a") == [0, 1] && local("b/x") == [2] && local("c") == [4, 5, 6, 7])
            #expect(local("d").isEmpty && local("e").isEmpty && local("none").isEmpty)
        }
    }

    @Test func `the kernel's counts of queues are read whole`() throws {
        func message(_ attributes: [(Int, UInt64, Bool)]) -> [UInt8] {
            var message = MessageBuilder()
            message.header(genlmsghdr(cmd: 12, version: 1, reserved: 0))
            for (type, value, isLong) in attributes {
                if isLong {
                    message.attribute(type, number: value)
                } else {
                    message.attribute(type, number: UInt32(truncatingIfNeeded: value))
                }
            }
            return message.octets
        }
        func read(_ octets: [UInt8]) -> QueueCounter? { octets.withUnsafeBytes { QueueCounter($0) } }
        // NETDEV_A_QSTATS_IFINDEX, _QUEUE_TYPE, _QUEUE_ID, _SCOPE and _RX_PACKETS or _TX_PACKETS.
        let receive = message([(1, 2, false), (2, 0, false), (3, 7, false), (8, 1 << 40, true)])
        let transmit = message([(1, 2, false), (2, 1, false), (3, 0, false), (10, 5, false)])
        let counter = try #require(read(receive))
        #expect(counter.interface == InterfaceIndex(2) && counter.queue == 7 && counter.isReceive)
        #expect(counter.packets == 1 << 40 && read(transmit)?.packets == 5 && read(transmit)?.isReceive == false)
        #expect(read(message([(1, 2, false), (2, 0, false), (3, 0, false), (10, 5, false)])) == nil)
        #expect(read(message([(1, 0, false), (2, 0, false), (3, 0, false), (8, 5, false)])) == nil)
        for length in 0..<receive.count { _ = read(Array(receive.prefix(length))) }
    }

    /// Two ways to everywhere, by v0 and by v2.
    private func withWays(
        _ body: (NetworkNamespace, LinuxOptimisationPlatform, [InterfaceIndex]) throws -> Void
    ) throws {
        let namespace = try NetworkNamespace()
        let (interfaces, platform) = try namespace.inside {
            let interfaces = try LinuxInterfacePlatform()
            return (
                interfaces,
                try LinuxOptimisationPlatform(interfaces, try LinuxConfigurationPlatform(interfaces))
            )
        }
        for (near, far) in [("v0", "v1"), ("v2", "v3")] {
            try namespace.ip("link add \(near) type veth peer name \(far)")
            for name in [near, far] { try namespace.ip("link set \(name) up") }
        }
        try namespace.ip("addr add 10.0.0.1/24 dev v0")
        try namespace.ip("addr add 10.0.2.1/24 dev v2")
        try namespace.ip("-6 addr add fd00::1/64 dev v0 nodad")
        try namespace.ip("-6 addr add fd00:2::1/64 dev v2 nodad")
        let links = try interfaces.links()
        try body(
            namespace, platform,
            try ["v0", "v2"].map { name in try #require(links.first { $0.name == name }?.index) })
    }

    private func shown(_ namespace: NetworkNamespace, _ route: String) throws -> String {
        String(decoding: try namespace.ip("\(route.contains(":") ? "-6" : "-4") route show \(route)"), as: UTF8.self)
    }

    @Test func `a route is read whole, and keeps all but its weights when these change`() throws {
        try withWays { namespace, platform, indexes in
            let hops = "nexthop via 10.0.0.2 dev v0 weight 1 nexthop via 10.0.9.9 dev v2 onlink weight 3"
            try namespace.ip("route add 203.0.113.0/24 proto static metric 5 src 10.0.0.1 mtu 1300 advmss 900 \(hops)")
            try namespace.ip(
                "-6 route add 2001:db8::/32 metric 7 mtu 1290 nexthop via fd00::2 dev v0 weight 1 "
                    + "nexthop via fd00:2::2 dev v2 weight 256")
            // None of these is one that is shared: another table, one way, none.
            try namespace.ip("route add 198.51.100.0/24 table 99 \(hops)")
            try namespace.ip("route add 198.51.100.0/25 via 10.0.0.2")
            try namespace.ip("route add blackhole 198.51.100.128/25")
            let routes = try platform.routes()
            #expect(routes.map { "\($0.key)" } == ["203.0.113.0/24 metric 5", "2001:db8::/32 metric 7"])
            #expect(routes.allSatisfy { $0.obstacle == nil })
            #expect(routes[0].weights.hops.map(\.gatewayText) == ["10.0.0.2", "10.0.9.9"])
            #expect(routes.map { $0.weights.hops.map(\.weight) } == [[1, 3], [1, 256]])
            #expect(routes.allSatisfy { $0.weights.interfaces == indexes })
            for (route, name) in zip(routes, ["203.0.113.0/24", "2001:db8::/32"]) {
                let before = try shown(namespace, name)
                let change = OptimisationChange.nextHopWeights(
                    RouteWeights(
                        route: route.key,
                        hops: zip(route.weights.hops, [200, 7]).map {
                            NextHop(interface: $0.interface, gateway: $0.gateway, weight: $1)
                        }))
                // The same checks as of every other setting.
                try OptimisationPlatformConformance(platform: platform, index: indexes[0], changes: [change]).check()
                try platform.apply(change, to: indexes[0])
                let after = try shown(namespace, name)
                let expected = before.replacing("weight 1 ", with: "weight 200 ")
                    .replacing(name.contains(":") ? "weight 256 " : "weight 3 ", with: "weight 7 ")
                #expect(after == expected && after != before)
            }
            #expect(try platform.routes().count == 2, "none was added")
        }
    }

    @Test func `a route that has become another one, or takes its next hops elsewhere, is left alone`() throws {
        try withWays { namespace, platform, indexes in
            let route = "203.0.113.0/24 nexthop via 10.0.0.2 dev v0 nexthop via 10.0.2.2 dev v2"
            try namespace.ip("route add \(route)")
            let weights = try #require(try platform.routes().first).weights
            let change = OptimisationChange.nextHopWeights(weights)
            try namespace.ip("route replace \(route.replacing("10.0.2.2", with: "10.0.2.3"))")
            #expect(throws: PlatformError(.invalidValue, "")) { try platform.apply(change, to: indexes[0]) }
            #expect(try platform.current(change, of: indexes[0]) != change)
            try namespace.ip("route del 203.0.113.0/24")
            #expect(throws: PlatformError(.notSupported, "")) { try platform.current(change, of: indexes[0]) }
            #expect(throws: PlatformError(.notSupported, "")) { try platform.apply(change, to: indexes[0]) }
            try namespace.ip("nexthop add id 1 via 10.0.0.2 dev v0")
            try namespace.ip("nexthop add id 2 via 10.0.2.2 dev v2")
            try namespace.ip("nexthop add id 10 group 1/2,9")
            try namespace.ip("route add 203.0.113.0/24 nhid 10")
            let shared = try #require(try platform.routes().first)
            #expect(shared.weights.hops.map(\.weight) == [1, 9] && shared.obstacle?.contains("10") == true)
            let own = OptimisationChange.nextHopWeights(shared.weights)
            #expect(throws: PlatformError(.notSupported, "")) { try platform.apply(own, to: indexes[0]) }
        }
    }

    @Test func `what is no route of several ways is passed over, however it is cut`() throws {
        func message(
            family: Int32 = AF_INET, type: UInt8 = 1, length: UInt8 = 24, lengths: [UInt16] = [16, 16],
            destination: [UInt8] = [203, 0, 113, 0], table: UInt32 = 254
        ) -> [UInt8] {
            var message = MessageBuilder()
            var header = rtmsg()
            header.rtm_family = UInt8(family)
            header.rtm_dst_len = length
            header.rtm_table = 254
            header.rtm_type = type
            message.header(header)
            message.attribute(1, destination)
            message.attribute(15, number: table)
            var hops = MessageBuilder()
            for (position, length) in lengths.enumerated() {
                hops.header(
                    rtnexthop(rtnh_len: length, rtnh_flags: 0, rtnh_hops: 4, rtnh_ifindex: Int32(position + 2)))
                hops.attribute(5, [10, 0, 0, UInt8(position)])
            }
            message.attribute(9, hops.octets)
            return message.octets
        }
        func read(_ octets: [UInt8]) -> KernelRoute? { octets.withUnsafeBytes { KernelRoute($0) } }
        let whole = message()
        #expect(read(whole)?.weights.hops.map(\.weight) == [5, 5])
        for length in 0..<whole.count { #expect(read(Array(whole.prefix(length))) == nil, "\(length)") }
        let others = [
            message(family: 7), message(type: 6), message(length: 33), message(lengths: [16, 7]),
            message(lengths: [16, 17]), message(lengths: [0, 16]), message(lengths: [32]), message(destination: [1]),
            message(table: 255), message(family: AF_INET6, destination: [203, 0, 113, 0]),
        ]
        for octets in others { #expect(read(octets) == nil) }
    }

    @Test func `interrupts are summed over processors, whatever else stands in the file`() {
        let text = """
                       CPU0       CPU1
              24:          1         20   IO-APIC   5-edge      ACPI:Ged
            1005:  4294967296          1   PCI-MSIX-0000:00:03.0 3-edge eth0-rx-0
             NMI:          7          8   Non-maskable interrupts
              99
              98: x
            """
        #expect(InterruptCounts(text).counts == [24: 21, 1005: 4_294_967_297, 98: 0])
    }

    @Test func `the load of processors is read with and without their numbers`() {
        let new = (0..<12).map { _ in "00000000" }.joined(separator: " ")
        let text = "0000000a \(new.dropFirst(9)) 00000004 00000000\nzz\n00000010"
        #expect(
            ProcessorLoad.read(softnet: text) == [
                ProcessorLoad(number: 4, packets: 10), ProcessorLoad(number: 2, packets: 16),
            ])
    }
}
