import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Testing

/// Sessions, their lock, and what SETs of ordinary objects make of the configuration.
struct ConfigurationSessionTests {
    private static func console(_ name: String) -> Principal {
        Principal(
            name: Array(name.utf8), model: .usm, level: .authPriv, source: .ipv4(0xC000_0201, port: 161))
    }

    private let ops = console("ops")
    private let other = console("other")
    private let session = Array("s".utf8)

    private func locked() async throws -> ConfigurationFixture {
        let host = ConfigurationFixture()
        try await host.restart()
        host.manager.edit(.create, owner: session, by: ops)
        host.manager.edit(.lock(true), owner: session, by: ops)
        return host
    }

    @Test(arguments: [ConfigurationRevision.Origin.file, .command, .snmp, .set])
    func `while a session is locked, nobody else commits, by whatever means`(
        _ origin: ConfigurationRevision.Origin
    ) async throws {
        let host = try await locked()
        let principal = origin == .file || origin == .command ? Principal.host : other
        var request = ConfigurationRequest(principal, origin)
        if origin == .snmp { request.session = Array("mine".utf8) }
        let wanted = configuration(["interfaces.eth0.mtu": .integer(1400)])
        let failure = try #require(await host.manager.commit(wanted, request).failure)
        #expect(failure.code == .inconsistent)
        #expect(failure.message.contains("locked by session \"s\" of ops"), "\(failure)")
        #expect(host.platform.applied.isEmpty)
    }

    @Test func `whoever holds the lock commits`() async throws {
        let host = try await locked()
        var request = ConfigurationRequest(ops, .snmp)
        request.session = session
        let first = configuration(["interfaces.eth0.mtu": .integer(1400)])
        #expect(await host.manager.commit(first, request).failure == nil)
        request = ConfigurationRequest(ops, .set)
        let second = configuration(["interfaces.eth0.mtu": .integer(1300)])
        #expect(await host.manager.commit(second, request).failure == nil)
        // A user of the host of the same name is somebody else.
        let namesake = Principal(name: ops.name, model: .host, level: .authPriv, source: .local)
        #expect(await host.commit(first, principal: namesake).failure != nil)
    }

    @Test func `the start and taking back ask no lock`() async throws {
        let host = try await locked()
        var request = ConfigurationRequest(.host, .file)
        request.heedsLock = false
        request.confirmWithin = .seconds(10)
        let wanted = configuration(["interfaces.eth0.mtu": .integer(1400)])
        #expect(await host.manager.commit(wanted, request).failure == nil)
        try await host.manager.cancel(by: other)
        #expect(host.platform.link("eth0")?.mtu == 1500)
        #expect(await host.manager.commit(wanted, request).failure == nil)
        host.clock.advance(by: .seconds(10))
        await host.manager.tick()
        #expect(host.platform.link("eth0")?.mtu == 1500)
    }

    // MARK: SETs of ordinary objects

    private func persisting() async throws -> ConfigurationFixture {
        let host = ConfigurationFixture()
        try await host.restart()
        let first = configuration([
            "security.persist_sets": .boolean(true), "network_manager.manager_max_interfaces": .integer(1),
            "interfaces.eth0.mtu": .integer(1400),
        ])
        #expect(await host.commit(first).failure == nil)
        return host
    }

    @Test func `a SET that becomes no revision is told`() async throws {
        let host = try await persisting()
        // One interface may be managed, and this is the second.
        host.platform.put("eth1") { $0.alias = "x" }
        await host.manager.absorb([("eth1", "alias", .text("x"))], by: ops)
        #expect(host.events.names.last == "setNotKept ops network_manager.manager_max_interfaces")
        #expect(host.manager.snapshot.revision == 1)
        // A lock keeps it from becoming one as well.
        host.manager.edit(.create, owner: session, by: ops)
        host.manager.edit(.lock(true), owner: session, by: ops)
        await host.manager.absorb([("eth0", "alias", .text("y"))], by: other)
        #expect(host.events.names.last == "setNotKept other interfaces.eth0.alias")
    }

    enum Settling: CaseIterable { case confirm, cancel, time }

    @Test(arguments: Settling.allCases)
    func `a SET while a revision waits becomes one as soon as that is settled`(_ settling: Settling) async throws {
        let host = try await persisting()
        let trial = configuration(["interfaces.eth0.mtu": .integer(1300)], over: host.manager.snapshot.configuration)
        #expect(await host.commit(trial, within: .seconds(10)).failure == nil)
        host.platform.put("eth0") { $0.mtu = 1290 }
        await host.manager.absorb([("eth0", "mtu", .integer(1290))], by: ops)
        host.platform.put("eth0") { $0.mtu = 1280 }
        await host.manager.absorb([("eth0", "mtu", .integer(1280))], by: ops)
        await host.manager.checkDrift()
        #expect(host.platform.link("eth0")?.mtu == 1280 && host.manager.snapshot.revision == 2)
        switch settling {
        case .confirm: try await host.manager.confirm(by: .host)
        case .cancel: try await host.manager.cancel(by: .host)
        case .time:
            host.clock.advance(by: .seconds(10))
            await host.manager.tick()
        }
        let revision = try #require(host.manager.snapshot.revisions.last)
        #expect(revision.number == 3 && revision.origin == .set && revision.principal == "ops")
        try await host.restart()
        #expect(host.platform.link("eth0")?.mtu == 1280)
    }

    @Test func `a lock is gone with its session's life`() async throws {
        let host = try await locked()
        host.clock.advance(by: CandidateSession.life)
        #expect(await host.commit(configuration(["interfaces.eth0.mtu": .integer(1400)])).failure == nil)
    }

    @Test func `who may administer the system destroys the session of another, and nobody else does`() async throws {
        let host = try await locked()
        host.target.deny(.system, .administer)
        #expect(throws: ManagementError(.notAccessible, "")) {
            try host.manager.check(.destroy, owner: session, by: other)
        }
        let free = try await locked()
        try free.manager.check(.destroy, owner: session, by: other)
        #expect(throws: ManagementError(.notAccessible, "")) {
            try free.manager.check(.lock(false), owner: session, by: other)
        }
    }

    @Test func `the host drops a lock, and leaves the edits`() async throws {
        let host = try await locked()
        let path = try #require(SettingPath("interfaces.eth0.alias"))
        host.manager.edit(.set(path, .text("x")), owner: session, by: ops)
        #expect(host.manager.releaseLocks(by: .host) == ["s"])
        #expect(host.manager.releaseLocks(by: .host).isEmpty)
        #expect(host.manager.sessions.sessions[session]?.edits.count == 1)
        #expect(await host.commit(configuration(["interfaces.eth0.mtu": .integer(1400)])).failure == nil)
    }
}
