import Foundation
import NetworkManagement
import NetworkModel
import Testing

@testable import LinuxPlatform

@Suite(.enabled(if: NetworkNamespace.isAvailable, "needs root and iproute2 to make network namespaces"))
struct LinuxInterfacePlatformTests {
    private let namespace: NetworkNamespace
    private let platform: LinuxInterfacePlatform

    init() throws {
        let namespace = try NetworkNamespace()
        self.namespace = namespace
        platform = try namespace.inside { try LinuxInterfacePlatform() }
    }

    private func index(of name: String) throws -> InterfaceIndex {
        try #require(platform.links().first { $0.name == name }).index
    }

    @Test func `the kernel fulfils the ports`() throws {
        try namespace.ip("link add v0 type veth peer name v1")
        try namespace.ip("addr add 192.0.2.1/24 dev v0")
        let conformance = InterfacePlatformConformance(
            platform: platform, index: try index(of: "v0"), absent: try #require(InterfaceIndex(4_000_000)))
        try conformance.check()
    }

    /// Links of one kind, in a variety of states, and what it takes to make them.
    struct Scenario: Sendable, CustomTestStringConvertible {
        let kind: String
        let commands: [String]
        var testDescription: String { kind }

        static let all = [
            Scenario(
                kind: "bridge",
                commands: [
                    "link add br0 type bridge", "link add v0 type veth peer name v1", "link set v0 master br0 up",
                    "link set v1 up alias uplink", "link set br0 up promisc on",
                ]),
            Scenario(
                kind: "veth",
                commands: [
                    "link add index 77 v2 type veth peer name v3", "link set v3 allmulticast on",
                    "link set v2 mtu 9000 txqueuelen 17 group 5 down",
                    "link add v4 numtxqueues 4 numrxqueues 3 type veth peer name v5", "link set v4 up",
                ]),
            Scenario(
                kind: "macvlan",
                commands: [
                    "link add v0 type veth peer name v1", "link set v0 up", "link set v1 up",
                    "link add mv0 link v1 type macvlan mode bridge", "link add mv1 link v1 type macvlan mode private",
                    "link set mv0 up", "link set mv1 protodown on",
                ]),
            Scenario(
                kind: "vxlan",
                commands: [
                    "link set lo up", "link add vx0 type vxlan id 7 dstport 4789 local 127.0.0.1 dev lo",
                    "link add vx1 type vxlan id 8 dstport 4790 local 127.0.0.1", "link set vx0 up",
                ]),
            Scenario(
                kind: "tun",
                commands: ["tuntap add dev tun9 mode tun", "tuntap add dev tap9 mode tap", "link set tun9 up"]),
            Scenario(kind: "ifb", commands: ["link add ifb9 type ifb", "link set ifb9 up"]),
            Scenario(kind: "dummy", commands: ["link add dummy9 type dummy", "link set dummy9 up"]),
            Scenario(
                kind: "vlan",
                commands: [
                    "link add v0 type veth peer name v1", "link add link v1 name v1.7 type vlan id 7",
                    "link set v1.7 up",
                ]),
            Scenario(
                kind: "bond",
                commands: [
                    "link add bond9 type bond mode 802.3ad", "link add v0 type veth peer name v1",
                    "link set v0 master bond9", "link set bond9 up",
                ]),
            Scenario(kind: "vrf", commands: ["link add vrf9 type vrf table 10", "link set vrf9 up"]),
            Scenario(kind: "ipip", commands: ["link add tunl9 type ipip local 127.0.0.1"]),
        ]
    }

    @Test(arguments: Scenario.all)
    func `every field agrees with what ip shows`(scenario: Scenario) throws {
        // IPv6 speaks up on its own, and would move the counters between the two readings.
        try namespace.shell("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6")
        do {
            for command in scenario.commands { try namespace.ip(command) }
        } catch let failure as CommandFailure where failure.text.contains("Unknown device type") {
            // The report of a run leaves out why one argument's case was cancelled.
            print("skipped: every field agrees with what ip shows, \(scenario.kind): this kernel has no such link")
            try Test.cancel("this kernel has no such link")
        }
        var reported = try ReportedLink.all(namespace.ip("-d -s -j -N link"))
        var links = try platform.links()
        var sample = CounterSample(time: MonotonicTime(nanoseconds: 0))
        try platform.sample(into: &sample)
        // New links come up and say hello by themselves (IPv6), which may happen between the two readings.
        for _ in 0..<50 {
            let before = reported
            reported = try ReportedLink.all(namespace.ip("-d -s -j -N link"))
            if zip(before, reported).allSatisfy({
                $0.operstate == $1.operstate && $0.stats64.octets == $1.stats64.octets
            }) {
                break
            }
            links = try platform.links()
            try platform.sample(into: &sample)
        }
        #expect(links.contains { $0.kind == scenario.kind })
        #expect(Set(links.map(\.name)) == Set(reported.map(\.ifname)))
        let names = Dictionary(uniqueKeysWithValues: links.map { ($0.name, $0.index) })
        for report in reported {
            let link = try #require(links.first { $0.name == report.ifname })
            try compare(link, report, names)
            #expect(link.vlanIdentifier == (link.kind == "vlan" ? 7 : nil))
            #expect(link.bondMode == (link.kind == "bond" ? 4 : nil))
            let position = try #require(sample.indexes.firstIndex(of: link.index))
            compare(sample.counters[position], report.stats64, link.name)
        }
    }

    private func compare(_ link: Link, _ report: ReportedLink, _ names: [String: InterfaceIndex]) throws {
        let name = Comment(rawValue: link.name)
        #expect(link.index.number == report.ifindex, name)
        #expect(link.alias == report.ifalias ?? "", name)
        for (text, flag) in ReportedLink.flagNames {
            #expect(link.flags.contains(flag) == report.flags.contains(text), "\(name) \(text)")
        }
        let lacksCarrier = link.flags.contains(.up) && !link.flags.contains(.running)
        #expect(lacksCarrier == report.flags.contains("NO-CARRIER"), name)
        #expect(link.mtu == report.mtu, name)
        #expect(link.queueDiscipline == report.qdisc, name)
        #expect(link.operationalState == ReportedLink.operationalStates[report.operstate], name)
        #expect(link.queueLength == report.txqlen ?? 0, name)
        #expect(String(link.group) == report.group, name)
        if let type = ReportedLink.hardwareTypes[report.linkType] { #expect(link.hardwareType == type, name) }
        if report.linkType != "ipip" {
            #expect(link.address.description == report.address ?? "", name)
            #expect(link.broadcast.description == report.broadcast ?? "", name)
        }
        #expect(link.permanentAddress?.description == report.permaddr, name)
        #expect(link.promiscuity == report.promiscuity, name)
        #expect(link.minimumMTU == report.minMtu, name)
        #expect(link.maximumMTU ?? 0 == report.maxMtu, name)
        #expect(link.kind == report.linkinfo?.infoKind, name)
        #expect(link.portKind == report.linkinfo?.infoSlaveKind, name)
        #expect(link.transmitQueues == report.numTxQueues, name)
        #expect(link.receiveQueues == report.numRxQueues, name)
        #expect(link.master == report.master.flatMap { names[$0] }, name)
        #expect(link.lower == report.link.flatMap { names[$0] }, name)
        #expect(link.lowerIsForeign == (report.linkNetnsid != nil), name)
        #expect(link.parentBus == report.parentbus, name)
        #expect(link.parentDevice == report.parentdev, name)
        #expect(link.isProtocolDown == report.protoDown ?? false, name)
        let sysfs = "/sys/class/net/\(link.name)"
        func number(_ file: String) throws -> String {
            String(decoding: try namespace.execute("cat \(sysfs)/\(file)"), as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        #expect(try String(link.carrierUpCount) == number("carrier_up_count"), name)
        #expect(try String(link.carrierDownCount) == number("carrier_down_count"), name)
        #expect(try String(link.hardwareType) == number("type"), name)
        // sysfs refuses to read the carrier of what is down.
        if link.flags.contains(.up) { #expect(try link.carrier == (number("carrier") == "1"), name) }
    }

    private func compare(_ counters: LinkCounters, _ report: ReportedLink.Statistics, _ name: String) {
        #expect(counters.receivedOctets == report.rx.bytes, "\(name)")
        #expect(counters.receivedPackets == report.rx.packets, "\(name)")
        #expect(counters.receiveErrors == report.rx.errors, "\(name)")
        #expect(counters.receiveDropped == report.rx.dropped, "\(name)")
        #expect(counters.receivedMulticast == report.rx.multicast, "\(name)")
        #expect(counters.receiveOverErrors == report.rx.overErrors, "\(name)")
        #expect(counters.transmittedOctets == report.tx.bytes, "\(name)")
        #expect(counters.transmittedPackets == report.tx.packets, "\(name)")
        #expect(counters.transmitErrors == report.tx.errors, "\(name)")
        #expect(counters.transmitDropped == report.tx.dropped, "\(name)")
        #expect(counters.transmitCarrierErrors == report.tx.carrierErrors, "\(name)")
        #expect(counters.collisions == report.tx.collisions, "\(name)")
    }

    @Test func `a veth whose peer left the namespace has a foreign lower interface`() throws {
        let other = try NetworkNamespace()
        try namespace.ip("link add v0 type veth peer name v1")
        let peer = try index(of: "v1")
        #expect(try platform.link(index(of: "v0")).lower == peer)
        try namespace.ip("link set v1 netns \(other.name)")
        let link = try platform.link(index(of: "v0"))
        #expect(link.lowerIsForeign)
        #expect(link.lower == nil)
        #expect(throws: PlatformError(.noSuchInterface, "")) { try platform.link(peer) }
    }

    @Test func `addresses are those that ip shows`() throws {
        try namespace.ip("link set lo up")
        try namespace.ip("link add v0 type veth peer name v1")
        try namespace.ip("addr add 192.0.2.1/24 dev v0")
        try namespace.ip("addr add 198.51.100.7/32 dev v0")
        try namespace.ip("addr add 192.0.2.9 peer 192.0.2.10/32 dev v0")
        try namespace.ip("addr add 2001:db8::1/64 dev v0 nodad")
        let addresses = try platform.addresses()
        let ours = try addresses[index(of: "v0")]?.map { "\($0.octets)/\($0.prefixLength)" }
        #expect(
            ours == [
                "[192, 0, 2, 1]/24", "[198, 51, 100, 7]/32", "[192, 0, 2, 9]/32",
                "[32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]/64",
            ])
        #expect(try addresses[index(of: "lo")]?.count == 2)
    }

    @Test func `multicast addresses are those of this namespace, of every kind of interface`() throws {
        try namespace.ip("link add v0 type veth peer name v1")
        try namespace.ip("link set v0 up")
        try namespace.ip("maddress add 01:00:5e:00:00:42 dev v0")
        let addresses = try platform.multicastAddresses()
        let ours = try #require(try addresses[index(of: "v0")]).map(\.description)
        #expect(ours.contains("01:00:5e:00:00:42"))
        #expect(ours.contains("01:00:5e:00:00:01"))
        #expect(try addresses[index(of: "v1")]?.map(\.description).contains("01:00:5e:00:00:42") != true)
    }

    @Test func `the kernel's own words come with its refusal`() throws {
        try namespace.ip("link add v0 type veth peer name v1")
        let index = try index(of: "v0")
        let error = #expect(throws: PlatformError.self) { try platform.apply(.setMTU(70000), to: index) }
        #expect(error?.code == .invalidValue)
        #expect(error?.errno == EINVAL)
        #expect(error?.message == "interface \(index): setting the MTU to 70000: mtu greater than device maximum")
    }

    @Test func `an alias that ip sets is read, and one that we set is shown by ip`() throws {
        try namespace.ip("link add v0 type veth peer name v1")
        let index = try index(of: "v0")
        try namespace.ip("link set v0 alias theirs")
        #expect(try platform.link(index).alias == "theirs")
        try platform.apply(.setAlias("ours"), to: index)
        let shown = try ReportedLink.all(namespace.ip("-d -s -j link show v0"))
        #expect(shown.first?.ifalias == "ours")
        try platform.apply(.setAlias(""), to: index)
        #expect(try ReportedLink.all(namespace.ip("-d -s -j link show v0")).first?.ifalias == nil)
    }

    @Test func `names and aliases that are not UTF-8 are read with replacements`() throws {
        try namespace.shell("ip link add $(printf 'v\\377') type ifb")
        #expect(try platform.links().contains { $0.name == "v\u{FFFD}" })
        let index = try index(of: "v\u{FFFD}")
        _ = try platform.driverStatistics(of: platform.link(index))
        #expect(platform.device(of: try platform.link(index)) == nil)
    }

    @Test func `ethtool's settings and driver statistics are read`() throws {
        try namespace.ip("link add v0 type veth peer name v1 numtxqueues 2 numrxqueues 2")
        let index = try index(of: "v0")
        let settings = try #require(try platform.settings(of: index))
        #expect(settings.speed == .megabits(10_000))
        #expect(settings.duplex == .full)
        #expect(settings.autonegotiation == false)
        #expect(settings.channels?.receive ?? 0 >= 1)
        #expect(settings.rings == nil)
        #expect(settings.pause == nil)
        #expect(settings.coalescing == nil || settings.coalescing == Coalescing())
        let text = String(decoding: try namespace.execute("ethtool -k v0"), as: UTF8.self)
        let shown = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        for name in ["tx-scatter-gather", "highdma", "tx-nocache-copy", "rx-gro-list", "loopback"] {
            let feature = try #require(settings.features.first { $0.name == name })
            let line = try #require(shown.first { $0.hasPrefix(name + ":") })
            #expect(line.contains(": on") == feature.isActive, "\(line)")
            #expect(line.contains("[fixed]") == !feature.isChangeable, "\(line)")
        }
        let statistics = try platform.driverStatistics(of: platform.link(index))
        #expect(
            statistics.first == DriverStatistic(name: "peer_ifindex", value: UInt64(try self.index(of: "v1").number)))
        #expect(try platform.ethernetCounters(of: index) == nil)

        let loopback = try platform.link(self.index(of: "lo"))
        #expect(try platform.settings(of: loopback.index)?.speed == nil)
        #expect(try platform.driverStatistics(of: loopback) == [])
    }

    @Test func `the device of another namespace's interface of the same name and index is not taken for ours`() throws {
        // This process's sysfs shows the namespace it began in, where "lo" has index 1 as well.
        for link in try platform.links() { #expect(platform.device(of: link) == nil) }
    }

    @Test(.enabled(if: hardwareInterface != nil, "no interface of this host has a device"))
    func `the device of a hardware interface is what sysfs, rtnetlink and the driver say`() throws {
        let platform = try LinuxInterfacePlatform()
        let link = try platform.link(try #require(hardwareInterface).index)
        let device = try #require(platform.device(of: link))
        #expect(device.busAddress == link.parentDevice)
        #expect(device.bus == link.parentBus)
        #expect(try device.driver == DriverQueries().driver(of: link.index))
        let text = String(decoding: try NetworkNamespace.run("ethtool", "-i", link.name), as: UTF8.self)
        #expect(device.driver.map { text.contains("driver: \($0)\n") } == true)

        let names = try platform.driverStatistics(of: link).map(\.name)
        let shown = (try? NetworkNamespace.run("ethtool", "-S", link.name)) ?? Data()
        let lines = String(decoding: shown, as: UTF8.self).split(separator: "\n").dropFirst()
        let shownNames = lines.compactMap { $0.split(separator: ":").first?.trimmingCharacters(in: .whitespaces) }
        #expect(names == shownNames)
    }

    @Test(arguments: ["", ".", "..", "../eth0", "lo/../lo", "a\u{FFFD}"])
    func `a name that is not one path component finds no device`(name: String) throws {
        let index = try #require(InterfaceIndex(1))
        #expect(DeviceDirectory().device(of: Link(index: index, name: name)) == nil)
    }

    @Test(arguments: [CounterMessage.statistics, .link])
    func `a sample follows links that come, go and carry traffic`(message: CounterMessage) throws {
        let namespace = namespace
        let platform = try namespace.inside {
            try LinuxInterfacePlatform(eventBuffer: 1 << 16, counterMessage: message)
        }
        var sample = CounterSample(time: MonotonicTime(nanoseconds: 0))
        func check() throws {
            try platform.sample(into: &sample)
            let reported = try ReportedLink.all(namespace.ip("-d -s -j link")).sorted { $0.ifindex < $1.ifindex }
            #expect(sample.indexes.map(\.number) == reported.map(\.ifindex))
            for (counters, report) in zip(sample.counters, reported) {
                compare(counters, report.stats64, report.ifname)
            }
        }
        try check()
        try namespace.ip("link set lo up")
        try namespace.inside { sendToLoopback(datagrams: 10) }
        try check()
        #expect(sample.counters.first.map { $0.receivedPackets >= 10 } == true)
        try namespace.ip("link add index 900 v0 type veth peer name v1")
        try namespace.ip("link add index 40 v2 type veth peer name v3")
        try check()
        try check()
        try namespace.ip("link delete v0")
        try check()
        try namespace.ip("link add index 900 v0 type ifb")
        try check()
    }

    @Test func `without the capability reading works, and changes say what is missing`() throws {
        try namespace.ip("link add v0 type veth peer name v1")
        let index = try index(of: "v0")
        let (names, errors) = try namespace.inside {
            dropCapabilities()
            let platform = try LinuxInterfacePlatform()
            let changes: [InterfaceChange] = [.setAdminState(up: true), .setAlias("a"), .setMTU(1400)]
            let errors = changes.map { change -> PlatformError? in
                do throws(PlatformError) {
                    try platform.apply(change, to: index)
                    return nil
                } catch {
                    return error
                }
            }
            _ = try platform.settings(of: index)
            _ = try platform.addresses()
            _ = try platform.driverStatistics(of: platform.link(index))
            var sample = CounterSample(time: MonotonicTime(nanoseconds: 0))
            try platform.sample(into: &sample)
            return (try platform.links().map(\.name), errors)
        }
        #expect(names == ["lo", "v1", "v0"])
        for error in errors {
            #expect(error?.code == .notPermitted)
            #expect(error?.message.contains("CAP_NET_ADMIN") == true)
        }
        #expect(try platform.link(index).alias == "")
    }
}

/// An interface of this process's own namespace that has a device behind it; only ever read.
private let hardwareInterface: Link? = try? LinuxInterfacePlatform().links().first { $0.parentDevice != nil }

/// Sends datagrams that nobody waits for to 127.0.0.1.
private func sendToLoopback(datagrams: Int) {
    let socket = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(9).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    withUnsafePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            for _ in 0..<datagrams { sendto(socket, "x", 1, 0, address, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}

/// Takes every capability from the calling thread (capset(2), which the Glibc module lacks).
private func dropCapabilities() {
    typealias SetCapabilities = @convention(c) (UnsafeRawPointer, UnsafeRawPointer) -> Int32
    guard let symbol = dlsym(nil, "capset") else { return }
    // _LINUX_CAPABILITY_VERSION_3 and the calling thread; twice effective, permitted and inheritable.
    let header: [UInt32] = [0x2008_0522, 0]
    let none = [UInt32](repeating: 0, count: 6)
    let status = unsafeBitCast(symbol, to: SetCapabilities.self)(header, none)
    precondition(status == 0)
}

extension ReportedLink.Statistics {
    fileprivate var octets: [UInt64] { [rx.bytes, tx.bytes] }
}
