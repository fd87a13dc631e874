import NetworkManagement
import NetworkModel
import PlatformTesting
import Testing

/// What is found wrong on this host: what is not there yet, what only the kernel has, and what drivers do not take.
struct ConfigurationHostValidationTests {
    private func host(_ arrange: (FakeConfigurationPlatform) -> Void = { _ in }) async throws -> ConfigurationFixture {
        let host = ConfigurationFixture()
        arrange(host.platform)
        try await host.restart()
        return host
    }

    private func findings(
        _ settings: [String: SettingValue], on host: ConfigurationFixture
    ) -> [ConfigurationFinding] {
        host.manager.validate(configuration(settings), ConfigurationRequest(.host, .command)).findings
    }

    // MARK: what is not there yet

    @Test func `what runs on an interface that comes late is made when that appears`() async throws {
        let host = try await host()
        let outcome = await host.commit(
            configuration([
                "interfaces.v0.kind": .text("vlan"), "interfaces.v0.lower": .text("late"),
                "interfaces.v0.vlan_id": .integer(5), "interfaces.v0.addresses": .list(["192.0.2.1/24"]),
                "interfaces.v1.kind": .text("macvlan"), "interfaces.v1.lower": .text("v0"),
                "interfaces.eth1.mtu": .integer(1400),
            ]))
        #expect(outcome.failure == nil, "\(outcome)")
        #expect(outcome.findings.map(\.severity) == [.warning, .warning])
        #expect(outcome.findings.map(\.setting) == ["interfaces.v0.lower", "interfaces.v1.lower"])
        #expect(host.platform.link("eth1")?.mtu == 1400 && host.platform.link("v0") == nil)
        await host.manager.checkDrift()
        host.platform.put("late")
        await host.manager.checkDrift()
        #expect(host.platform.link("v0")?.addresses.map(\.text) == ["192.0.2.1/24"])
        #expect(host.platform.link("v1")?.lower == "v0")
        #expect(host.events.names == ["changed 1", "interfacesConfigured 3"])
        // It goes with the interface, and comes back with it.
        host.platform.remove("v1")
        host.platform.remove("v0")
        host.platform.remove("late")
        await host.manager.checkDrift()
        host.platform.put("late")
        await host.manager.checkDrift()
        #expect(host.platform.link("v1") != nil && host.manager.snapshot.drift.isEmpty)
        #expect(await host.commit(NetworkConfiguration()).failure == nil)
        #expect(host.platform.link("v0") == nil && host.platform.link("v1") == nil)
    }

    @Test func `a port of a bridge that comes late becomes one when that appears`() async throws {
        let host = try await host()
        let outcome = await host.commit(
            configuration(["interfaces.eth0.master": .text("virbr0"), "interfaces.eth0.alias": .text("x")]))
        #expect(outcome.failure == nil && outcome.findings.map(\.setting) == ["interfaces.eth0.master"])
        #expect(host.platform.link("eth0")?.alias == "x")
        await host.manager.checkDrift()
        host.platform.put("virbr0") { $0.kind = "bridge" }
        await host.manager.checkDrift()
        #expect(host.platform.link("eth0")?.master == "virbr0")
    }

    @Test func `an interface that is there is left there when what it runs on is renamed`() async throws {
        let host = try await host()
        let wanted = configuration([
            "interfaces.v0.kind": .text("vlan"), "interfaces.v0.lower": .text("eth0"),
            "interfaces.v0.vlan_id": .integer(5),
        ])
        #expect(await host.commit(wanted).failure == nil)
        host.platform.remove("eth0")
        host.platform.put("lan0")
        host.platform.put("v0") { $0.lower = "lan0" }
        await host.manager.checkDrift()
        #expect(host.platform.link("v0") != nil)
        let same = await host.commit(configuration(["interfaces.eth1.alias": .text("x")], over: wanted))
        #expect(same.failure == nil && same.findings.contains { $0.text.contains("v0 is left where it is") })
        let other = await host.commit(configuration(["interfaces.v0.lower": .text("eth9")], over: wanted))
        #expect(other.failure != nil && host.platform.link("v0")?.lower == "lan0")
    }

    // MARK: what only the kernel has

    @Test func `the MTU of a port above its bridge's is found, whichever of them only the kernel has`() async throws {
        let host = try await host { platform in
            platform.put("br0") { link in
                link.kind = "bridge"
                link.mtu = 1400
            }
            platform.put("eth0") { $0.master = "br0" }
        }
        // The membership.
        let member = findings(["interfaces.eth0.mtu": .integer(1500), "interfaces.br0.mtu": .integer(1450)], on: host)
        #expect(member.map(\.severity) == [.error] && member.map(\.setting) == ["interfaces.eth0.mtu"], "\(member)")
        #expect(member.first?.text.contains("1500 is above that of its master br0 (1450)") == true)
        // The port's MTU as well.
        let port = findings(["interfaces.br0.mtu": .integer(1450)], on: host)
        #expect(port.map(\.severity) == [.error] && port.map(\.setting) == ["interfaces.br0.mtu"], "\(port)")
        // The bridge's.
        let bridge = findings(
            ["interfaces.eth1.mtu": .integer(9000), "interfaces.eth1.master": .text("br0")], on: host)
        #expect(bridge.map(\.setting) == ["interfaces.eth1.mtu"], "\(bridge)")
        #expect(bridge.first?.text.contains("above that of its master br0 (1400)") == true)
    }

    @Test func `what the kernel alone made wrong refuses no other commit`() async throws {
        let host = try await host { $0.put("br0") { $0.kind = "bridge" } }
        let wanted = configuration(["interfaces.br0.mtu": .integer(1400)])
        #expect(await host.commit(wanted).failure == nil)
        host.platform.put("eth0") { $0.master = "br0" }
        let outcome = await host.commit(configuration(["interfaces.eth1.alias": .text("x")], over: wanted))
        #expect(outcome.failure == nil && outcome.findings.map(\.severity) == [.warning], "\(outcome)")
    }

    @Test func `a port of a bond may not keep addresses that only the kernel has`() async throws {
        let host = try await host { platform in
            platform.put("bond0") { $0.kind = "bond" }
            platform.put("eth0") { link in
                link.addresses = [InterfaceAddress("192.0.2.1/24")].compactMap(\.self)
            }
            platform.put("eth1") { $0.master = "bond0" }
        }
        let joins = findings(["interfaces.eth0.master": .text("bond0")], on: host)
        #expect(joins.map(\.severity) == [.error] && joins.first?.text.contains("eth0 has 192.0.2.1/24") == true)
        let without = ["interfaces.eth0.master": .text("bond0"), "interfaces.eth0.addresses": SettingValue.list([])]
        #expect(findings(without, on: host).isEmpty)
        let gets = findings(["interfaces.eth1.addresses": .list(["192.0.2.2/24"])], on: host)
        #expect(gets.map(\.setting) == ["interfaces.eth1.addresses"])
    }

    @Test func `a link-local address is said to be the kernel's`() async throws {
        let host = try await host()
        let found = findings(["interfaces.eth0.addresses": .list(["fe80::1234/64", "192.0.2.1/24"])], on: host)
        #expect(
            found.map(\.severity) == [.warning] && found.first?.text.contains("fe80::1234/64 is left alone") == true)
    }

    // MARK: what the driver takes

    @Test(
        arguments: [
            (1000, "full", nil), (10, "half", nil), (10, nil, nil), (nil, "full", nil),
            (1000, "half", "speed"), (2500, "full", "speed"), (2500, nil, "speed"),
        ] as [(Int64?, String?, String?)])
    func `speed and duplex are held against what the driver takes`(
        _ speed: Int64?, _ duplex: String?, _ setting: String?
    ) async throws {
        let host = try await host { platform in
            platform.put("eth0") { link in
                link.parameters = [.autonegotiation: 1, .speed: 1000, .duplex: 1]
                link.supportedModes = [
                    LinkMode(megabits: 10, isFullDuplex: false), LinkMode(megabits: 10, isFullDuplex: true),
                    LinkMode(megabits: 1000, isFullDuplex: true),
                ]
            }
        }
        var settings: [String: SettingValue] = ["interfaces.eth0.autonegotiation": .boolean(false)]
        if let speed { settings["interfaces.eth0.speed"] = .integer(speed) }
        if let duplex { settings["interfaces.eth0.duplex"] = .text(duplex) }
        let found = findings(settings, on: host)
        #expect(found.map(\.setting) == (setting.map { ["interfaces.eth0.\($0)"] } ?? []), "\(found)")
        #expect(found.allSatisfy { $0.text.contains("say one of 10 half, 10 full, 1000 full") })
    }

    @Test func `a driver that says no modes is asked, not second-guessed`() async throws {
        let host = try await host { platform in
            platform.put("eth0") { $0.parameters = [.autonegotiation: 1] }
        }
        let settings: [String: SettingValue] = [
            "interfaces.eth0.autonegotiation": .boolean(false), "interfaces.eth0.speed": .integer(12),
        ]
        #expect(findings(settings, on: host).isEmpty)
    }
}
