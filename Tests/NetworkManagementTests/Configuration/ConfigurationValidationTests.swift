import NetworkManagement
import NetworkModel
import PlatformTesting
import Testing

/// What is refused before anything is touched, and in which words.
struct ConfigurationValidationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let settings: [String: SettingValue]
        let setting: String
        let text: String
        var testDescription: String { text }

        init(_ setting: String, _ text: String, _ settings: [String: SettingValue]) {
            self.setting = setting
            self.text = text
            self.settings = settings
        }
    }

    static let cases: [Case] = [
        Case(
            "interfaces.eth0.mtu", "above that of its master",
            [
                "interfaces.eth0.mtu": .integer(9000), "interfaces.eth0.master": .text("br0"),
                "interfaces.br0.kind": .text("bridge"), "interfaces.br0.mtu": .integer(1500),
            ]),
        Case(
            "interfaces.br0.master", "a loop",
            [
                "interfaces.br0.kind": .text("bridge"), "interfaces.br0.master": .text("br1"),
                "interfaces.br1.kind": .text("bridge"), "interfaces.br1.master": .text("br0"),
            ]),
        Case(
            "interfaces.v0.lower", "cannot run on itself",
            [
                "interfaces.v0.kind": .text("vlan"), "interfaces.v0.lower": .text("v0"),
                "interfaces.v0.vlan_id": .integer(5),
            ]),
        Case(
            "interfaces.eth0.addresses", "a port of the bond",
            [
                "interfaces.bond0.kind": .text("bond"), "interfaces.eth0.master": .text("bond0"),
                "interfaces.eth0.addresses": .list(["192.0.2.1/24"]),
            ]),
        Case(
            "interfaces.eth1.addresses", "is an address of eth0 too",
            [
                "interfaces.eth0.addresses": .list(["192.0.2.1/24"]),
                "interfaces.eth1.addresses": .list(["192.0.2.1/25"]),
            ]),
        Case(
            "interfaces.v1.vlan_id", "is that of v0 too",
            [
                "interfaces.v0.kind": .text("vlan"), "interfaces.v0.lower": .text("eth0"),
                "interfaces.v0.vlan_id": .integer(5),
                "interfaces.v1.kind": .text("vlan"), "interfaces.v1.lower": .text("eth0"),
                "interfaces.v1.vlan_id": .integer(5),
            ]),
        Case(
            "interfaces.v0.lower", "needs the interface",
            [
                "interfaces.v0.kind": .text("vlan"), "interfaces.v0.vlan_id": .integer(5),
            ]),
        Case(
            "interfaces.v0.vlan_id", "needs an identifier",
            [
                "interfaces.v0.kind": .text("vlan"), "interfaces.v0.lower": .text("eth0"),
            ]),
        Case(
            "interfaces.v0.lower", "there is no interface nowhere",
            [
                "interfaces.v0.kind": .text("vlan"), "interfaces.v0.lower": .text("nowhere"),
                "interfaces.v0.vlan_id": .integer(5), "network_manager.interface_absent": .text("error"),
            ]),
        Case(
            "interfaces.br0.vlan_id", "is not for a bridge",
            [
                "interfaces.br0.kind": .text("bridge"), "interfaces.br0.vlan_id": .integer(5),
            ]),
        Case("interfaces.eth0.vlan_id", "add kind", ["interfaces.eth0.vlan_id": .integer(5)]),
        Case("interfaces.eth0.kind", "is there already", ["interfaces.eth0.kind": .text("bridge")]),
        Case("interfaces.eth0.master", "only a bridge or a bond", ["interfaces.eth0.master": .text("eth1")]),
        Case(
            "interfaces.eth0.master", "there is no interface br9 for eth0 to be a port of; correct the name",
            ["interfaces.eth0.master": .text("br9"), "network_manager.interface_absent": .text("error")]),
        Case("interfaces.eth0.mtu", "not what eth0 takes; say 68 to 9216", ["interfaces.eth0.mtu": .integer(9217)]),
        Case("interfaces.eth0.ring_receive", "has no such setting", ["interfaces.eth0.ring_receive": .integer(9)]),
        Case("interfaces.eth0.offloads_on", "has no feature", ["interfaces.eth0.offloads_on": .list(["warp-drive"])]),
        Case(
            "interfaces.eth0.offloads_off", "is to be on as well",
            [
                "interfaces.eth0.offloads_on": .list(["tso"]), "interfaces.eth0.offloads_off": .list(["tso"]),
            ]),
        Case("interfaces.eth0.speed", "autonegotiation = false", ["interfaces.eth0.speed": .integer(1000)]),
        Case(
            "interfaces.x.match_bus", "matches by one key",
            [
                "interfaces.x.match_mac": .text("02:00:00:00:00:01"), "interfaces.x.match_bus": .text("0000:00:03.0"),
            ]),
        Case(
            "interfaces.x.match_mac", "is known by its name",
            [
                "interfaces.x.match_mac": .text("02:00:00:00:00:01"), "interfaces.x.kind": .text("bridge"),
            ]),
        Case(
            "interfaces.late.mtu", "no interface fits",
            [
                "interfaces.late.mtu": .integer(1400), "network_manager.interface_absent": .text("error"),
            ]),
        Case(
            "network_manager.manager_max_interfaces", "raise it",
            [
                "network_manager.manager_max_interfaces": .integer(1), "interfaces.eth0.mtu": .integer(1400),
                "interfaces.eth1.mtu": .integer(1400),
            ]),
        Case(
            "threshold.t.falling", "above rising",
            [
                "threshold.t.metric": .text("inErrors"), "threshold.t.rising": .integer(1),
                "threshold.t.falling": .integer(2),
            ]),
        Case("threshold.t.metric", "is required", ["threshold.t.rising": .integer(5)]),
        Case("threshold.t.rising", "is required", ["threshold.t.metric": .text("inErrors")]),
        Case("policy.p.effect", "is required and not said; expected one of", ["policy.p.priority": .integer(5)]),
        Case(
            "policy.p.principal", "there is no group",
            [
                "policy.p.effect": .text("deny"), "policy.p.principal": .text("group:ops"),
            ]),
    ]

    @Test(arguments: cases)
    func `a mistake is named with its setting, and nothing is done`(_ mistake: Case) async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let outcome = await host.commit(configuration(mistake.settings))
        #expect(outcome.failure != nil)
        #expect(
            outcome.findings.contains {
                $0.severity == .error && $0.setting == mistake.setting && $0.text.contains(mistake.text)
            },
            "\(outcome.findings)")
        #expect(host.platform.applied.isEmpty && host.manager.snapshot.revisions.isEmpty)
    }

    /// So many of a kind, each on the one before, the first on eth0.
    private static func pile(_ count: Int, _ kind: String) -> NetworkConfiguration {
        var result = configuration(["network_manager.manager_max_interfaces": .integer(65_535)])
        for number in 1...count {
            var item = ConfigurationItem()
            item["kind"] = .text(kind)
            item["lower"] = .text(number == 1 ? "eth0" : "p\(number - 1)")
            if kind == "vlan" { item["vlan_id"] = .integer(5) }
            result.items[.interfaces, default: [:]]["p\(number)"] = item
        }
        return result
    }

    @Test(.timeLimit(.minutes(1)))
    func `twelve thousand interfaces on top of one another are a finding, whichever way`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let outcome = await host.commit(Self.pile(12_000, "macvlan"))
        let finding = try #require(outcome.findings.first { $0.severity == .error })
        #expect(finding.setting == "interfaces.p8.lower" && finding.text.contains("MAX_NEST_DEV"), "\(finding)")
        #expect(outcome.findings.count == 1 && host.platform.applied.isEmpty)

        // The same as a circle.
        var circle = Self.pile(12_000, "macvlan")
        circle.items[.interfaces]?["p1"]?["lower"] = .text("p12000")
        let loop = await host.commit(circle)
        #expect(loop.findings.contains { $0.text.contains("a loop of") }, "\(loop.findings.prefix(3))")
    }

    @Test func `as many interfaces as the kernel piles up are taken, and one more is not`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        #expect(await host.commit(Self.pile(8, "vlan")).failure != nil)
        #expect(await host.commit(Self.pile(7, "vlan")).failure == nil)
        #expect(host.platform.link("p7")?.lower == "p6")
        // What the kernel has below counts as well.
        var more = Self.pile(7, "vlan")
        more.items[.interfaces]?["br0"] = ConfigurationItem()
        more.items[.interfaces]?["br0"]?["kind"] = .text("bridge")
        more.items[.interfaces]?["p7"]?["master"] = .text("br0")
        let outcome = await host.commit(more)
        #expect(outcome.findings.contains { $0.text.contains("MAX_NEST_DEV") }, "\(outcome.findings)")
    }

    @Test func `nothing is planned of what is wrong`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let outcome = host.manager.validate(
            configuration(["interfaces.eth0.mtu": .integer(9217), "interfaces.eth1.mtu": .integer(1400)]),
            ConfigurationRequest(.host, .command))
        #expect(outcome.failure != nil && outcome.steps.isEmpty)
    }

    @Test func `the more exact section holds`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        host.platform.put("eth1") { $0.busAddress = "0000:00:03.0" }
        let address = try #require(host.platform.link("eth2")?.address)
        let outcome = await host.commit(
            configuration([
                "interfaces.all.match_kind": .text("physical"), "interfaces.all.queue_length": .integer(1),
                "interfaces.bus.match_bus": .text("0000:00:03.0"), "interfaces.bus.queue_length": .integer(2),
                "interfaces.mac.match_mac": .text(address.uppercased()), "interfaces.mac.queue_length": .integer(3),
                "interfaces.eth3.queue_length": .integer(4),
            ]))
        #expect(outcome.failure == nil)
        #expect((0..<4).map { host.platform.link("eth\($0)")?.queueLength } == [1, 2, 3, 4])
    }

    @Test func `what belongs together is made in an order that the kernel takes, and taken apart again`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let before = host.platform.links
        let outcome = await host.commit(
            configuration([
                "interfaces.bond0.kind": .text("bond"), "interfaces.bond0.admin": .text("up"),
                "interfaces.eth0.master": .text("bond0"), "interfaces.eth1.master": .text("bond0"),
                "interfaces.a-vlan.kind": .text("vlan"), "interfaces.a-vlan.lower": .text("bond0"),
                "interfaces.a-vlan.vlan_id": .integer(7), "interfaces.a-vlan.mtu": .integer(1400),
                "interfaces.a-vlan.addresses": .list(["2001:db8::1/64"]), "interfaces.a-vlan.admin": .text("up"),
            ]))
        #expect(outcome.failure == nil, "\(outcome)")
        #expect(host.platform.link("eth0")?.master == "bond0" && host.platform.link("eth0")?.isUp == true)
        #expect(host.platform.link("a-vlan")?.addresses.map(\.text) == ["2001:db8::1/64"])
        #expect(await host.commit(NetworkConfiguration()).failure == nil)
        #expect(host.platform.links == before)
    }
}
