import NetworkManagement
import NetworkModel
import PlatformTesting
import Testing

@Suite struct `Defaults of a driver's interfaces` {
    private func put(_ host: ConfigurationFixture, _ name: String, ring: UInt32 = 256) {
        host.platform.put(name) { link in
            link.driver = "e1000"
            link.parameters = [.ringReceive: ring]
            link.maxima = [.ringReceive: 4096]
        }
    }

    @Test func `a driver's defaults are given to what it drives, now and when it appears`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        put(host, "eth0")
        let outcome = await host.commit(
            configuration([
                "drivers.e1000.ring_receive": .integer(1024), "interfaces.eth1.mtu": .integer(1400),
            ]))
        #expect(outcome.failure == nil)
        #expect(host.platform.link("eth0")?.parameters[.ringReceive] == 1024)
        await host.manager.checkDrift()
        put(host, "late")
        await host.manager.checkDrift()
        #expect(host.platform.link("late")?.parameters[.ringReceive] == 1024)
        #expect(host.events.names.contains("interfacesConfigured 1"))
        #expect(!host.events.names.contains { $0.hasPrefix("drift") })
    }

    @Test func `what is said of the interface itself holds, and what is no longer said is put back`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        put(host, "eth0")
        put(host, "eth1")
        await host.commit(
            configuration([
                "drivers.e1000.ring_receive": .integer(1024), "interfaces.eth1.ring_receive": .integer(512),
            ]))
        #expect(host.platform.link("eth1")?.parameters[.ringReceive] == 512)
        await host.commit(NetworkConfiguration())
        #expect(host.platform.link("eth0")?.parameters[.ringReceive] == 256)
        #expect(host.platform.link("eth1")?.parameters[.ringReceive] == 256)
    }

    @Test func `offloads are put back, those that were switched and no others`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        host.platform.put("eth0") { link in
            link.driver = "e1000"
            for (name, isOn) in [("tso", true), ("gso", false), ("gro", true), ("lro", false)] {
                link.features[name] = Feature(name: name, isActive: isOn, isRequested: isOn, isChangeable: true)
            }
        }
        func on() -> [String] {
            (host.platform.link("eth0")?.features ?? [:]).values.filter(\.isRequested).map(\.name).sorted()
        }
        await host.commit(
            configuration([
                "drivers.e1000.offloads_off": .list(["tso", "gso"]), "interfaces.eth0.offloads_on": .list(["lro"]),
            ]))
        #expect(on() == ["gro", "lro"])
        await host.manager.checkDrift()
        await host.commit(configuration(["drivers.e1000.offloads_off": .list(["gro", "gso"])]))
        #expect(on() == ["tso"])
        await host.commit(NetworkConfiguration())
        #expect(on() == ["gro", "tso"])
    }

    @Test func `an interface is configured each time that it comes back`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        await host.commit(configuration(["interfaces.eth0.mtu": .integer(1400)]))
        await host.manager.checkDrift()
        for _ in 0..<6 {
            host.platform.remove("eth0")
            await host.manager.checkDrift()
            host.platform.put("eth0")
            await host.manager.checkDrift()
            #expect(host.platform.link("eth0")?.mtu == 1400)
        }
        #expect(host.events.names.filter { $0 == "interfacesConfigured 1" }.count == 6)
    }

    @Test func `with driver_auto_config off they say nothing`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        put(host, "eth0")
        await host.commit(
            configuration([
                "drivers.e1000.ring_receive": .integer(1024), "network_manager.driver_auto_config": .boolean(false),
            ]))
        #expect(host.platform.link("eth0")?.parameters[.ringReceive] == 256)
    }

    @Test func `more than a driver takes is refused, and the setting named`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        put(host, "eth0")
        let outcome = await host.commit(configuration(["drivers.e1000.ring_receive": .integer(9000)]))
        #expect(outcome.failure?.message.contains("drivers.e1000.ring_receive") == true)
        #expect(host.platform.link("eth0")?.parameters[.ringReceive] == 256)
    }
}
