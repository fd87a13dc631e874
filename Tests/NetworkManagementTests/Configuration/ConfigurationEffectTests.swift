import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Testing

/// What the manager's own settings make of a commit, and what becomes of settings that are said no more.
struct ConfigurationEffectTests {
    @Test func `what is not in force within manager_timeout is taken back`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let before = host.platform.links
        let (platform, clock) = (host.platform, host.clock)
        platform.refuse { _ in
            clock.advance(by: .seconds(1))
            return nil
        }
        var wanted = configuration([
            "network_manager.manager_timeout": .integer(1500), "interfaces.eth0.mtu": .integer(1400),
            "interfaces.eth1.mtu": .integer(1400), "interfaces.eth2.mtu": .integer(1400),
        ])
        let outcome = await host.commit(wanted)
        #expect(outcome.failure?.message.contains("manager_timeout (1500 ms)") == true)
        // Two steps of a second each were begun.
        #expect(outcome.findings.last?.step == 3)
        #expect(host.platform.links == before)
        wanted = configuration(["network_manager.manager_timeout": .integer(60_000)], over: wanted)
        #expect(await host.commit(wanted).failure == nil)
        #expect(host.platform.link("eth2")?.mtu == 1400)
    }

    @Test func `what tunes interfaces is put back and left alone when it is not to be tuned`() async throws {
        let host = ConfigurationFixture()
        host.platform.put("eth0") { $0.parameters = [.ringReceive: 256] }
        try await host.restart()
        let tuned = configuration([
            "interfaces.eth0.queue_length": .integer(5), "interfaces.eth0.ring_receive": .integer(512),
            "interfaces.eth0.alias": .text("kept"),
        ])
        #expect(await host.commit(tuned).failure == nil)
        #expect(host.platform.link("eth0")?.parameters[.ringReceive] == 512)
        let untuned = configuration(
            ["network_manager.interface_optimization_enabled": .boolean(false)], over: tuned)
        let outcome = await host.commit(untuned)
        #expect(outcome.failure == nil)
        #expect(
            outcome.findings.filter { $0.severity == .warning }.map(\.setting)
                == ["interfaces.eth0.queue_length", "interfaces.eth0.ring_receive"])
        let link = try #require(host.platform.link("eth0"))
        #expect(link.queueLength == 1000 && link.parameters[.ringReceive] == 256 && link.alias == "kept")
        // Nothing else than the daemon changes it: that is no drift.
        host.platform.put("eth0") { $0.queueLength = 7 }
        await host.manager.checkDrift()
        #expect(host.platform.link("eth0")?.queueLength == 7 && host.manager.snapshot.drift.isEmpty)
        #expect(await host.commit(tuned).failure == nil)
        #expect(host.platform.link("eth0")?.queueLength == 5)
    }

    @Test func `a feature becomes what it was when nothing is said of it any more`() async throws {
        let host = ConfigurationFixture()
        host.platform.put("eth0") { link in
            for (name, isOn) in [("a", true), ("b", true), ("c", false)] {
                link.features[name] = Feature(name: name, isActive: isOn, isRequested: isOn, isChangeable: true)
            }
        }
        try await host.restart()
        func on() -> [String] {
            (host.platform.link("eth0")?.features.values.filter(\.isRequested).map(\.name) ?? []).sorted()
        }
        let both = configuration([
            "interfaces.eth0.offloads_off": .list(["a", "b"]), "interfaces.eth0.offloads_on": .list(["c"]),
        ])
        #expect(await host.commit(both).failure == nil)
        #expect(on() == ["c"])
        #expect(await host.commit(configuration(["interfaces.eth0.offloads_off": .list(["b"])])).failure == nil)
        #expect(on() == ["a"])
        #expect(await host.commit(NetworkConfiguration()).failure == nil)
        #expect(on() == ["a", "b"])
    }

    @Test func `an interface that was made loses what is said of it no more`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let made = configuration(["interfaces.br0.kind": .text("bridge")])
        #expect(await host.commit(made).failure == nil)
        let said = configuration(
            [
                "interfaces.br0.alias": .text("said"), "interfaces.br0.admin": .text("up"),
                "interfaces.br0.mtu": .integer(1400), "interfaces.br0.addresses": .list(["192.0.2.1/24"]),
            ], over: made)
        #expect(await host.commit(said).failure == nil)
        #expect(host.platform.link("br0")?.alias == "said" && host.platform.link("br0")?.isUp == true)
        #expect(await host.commit(made).failure == nil)
        let link = try #require(host.platform.link("br0"))
        #expect(link.alias.isEmpty && !link.isUp && link.mtu == 1500 && link.addresses.isEmpty)

        // The same when it was said as it was made.
        #expect(await host.commit(NetworkConfiguration()).failure == nil)
        #expect(host.platform.link("br0") == nil)
        #expect(await host.commit(said).failure == nil)
        #expect(await host.commit(made).failure == nil)
        let again = try #require(host.platform.link("br0"))
        #expect(again.alias.isEmpty && !again.isUp && again.addresses.isEmpty)
    }
}
