import NetworkManagement
import NetworkModel
import PlatformTesting
import RandomTesting
import SecurityTesting
import Testing

/// Sudden ends at every instant, and random sequences of everything.
struct ConfigurationDurabilityTests {
    private static let first = configuration([
        "interfaces.eth0.mtu": .integer(1400), "interfaces.eth1.addresses": .list(["192.0.2.1/24", "2001:db8::1/64"]),
        "interfaces.br0.kind": .text("bridge"), "interfaces.eth2.master": .text("br0"),
        "interfaces.eth3.alias": .text("old"),
    ])

    private static let second = configuration([
        "interfaces.eth0.mtu": .integer(9000), "interfaces.eth1.addresses": .list(["198.51.100.1/24"]),
        "interfaces.eth1.admin": .text("down"), "interfaces.bond0.kind": .text("bond"),
        "interfaces.eth4.master": .text("bond0"), "interfaces.eth3.queue_length": .integer(5),
        "interfaces.v5.kind": .text("vlan"), "interfaces.v5.lower": .text("eth0"), "interfaces.v5.vlan_id": .integer(5),
    ])

    /// - Returns: how many calls reach kernel and store during a commit that nothing ends.
    private func calls(within: Duration?) async throws -> Int {
        let host = ConfigurationFixture()
        try await host.restart()
        await host.commit(Self.first)
        host.end.arm(nil)
        #expect(await host.commit(Self.second, within: within).failure == nil)
        return host.end.calls
    }

    @Test(arguments: [nil, Duration.seconds(60)])
    func `a sudden end at any instant of a commit leaves the old revision or the new one`(
        _ within: Duration?
    ) async throws {
        let count = try await calls(within: within)
        #expect(count > 10)
        for instant in 0...count {
            let host = ConfigurationFixture()
            try await host.restart()
            await host.commit(Self.first)
            let old = host.platform.links
            host.end.arm(instant)
            await host.commit(Self.second, within: within)
            try await host.restart()
            let configuration = host.manager.snapshot.configuration
            if configuration == Self.first {
                #expect(host.platform.links == old, "ended before call \(instant)")
            } else {
                #expect(configuration == Self.second, "ended before call \(instant)")
                #expect(within == nil, "an unconfirmed revision survived an end before call \(instant)")
                #expect(host.platform.link("eth4")?.master == "bond0" && host.platform.link("eth0")?.mtu == 9000)
            }
            try await expectAgreement(host, "ended before call \(instant)")
        }
    }

    @Test func `a sudden end while it is taken back leaves the old revision`() async throws {
        for instant in 0..<30 {
            let host = ConfigurationFixture()
            try await host.restart()
            await host.commit(Self.first)
            let old = host.platform.links
            await host.commit(Self.second, within: .seconds(60))
            host.clock.advance(by: .seconds(61))
            host.end.arm(instant)
            await host.manager.tick()
            try await host.restart()
            #expect(host.manager.snapshot.configuration == Self.first)
            #expect(host.platform.links == old, "ended before call \(instant)")
        }
    }

    @Test func `after a boot of the host the old revision is put in force anew`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        await host.commit(Self.first)
        let old = withoutAddresses(host.platform.links)
        await host.commit(Self.second, within: .seconds(60))
        // The kernel begins anew.
        for name in host.platform.links.keys where !name.hasPrefix("eth") { host.platform.remove(name) }
        for number in 0..<8 {
            host.platform.put("eth\(number)") { link in
                link.mtu = 1500
                link.alias = ""
                link.master = nil
                link.addresses = []
                link.isUp = true
                link.queueLength = 1000
            }
        }
        try await host.restart(boot: "second")
        #expect(withoutAddresses(host.platform.links) == old)
    }

    /// A link that is made anew has another link-layer address.
    private func withoutAddresses(_ links: [String: ObservedLink]) -> [String: ObservedLink] {
        links.mapValues { link in
            var link = link
            link.address = ""
            return link
        }
    }

    /// The kernel has what the configuration wants, and the store and the snapshot say the same.
    private func expectAgreement(_ host: ConfigurationFixture, _ comment: String) async throws {
        let snapshot = host.manager.snapshot
        let outcome = host.manager.validate(snapshot.configuration, ConfigurationRequest(.host, .command))
        #expect(outcome.steps.isEmpty, "\(comment): \(outcome.steps)")
        let stored = try host.store.loadConfigurations()
        #expect(stored.revisions == snapshot.revisions, "\(comment)")
        #expect((stored.intent != nil) == (snapshot.deadline != nil), "\(comment)")
        if snapshot.revision > 0 {
            #expect(try host.store.configuration(ofRevision: snapshot.revision) == snapshot.configuration, "\(comment)")
        }
    }

    @Test(arguments: 0..<20)
    func `whatever happens, the kernel, the store and what is shown agree at every rest`(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let host = ConfigurationFixture()
        try await host.restart()
        for step in 0..<40 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4: await host.commit(Self.random(&random))
            case 4: await host.commit(Self.random(&random), within: .seconds(10))
            case 5:
                host.platform.refuse { step in
                    step.description.utf8.reduce(0) { $0 &* 31 &+ Int($1) } % 7 == 0
                        ? PlatformError(.busy, "refused", errno: 16) : nil
                }
                // What refuses must let itself be taken back: a refusal of an undo is told, and not this test's.
                let outcome = await host.commit(Self.random(&random))
                host.platform.refuse(nil)
                if outcome.failure?.code == .notRestored { try await host.restart() }
            case 6:
                host.end.arm(Int.random(in: 0..<20, using: &random))
                await host.commit(Self.random(&random), within: Bool.random(using: &random) ? .seconds(10) : nil)
                try await host.restart()
            case 7:
                host.clock.advance(by: .seconds(11))
                await host.manager.tick()
            case 8: try? await host.manager.confirm(by: .host)
            default:
                if let number = host.manager.snapshot.revisions.randomElement(using: &random)?.number {
                    _ = await host.manager.rollBack(to: number, ConfigurationRequest(.host, .command))
                }
            }
            try await expectAgreement(host, "seed \(seed), step \(step)")
        }
    }

    private static func random(_ random: inout SeededGenerator) -> NetworkConfiguration {
        var settings: [String: SettingValue] = [:]
        for number in 0..<6 {
            let name = "interfaces.eth\(number)"
            if Bool.random(using: &random) {
                settings["\(name).mtu"] = .integer(.random(in: 1280...1500, using: &random))
            }
            if Bool.random(using: &random) {
                settings["\(name).alias"] = .text("\(Int.random(in: 0..<9, using: &random))")
            }
            if Bool.random(using: &random) {
                settings["\(name).addresses"] = .list(["192.0.\(number).1/24", "2001:db8:\(number)::1/64"])
            }
            if Bool.random(using: &random) {
                settings["\(name).admin"] = .text(Bool.random(using: &random) ? "up" : "down")
            }
        }
        if Bool.random(using: &random) {
            settings["interfaces.br0.kind"] = .text("bridge")
            if Bool.random(using: &random) { settings["interfaces.eth6.master"] = .text("br0") }
        }
        if Bool.random(using: &random) {
            settings["interfaces.v7.kind"] = .text("vlan")
            settings["interfaces.v7.lower"] = .text("eth7")
            settings["interfaces.v7.vlan_id"] = .integer(.random(in: 1...3, using: &random))
        }
        return configuration(settings)
    }
}
