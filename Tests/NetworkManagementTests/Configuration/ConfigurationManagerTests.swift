import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Testing

/// Commits, confirmed or not, over a fake kernel and a fake disk.
struct ConfigurationManagerTests {
    private static func changes(_ count: Int) -> NetworkConfiguration {
        var settings: [String: SettingValue] = [:]
        for number in 0..<8 {
            settings["interfaces.eth\(number).mtu"] = .integer(9000)
            settings["interfaces.eth\(number).alias"] = .text("port \(number)")
            settings["interfaces.eth\(number).queue_length"] = .integer(77)
            settings["interfaces.eth\(number).addresses"] = .list(["192.0.2.\(number + 1)/24"])
            settings["interfaces.eth\(number).admin"] = .text("up")
        }
        return configuration(settings)
    }

    @Test func `a commit puts every setting in force, and a revision says who made it`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let wanted = Self.changes(40)
        let outcome = await host.commit(wanted)
        #expect(outcome.failure == nil)
        #expect(host.platform.link("eth3")?.mtu == 9000)
        #expect(host.platform.link("eth3")?.addresses.map(\.text) == ["192.0.2.4/24"])
        let revision = try #require(host.manager.snapshot.revisions.last)
        #expect(revision.number == outcome.revision && revision.state == .confirmed)
        #expect(revision.principal == "host" && revision.changes == 40)
        #expect(host.target.configuration == wanted)
        #expect(host.events.names == ["changed 1"])
    }

    @Test(arguments: [1, 7, 20, 32])
    func `a step that the kernel refuses takes back all before it, and is named with the kernel's reason`(
        _ refused: Int
    ) async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let before = host.platform.links
        let steps = host.manager.validate(Self.changes(40), ConfigurationRequest(.host, .command)).steps
        try #require(steps.count >= refused)
        let bad = steps[refused - 1]
        host.platform.refuse { step in
            step == bad ? PlatformError(.busy, "\(step.name): the driver is tired", errno: 16) : nil
        }
        let outcome = await host.commit(Self.changes(40))
        #expect(outcome.failure != nil)
        let finding = try #require(outcome.findings.last)
        #expect(finding.step == UInt32(refused) && finding.text.contains("the driver is tired"))
        #expect(host.platform.links == before)
        #expect(host.manager.snapshot.revision == 0 && host.manager.snapshot.configuration == NetworkConfiguration())
        #expect(host.manager.snapshot.revisions.map(\.state) == [.failed])
        #expect(host.events.names == ["failed 1"])
    }

    @Test func `what the kernel accepts and does not keep is a failure too`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let before = host.platform.links
        host.platform.ignore { step in
            if case .set("eth5", .mtu) = step { true } else { false }
        }
        let outcome = await host.commit(Self.changes(40))
        #expect(outcome.failure?.message.contains("kept its own") == true)
        #expect(host.platform.links == before)
    }

    @Test func `what the managers refuse is taken back in the kernel`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let before = host.platform.links
        host.target.fail(with: ManagementError(.exhausted, "no room"))
        #expect(await host.commit(Self.changes(40)).failure?.code == .exhausted)
        #expect(host.platform.links == before)
    }

    @Test func `a disk that takes nothing leaves the kernel untouched`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        host.store.fail(with: StoreError(.full, "the disk"))
        #expect(await host.commit(Self.changes(40)).failure?.code == .exhausted)
        #expect(host.platform.applied.isEmpty)
    }

    @Test func `a principal who may not change one setting changes none`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        host.target.deny(.interface(try #require(GlobPattern("eth4"))), .configure)
        let outcome = await host.commit(
            configuration(["interfaces.eth4.alias": .text("x"), "interfaces.eth5.mtu": .integer(1400)]))
        #expect(outcome.failure != nil && outcome.findings.contains { $0.setting == "interfaces.eth4.alias" })
        #expect(host.platform.applied.isEmpty)
    }

    // MARK: confirmation

    @Test func `what nobody confirms comes back by itself`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let before = host.platform.links
        await host.commit(configuration(["interfaces.eth0.admin": .text("down")]), within: .seconds(10))
        #expect(host.platform.link("eth0")?.isUp == false)
        #expect(host.manager.snapshot.deadline != nil)
        host.clock.advance(by: .seconds(9))
        await host.manager.tick()
        #expect(host.platform.link("eth0")?.isUp == false)
        host.clock.advance(by: .seconds(1))
        await host.manager.tick()
        #expect(host.platform.links == before)
        #expect(host.manager.snapshot.revisions.map(\.state) == [.rolledBack])
        #expect(host.events.names == ["changed 1", "rolledBack 1"])
    }

    @Test func `what is confirmed stays, beyond its time and a restart`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let wanted = configuration(["interfaces.eth0.mtu": .integer(1400)])
        await host.commit(wanted, within: .seconds(10))
        try await host.manager.confirm(by: .host)
        host.clock.advance(by: .seconds(60))
        await host.manager.tick()
        try await host.restart()
        #expect(host.platform.link("eth0")?.mtu == 1400)
        #expect(host.manager.snapshot.configuration == wanted)
    }

    @Test func `an unconfirmed revision does not survive a restart`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let before = host.platform.links
        await host.commit(configuration(["interfaces.eth0.mtu": .integer(1400)]), within: .seconds(600))
        try await host.restart()
        #expect(host.platform.links == before)
        #expect(host.manager.snapshot.revisions.last?.state == .rolledBack)
        #expect(host.events.names.last == "rolledBack 1")
    }

    @Test func `nothing else is committed while a revision waits`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        await host.commit(configuration(["interfaces.eth0.mtu": .integer(1400)]), within: .seconds(600))
        #expect(await host.commit(NetworkConfiguration()).failure?.code == .inconsistent)
        try await host.manager.cancel(by: .host)
        #expect(await host.commit(configuration(["interfaces.eth1.mtu": .integer(1400)])).failure == nil)
    }

    // MARK: revisions

    @Test func `going back to a revision makes settings what they were before they were configured`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        await host.commit(configuration(["interfaces.eth0.alias": .text("a")]))
        let before = host.platform.links
        await host.commit(
            configuration([
                "interfaces.eth0.alias": .text("b"), "interfaces.eth1.mtu": .integer(1400),
                "interfaces.br0.kind": .text("bridge"), "interfaces.eth2.master": .text("br0"),
            ]))
        #expect(host.platform.link("eth2")?.master == "br0")
        let outcome = await host.manager.rollBack(to: 1, ConfigurationRequest(.host, .command))
        #expect(outcome.revision == 3 && outcome.failure == nil)
        #expect(host.platform.links == before)
    }

    @Test func `which file was applied last is known after any number of revisions`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        var request = ConfigurationRequest(.host, .file)
        request.fileDigest = [7]
        #expect(
            await host.manager.commit(configuration(["interfaces.eth0.mtu": .integer(1400)]), request).failure == nil)
        for number in 0..<120 {
            await host.commit(configuration(["interfaces.eth0.alias": .text("\(number)")]))
        }
        try await host.restart()
        #expect(host.manager.snapshot.revisions.allSatisfy { $0.fileDigest == [7] })
        // One that was taken back was not applied.
        request.fileDigest = [8]
        request.confirmWithin = .seconds(5)
        #expect(
            await host.manager.commit(configuration(["interfaces.eth1.mtu": .integer(1400)]), request).failure == nil)
        try await host.manager.cancel(by: .host)
        await host.commit(configuration(["interfaces.eth0.alias": .text("after")]))
        #expect(host.manager.snapshot.revisions.last?.fileDigest == [7])
    }

    @Test func `a hundred revisions are kept, and the one in force`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        for number in 0..<130 {
            await host.commit(configuration(["interfaces.eth0.queue_length": .integer(Int64(number))]))
        }
        #expect(host.manager.snapshot.revisions.count == 100)
        #expect(host.manager.snapshot.revision == 130)
        try await host.restart()
        #expect(host.manager.snapshot.revisions.count == 100)
    }

    @Test func `a candidate of an older revision is refused`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        await host.commit(configuration(["interfaces.eth0.mtu": .integer(1400)]))
        var request = ConfigurationRequest(.host, .snmp)
        request.base = 0
        #expect(await host.manager.commit(NetworkConfiguration(), request).failure?.code == .inconsistent)
    }

    // MARK: drift

    @Test func `drift is told and repaired, and what fights back is left alone`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        await host.commit(configuration(["interfaces.eth0.mtu": .integer(1400)]))
        for _ in 0..<6 {
            host.platform.put("eth0") { $0.mtu = 1500 }
            await host.manager.checkDrift()
            host.clock.advance(by: .seconds(1))
        }
        #expect(host.events.names.filter { $0 == "driftRepaired 1" }.count == 3)
        #expect(host.manager.snapshot.drift.map(\.setting) == ["interfaces.eth0.mtu"])
        host.clock.advance(by: .seconds(61))
        await host.manager.checkDrift()
        #expect(host.platform.link("eth0")?.mtu == 1400 && host.manager.snapshot.drift.isEmpty)
    }

    @Test func `drift is only told when it is not to be repaired`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        await host.commit(
            configuration([
                "interfaces.eth0.mtu": .integer(1400), "network_manager.interface_auto_config": .boolean(false),
            ]))
        host.platform.put("eth0") { $0.mtu = 1500 }
        await host.manager.checkDrift()
        await host.manager.checkDrift()
        #expect(host.platform.link("eth0")?.mtu == 1500)
        #expect(host.events.names.filter { $0 == "driftDetected 1" }.count == 1)
    }

    @Test func `an interface that appears is configured`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let outcome = await host.commit(configuration(["interfaces.late.mtu": .integer(1400)]))
        #expect(outcome.failure == nil && outcome.findings.map(\.severity) == [.warning])
        host.platform.put("late")
        await host.manager.checkDrift()
        #expect(host.platform.link("late")?.mtu == 1400)
    }

    @Test(arguments: [true, false])
    func `a SET of an ordinary object becomes a revision, or lasts until the next one`(_ persists: Bool) async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        await host.commit(
            configuration([
                "interfaces.eth0.mtu": .integer(1400), "security.persist_sets": .boolean(persists),
            ]))
        host.platform.put("eth0") { $0.mtu = 1300 }
        await host.manager.absorb([("eth0", "mtu", .integer(1300))], by: .host)
        await host.manager.checkDrift()
        #expect(host.platform.link("eth0")?.mtu == 1300)
        #expect(host.manager.snapshot.revisions.last?.origin == (persists ? .set : .command))
        try await host.restart()
        #expect(host.platform.link("eth0")?.mtu == (persists ? 1300 : 1400))
    }
}
