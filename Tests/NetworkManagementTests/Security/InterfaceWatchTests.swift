import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Testing

/// Interfaces that are opened to more than is meant.
@Suite struct InterfaceWatchTests {
    /// Interfaces over a fake kernel, a configuration, and the alarms that come of both.
    private struct Host {
        let fixture = AlarmFixture()
        let audit: MemoryAuditStore
        let configured = ConfigurationFixture()
        let manager: ManagerFixture
        let interfaceWatch: InterfaceWatch

        init(_ links: [Link]) async throws {
            audit = MemoryAuditStore(clock: fixture.clock)
            manager = try ManagerFixture(links)
            interfaceWatch = InterfaceWatch(alarms: fixture.alarms, audit: audit, clock: fixture.clock)
            try await configured.restart()
            _ = review()
        }

        /// What is raised, in words.
        func review() -> [String] {
            interfaceWatch.review(manager.manager.snapshot, configured.manager.snapshot)
            return fixture.alarms.snapshot.active.map { "\($0.key.subject.name) \($0.key.detail)" }.sorted()
        }

        func commit(_ settings: [String: SettingValue]) async {
            let outcome = await configured.commit(configuration(settings))
            #expect(outcome.failure == nil)
        }
    }

    private static func links() throws -> [Link] {
        try [
            makeLink(1, "eth0") { $0.address = MACAddress([2, 0, 0, 0, 0, 1]) },
            makeLink(2, "eth1") { $0.address = MACAddress([2, 0, 0, 0, 0, 2]) },
            makeLink(3, "br0") { $0.kind = "bridge" },
        ]
    }

    @Test func `promiscuous mode is told unless something above asks for it`() async throws {
        let host = try await Host(Self.links())
        try host.manager.change(try index(1)) { $0.promiscuity = 1 }
        // A bridge has its ports take everything.
        try host.manager.change(try index(2)) { link in
            link.promiscuity = 1
            link.master = InterfaceIndex(3)
        }
        #expect(host.review() == ["eth0 promiscuous"])
        try host.manager.change(try index(2)) { $0.promiscuity = 2 }
        #expect(host.review() == ["eth0 promiscuous", "eth1 promiscuous"])
        try host.manager.change(try index(1)) { $0.promiscuity = 0 }
        try host.manager.change(try index(2)) { $0.promiscuity = 1 }
        #expect(host.review() == [])
        #expect(host.audit.entries.map(\.record.event) == Array(repeating: .interfaceExposure, count: 4))
    }

    @Test func `an address that nobody configured is told, and one that was configured is not`() async throws {
        let host = try await Host(Self.links())
        let other = MACAddress([2, 0, 0, 0, 0, 9])
        try host.manager.change(try index(1)) { $0.address = other }
        #expect(host.review() == ["eth0 address"])
        await host.commit(["interfaces.eth0.mac": .text("\(other)")])
        #expect(host.review() == [])
        // What it was first seen with may come back.
        try host.manager.change(try index(1)) { $0.address = MACAddress([2, 0, 0, 0, 0, 1]) }
        #expect(host.review() == [])
        // A bridge takes the address of a port.
        try host.manager.change(try index(3)) { $0.address = other }
        #expect(host.review() == [])
    }

    @Test func `another interface under the same index has an address of its own`() async throws {
        let host = try await Host(Self.links())
        host.manager.platform.remove(try index(1))
        host.manager.clock.advance(by: .seconds(1))
        let anew = try makeLink(1, "eth0") { $0.address = MACAddress([2, 0, 0, 0, 0, 7]) }
        host.manager.platform.put(anew)
        host.manager.platform.deliver([.gone(try index(1)), .link(anew)])
        #expect(host.review() == [])
    }

    @Test func `nothing is told when it is not to be watched, and what was raised is over`() async throws {
        let host = try await Host(Self.links())
        try host.manager.change(try index(1)) { $0.promiscuity = 1 }
        #expect(host.review() == ["eth0 promiscuous"])
        await host.commit(["network_manager.interface_security_enabled": .boolean(false)])
        #expect(host.review() == [])
        await host.commit(["network_manager.interface_security_enabled": .boolean(true)])
        #expect(host.review() == ["eth0 promiscuous"])
    }

    @Test func `what an earlier run left raised is cleared when it no longer holds`() async throws {
        let host = try await Host([])
        let again = try ManagerFixture(Self.links())
        let key = AlarmKey(.interfaceExposed, .interface(try index(1), "eth0"), detail: "promiscuous")
        host.fixture.alarms.raise(key, .warning, "left")
        let second = InterfaceWatch(alarms: host.fixture.alarms, audit: nil, clock: host.fixture.clock)
        second.review(again.manager.snapshot, host.configured.manager.snapshot)
        #expect(!host.fixture.alarms.isRaised(key))
    }
}
