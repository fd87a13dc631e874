import NetworkManagement
import NetworkModel
import PlatformTesting
import Testing

/// Whom the policy lets change what, whatever section says it.
struct ConfigurationJudgementTests {
    private static let eth0: TargetPattern = .interface(GlobPattern("eth0") ?? .any)

    /// Each changes eth0 by other means than its name.
    static let detours: [[String: SettingValue]] = [
        ["interfaces.foo.match_mac": .text("02:00:00:00:00:01"), "interfaces.foo.admin": .text("down")],
        ["interfaces.foo.match_mac": .text("02:00:00:00:00:01"), "interfaces.foo.alias": .text("mine")],
        ["interfaces.foo.match_bus": .text("0000:00:03.0"), "interfaces.foo.mtu": .integer(1400)],
        ["interfaces.foo.match_kind": .text("physical"), "interfaces.foo.queue_length": .integer(7)],
        ["drivers.e1000e.ring_receive": .integer(512)],
    ]

    @Test(arguments: detours)
    func `what is denied on an interface is denied by whatever section fits it`(
        _ settings: [String: SettingValue]
    ) async throws {
        let host = ConfigurationFixture()
        host.platform.put("eth0") { link in
            link.busAddress = "0000:00:03.0"
            link.driver = "e1000e"
            link.parameters = [.ringReceive: 256]
        }
        try await host.restart()
        host.target.deny(Self.eth0)
        let before = host.platform.links
        let outcome = await host.commit(configuration(settings))
        #expect(outcome.failure != nil && host.platform.links == before && host.platform.applied.isEmpty)
        #expect(
            outcome.findings.contains { $0.severity == .error && $0.text.contains("to change interface eth0: denied") },
            "\(outcome.findings)")
    }

    @Test func `what would be done to an interface later is judged with the commit`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        host.target.deny(Self.eth0)
        // It is up already, and would be set up whenever somebody shuts it.
        let outcome = await host.commit(
            configuration([
                "interfaces.foo.match_mac": .text("02:00:00:00:00:01"), "interfaces.foo.admin": .text("up"),
            ]))
        #expect(outcome.failure != nil)
    }

    @Test func `shutting a port is operating it, by whatever section`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        host.target.deny(Self.eth0, .operate)
        func section(_ key: String, _ value: String) -> NetworkConfiguration {
            configuration([
                "interfaces.foo.match_mac": .text("02:00:00:00:00:01"), "interfaces.foo.\(key)": .text(value),
            ])
        }
        #expect(await host.commit(section("admin", "down")).failure != nil)
        #expect(await host.commit(section("alias", "x")).failure == nil)
    }

    @Test func `a kind that is denied cannot be made, and takes nothing denied with it when it goes`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let vlan: [String: SettingValue] = [
            "interfaces.v0.kind": .text("vlan"), "interfaces.v0.lower": .text("br0"),
            "interfaces.v0.vlan_id": .integer(5),
        ]
        let bridge = configuration(["interfaces.br0.kind": .text("bridge"), "interfaces.eth0.master": .text("br0")])
        #expect(await host.commit(bridge).failure == nil)
        #expect(await host.commit(configuration(vlan, over: bridge)).failure == nil)
        host.target.deny(.kind(try #require(GlobPattern("vlan"))))
        let other = configuration(
            [
                "interfaces.v1.kind": .text("vlan"), "interfaces.v1.lower": .text("eth1"),
                "interfaces.v1.vlan_id": .integer(6),
            ], over: configuration(vlan, over: bridge))
        let made = await host.commit(other)
        #expect(made.findings.contains { $0.text.contains("to change interface v1: denied") }, "\(made.findings)")
        // The VLAN would be removed by the kernel with the bridge.
        let gone = await host.commit(configuration(vlan))
        #expect(gone.failure != nil)
        #expect(host.platform.link("v0") != nil && host.platform.link("br0") != nil)
    }

    @Test func `drift of an interface does not keep others from being changed`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let first = configuration([
            "interfaces.eth0.mtu": .integer(1400), "network_manager.interface_auto_config": .boolean(false),
        ])
        #expect(await host.commit(first).failure == nil)
        host.platform.put("eth0") { $0.mtu = 1300 }
        host.target.deny(Self.eth0)
        #expect(await host.commit(configuration(["interfaces.eth1.alias": .text("x")], over: first)).failure == nil)
    }

    @Test func `an interface is known by its name, in the snapshot of each moment`() throws {
        let links = try (1...3).map { Link(index: try #require(InterfaceIndex($0)), name: "p\($0)") }
        let fixture = try ManagerFixture(links)
        let before = fixture.manager.snapshot
        #expect(before.row(named: "p2")?.index.number == 2 && before.row(named: "p4") == nil)
        fixture.platform.put(Link(index: try #require(InterfaceIndex(4)), name: "p4"))
        fixture.manager.ingest([.resynchronise(overrun: false)])
        #expect(fixture.manager.snapshot.row(named: "p4")?.index.number == 4 && before.row(named: "p4") == nil)
    }

    @Test func `the policy is asked once about each interface`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        _ = await host.commit(
            configuration([
                "interfaces.eth0.mtu": .integer(1400), "interfaces.eth0.alias": .text("x"),
                "interfaces.all.match_kind": .text("physical"), "interfaces.all.queue_length": .integer(7),
            ]))
        #expect(Set(host.target.asked).count == host.target.asked.count)
        // Eight interfaces, and the section's name.
        #expect(host.target.asked.count == 9)
    }
}
