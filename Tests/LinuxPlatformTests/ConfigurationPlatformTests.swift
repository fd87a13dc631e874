import Foundation
import NetworkManagement
import NetworkModel
import PlatformTesting
import Testing

@testable import LinuxPlatform

/// What every implementation of the configuration port fulfils, that of a kernel as well as a fake.
struct ConfigurationPlatformConformance {
    let platform: any ConfigurationPlatform
    /// An interface that may be changed and is down.
    let name: String

    private func link(_ name: String) throws -> ObservedLink? {
        try platform.observe(detailed: [name]).first { $0.name == name }
    }

    private func set(_ name: String, _ property: LinkProperty) throws {
        try platform.apply(.set(name, property))
    }

    func check() throws {
        try checkProperties()
        try checkAddresses()
        try checkCreation()
        try checkPorts()
        let gone = PlatformError(.noSuchInterface, "")
        for step: ConfigurationStep in [
            .delete("nowhere"), .set("nowhere", .up(true)), .set("nowhere", .mtu(1400)),
            .set("nowhere", .addAddress("192.0.2.1/24")), .set("nowhere", .master(nil)),
            .restoreAddresses("nowhere", []), .restoreRoutes("nowhere", []),
        ] {
            #expect(throws: gone) { try platform.apply(step) }
        }
    }

    private func checkProperties() throws {
        let before = try #require(try link(name))
        try set(name, .mtu(1400))
        try set(name, .alias("to the lab"))
        try set(name, .queueLength(17))
        try set(name, .address("02:00:5e:00:00:01"))
        try set(name, .up(true))
        let after = try #require(try link(name))
        #expect(after.mtu == 1400 && after.alias == "to the lab" && after.queueLength == 17)
        #expect(after.address == "02:00:5e:00:00:01" && after.isUp)
        try set(name, .up(false))
        try set(name, .address(before.address))
        try set(name, .queueLength(before.queueLength))
        try set(name, .alias(before.alias))
        try set(name, .mtu(before.mtu))
        #expect(try link(name) == before)
        #expect(throws: PlatformError(.invalidValue, "")) { try set(name, .mtu(4_000_000_000)) }
    }

    private func checkAddresses() throws {
        for text in ["192.0.2.1/24", "192.0.2.2/24", "2001:db8::1/64"] {
            // Twice is as good as once.
            for _ in 0..<2 { try set(name, .addAddress(text)) }
            #expect(try link(name)?.addresses.contains { $0.text == text } == true)
        }
        let before = try #require(try link(name)).addresses
        let kept = try #require(try platform.addresses(of: [name])[name])
        for text in ["192.0.2.1/24", "2001:db8::1/64"] { try set(name, .removeAddress(text)) }
        // Where the other one is first by now it is not when it is put back.
        try set(name, .addAddress("192.0.2.2/24"))
        for _ in 0..<2 { try platform.apply(.restoreAddresses(name, kept)) }
        #expect(try link(name)?.addresses == before)
        for text in ["192.0.2.2/24", "192.0.2.1/24", "2001:db8::1/64"] {
            for _ in 0..<2 { try set(name, .removeAddress(text)) }
        }
        #expect(try link(name)?.addresses.isEmpty == true)
    }

    private func checkCreation() throws {
        var links: [(String, VirtualLink)] = [("cbridge", VirtualLink(.bridge))]
        links[0].1.bridgeSpeaksSTP = true
        var vlan = VirtualLink(.vlan)
        vlan.lower = name
        vlan.vlanIdentifier = 7
        var macvlan = VirtualLink(.macvlan)
        macvlan.lower = name
        macvlan.macvlanMode = 4
        var vxlan = VirtualLink(.vxlan)
        vxlan.vxlanIdentifier = 42
        vxlan.vxlanRemote = "192.0.2.9"
        vxlan.vxlanLocal = "192.0.2.8"
        links += [("cvlan", vlan), ("cmacvlan", macvlan), ("cvxlan", vxlan)]
        for (name, made) in links {
            // A kernel may lack a kind.
            if isUnsupported(.create(name, made)) { continue }
            try platform.apply(.create(name, made))
            let link = try #require(try link(name))
            #expect(link.kind == made.kind.rawValue)
            #expect(link.lower == made.lower)
            try platform.apply(.delete(name))
            #expect(try self.link(name) == nil)
        }
    }

    /// Makes the step, and says whether the kernel cannot.
    private func isUnsupported(_ step: ConfigurationStep) -> Bool {
        do {
            try platform.apply(step)
            return false
        } catch {
            return error.code == .notSupported
        }
    }

    private func checkPorts() throws {
        try platform.apply(.create("cports", VirtualLink(.bridge)))
        try set(name, .master("cports"))
        #expect(try link(name)?.master == "cports")
        try set(name, .master(nil))
        #expect(try link(name)?.master == nil)
        try platform.apply(.delete("cports"))
    }
}

@Suite(.enabled(if: NetworkNamespace.isAvailable, "needs root and iproute2 to make network namespaces"))
struct ConfigurationPlatformTests {
    private let namespace: NetworkNamespace
    private let platform: LinuxConfigurationPlatform

    init() throws {
        let namespace = try NetworkNamespace()
        self.namespace = namespace
        platform = try namespace.inside { try LinuxConfigurationPlatform(LinuxInterfacePlatform()) }
    }

    @Test func `the kernel fulfils the port`() throws {
        try namespace.ip("link add v0 type veth peer name v1")
        try ConfigurationPlatformConformance(platform: platform, name: "v0").check()
    }

    @Test func `the fake fulfils the port`() throws {
        let fake = FakeConfigurationPlatform()
        fake.put("v0")
        try ConfigurationPlatformConformance(platform: fake, name: "v0").check()
    }

    @Test func `features and channels of a veth are set and read back`() throws {
        try namespace.ip("link add v0 numtxqueues 4 numrxqueues 4 type veth peer name v1 numtxqueues 4 numrxqueues 4")
        let before = try #require(try platform.observe(detailed: ["v0"]).first { $0.name == "v0" })
        let feature = try #require(before.features["tx-tcp-segmentation"])
        try platform.apply(.set("v0", .feature(feature.name, !feature.isRequested)))
        try platform.apply(.set("v0", .parameter(.channelsTransmit, 2)))
        let after = try #require(try platform.observe(detailed: ["v0"]).first { $0.name == "v0" })
        #expect(after.features[feature.name]?.isRequested == !feature.isRequested)
        #expect(after.parameters[.channelsTransmit] == 2)
        #expect(throws: PlatformError(.notSupported, "")) {
            try platform.apply(.set("v0", .parameter(.ringReceive, 100)))
        }
    }

    @Test func `addresses that somebody gave for a time are put back with it`() throws {
        try namespace.ip("link add v0 type veth peer name v1")
        try namespace.ip(
            batch: "addr add 192.0.2.1/24 dev v0 valid_lft 3600 preferred_lft 1800\n"
                + "addr add 2001:db8::1/64 dev v0 valid_lft 3600 preferred_lft 1800 nodad")
        let kept = try #require(platform.addresses(of: ["v0"])["v0"])
        #expect(kept.count == 2)
        for text in ["192.0.2.1/24", "2001:db8::1/64"] { try platform.apply(.set("v0", .removeAddress(text))) }
        try platform.apply(.restoreAddresses("v0", kept))
        let shown = String(decoding: try namespace.ip("addr show dev v0"), as: UTF8.self)
        #expect(shown.contains("192.0.2.1/24") && shown.contains("2001:db8::1/64"))
        #expect(!shown.contains("valid_lft forever"))
    }

    @Test func `options change while an interface exists, and become the kernel's own again`() throws {
        try platform.apply(.create("br0", VirtualLink(.bridge)))
        var spanning = VirtualLink(.bridge)
        spanning.bridgeSpeaksSTP = true
        for (link, state) in [(spanning, "stp_state 1"), (VirtualLink(.bridge), "stp_state 0")] {
            try platform.apply(.set("br0", .options(link)))
            let shown = String(decoding: try namespace.ip("-d link show dev br0"), as: UTF8.self)
            #expect(shown.contains(state))
        }
        try namespace.ip("link add v0 type veth peer name v1")
        var macvlan = VirtualLink(.macvlan)
        macvlan.lower = "v0"
        macvlan.macvlanMode = 4
        try platform.apply(.create("mv0", macvlan))
        macvlan.macvlanMode = nil
        try platform.apply(.set("mv0", .options(macvlan)))
        let shown = String(decoding: try namespace.ip("-d link show dev mv0"), as: UTF8.self)
        #expect(shown.contains("mode vepa"))
    }

    @Test func `routes that go with an interface are put back`() throws {
        try namespace.ip("link add v0 type veth peer name v1")
        try namespace.ip(batch: "addr add 192.0.2.1/24 dev v0\nlink set v0 up\nlink set v1 up")
        try namespace.ip("route add 198.51.100.0/24 via 192.0.2.9 dev v0 metric 7")
        try namespace.ip("route add default via 192.0.2.9")
        let routes = try #require(platform.routes(of: ["v0"])["v0"])
        #expect(routes.count == 2)
        let before = try namespace.ip("route show")
        try platform.apply(.set("v0", .up(false)))
        #expect(try namespace.ip("route show") != before)
        try platform.apply(.set("v0", .up(true)))
        try platform.apply(.restoreRoutes("v0", routes))
        #expect(try namespace.ip("route show") == before)
        #expect(platform.interface(toward: .ipv4(0x0808_0808, port: 0)) == "v0")
    }
}
