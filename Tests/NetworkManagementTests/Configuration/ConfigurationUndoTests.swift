import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Testing

/// A commit that fails leaves what the kernel changes beside what it was asked to, too, as it was.
struct ConfigurationUndoTests {
    /// A host whose commits all fail at their end.
    private static func failing(_ arrange: (FakeConfigurationPlatform) -> Void) async throws -> ConfigurationFixture {
        let host = ConfigurationFixture()
        arrange(host.platform)
        try await host.restart()
        host.target.fail(with: ManagementError(.exhausted, "no room"))
        return host
    }

    private static func addresses(_ texts: String...) -> [InterfaceAddress] {
        texts.compactMap { InterfaceAddress($0) }
    }

    @Test func `addresses that go with the first of their subnet, in their order`() async throws {
        let host = try await Self.failing { platform in
            platform.put("eth0") { $0.addresses = Self.addresses("192.0.2.1/24", "192.0.2.2/24", "198.51.100.1/24") }
        }
        let wanted = configuration(["interfaces.eth0.addresses": .list(["192.0.2.2/24", "192.0.2.3/24"])])
        #expect(await host.commit(wanted).failure != nil)
        let expected = Self.addresses("192.0.2.1/24", "192.0.2.2/24", "198.51.100.1/24")
        #expect(host.platform.link("eth0")?.addresses == expected)
        // And the one that is to stay does so when nothing fails.
        host.target.fail(with: nil)
        #expect(await host.commit(wanted).failure == nil)
        #expect(host.platform.link("eth0")?.addresses.map(\.text) == ["192.0.2.2/24", "192.0.2.3/24"])
    }

    @Test func `addresses of IPv6 that an MTU is too small for`() async throws {
        let host = try await Self.failing { platform in
            platform.put("eth0") { $0.addresses = Self.addresses("192.0.2.1/24", "2001:db8::1/64") }
        }
        let before = host.platform.links
        #expect(await host.commit(configuration(["interfaces.eth0.mtu": .integer(1000)])).failure != nil)
        #expect(host.platform.links == before)
    }

    @Test func `the MTU of what runs on an interface`() async throws {
        let host = try await Self.failing { platform in
            for (name, lower) in [("mv0", "eth0"), ("mv0.7", "mv0")] {
                platform.put(name) { link in
                    link.kind = "macvlan"
                    link.lower = lower
                    link.addresses = Self.addresses("2001:db8::\(name.utf8.count)/64")
                }
            }
        }
        let before = host.platform.links
        for mtu in [1400, 1000] {
            #expect(await host.commit(configuration(["interfaces.eth0.mtu": .integer(Int64(mtu))])).failure != nil)
            #expect(host.platform.links == before)
        }
    }

    @Test func `what ran on an interface that was made anew`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let stack = configuration([
            "interfaces.v7.kind": .text("vlan"), "interfaces.v7.lower": .text("eth0"),
            "interfaces.v7.vlan_id": .integer(7), "interfaces.mv0.kind": .text("macvlan"),
            "interfaces.mv0.lower": .text("v7"), "interfaces.mv0.alias": .text("above"),
            "interfaces.mv0.addresses": .list(["192.0.2.1/24"]), "interfaces.mv0.admin": .text("up"),
        ])
        #expect(await host.commit(stack).failure == nil)
        let before = host.platform.links
        host.target.fail(with: ManagementError(.exhausted, "no room"))
        let other = configuration(["interfaces.v7.vlan_id": .integer(8)], over: stack)
        #expect(await host.commit(other).failure?.code == .exhausted)
        #expect(host.platform.links.mapValues(\.comparable) == before.mapValues(\.comparable))
        host.target.fail(with: nil)
        #expect(await host.commit(other).failure == nil)
        #expect(host.platform.link("mv0")?.alias == "above")
    }

    @Test func `nothing is made anew under what nobody would make again`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let vlan = configuration([
            "interfaces.v7.kind": .text("vlan"), "interfaces.v7.lower": .text("eth0"),
            "interfaces.v7.vlan_id": .integer(7),
        ])
        #expect(await host.commit(vlan).failure == nil)
        host.platform.put("mine") { link in
            link.kind = "macvlan"
            link.lower = "v7"
        }
        for wanted in [configuration(["interfaces.v7.vlan_id": .integer(8)], over: vlan), NetworkConfiguration()] {
            let outcome = await host.commit(wanted)
            #expect(outcome.failure?.message.contains("mine runs on v7") == true)
            #expect(host.platform.link("mine") != nil && host.platform.link("v7") != nil)
        }
    }

    @Test func `what can change while it exists is not made anew`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let bridge = configuration(["interfaces.br0.kind": .text("bridge")])
        #expect(await host.commit(bridge).failure == nil)
        let index = try #require(host.platform.link("br0")).index
        host.platform.put("mine") { link in
            link.kind = "macvlan"
            link.lower = "br0"
        }
        let other = configuration(["interfaces.br0.bridge_stp": .boolean(true)], over: bridge)
        let outcome = await host.commit(other)
        var spanning = VirtualLink(.bridge)
        spanning.bridgeSpeaksSTP = true
        #expect(outcome.failure == nil && outcome.steps == [.set("br0", .options(spanning))])
        #expect(host.platform.link("br0")?.index == index)
    }
}

extension ObservedLink {
    /// Without what an interface gets anew when it is made anew.
    fileprivate var comparable: ObservedLink {
        var link = self
        link.index = 0
        link.address = ""
        return link
    }
}
