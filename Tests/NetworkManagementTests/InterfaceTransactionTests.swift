import NetworkManagement
import NetworkModel
import PlatformTesting
import Testing

@Suite struct InterfaceTransactionTests {
    @Test(
        arguments: [
            .adminState(up: false), .alias("to the core"), .alias(""), .mtu(9000), .promiscuous(true), .queueLength(5),
            .linkNotifications(false), .managed(false),
        ] as [InterfaceSetting])
    func `a setting takes effect at once and can be taken back`(setting: InterfaceSetting) throws {
        let fixture = try ManagerFixture([makeLink(2, "eth0") { $0.alias = "before" }])
        let before = try #require(fixture.manager.snapshot.row(try index(2)))
        let transaction = try fixture.manager.prepare([InterfaceRequest(try index(2), setting)])
        #expect(fixture.platform.applied.isEmpty)
        try transaction.apply()
        let probe = try fixture.manager.prepare([InterfaceRequest(try index(2), .managed(true))])
        #expect(probe.previous.count == 1)
        let after = try #require(fixture.manager.snapshot.row(try index(2)))
        #expect(
            after.link != before.link || after.sendsLinkNotifications != before.sendsLinkNotifications
                || after.isManaged != before.isManaged)
        try transaction.restore()
        let restored = try #require(fixture.manager.snapshot.row(try index(2)))
        #expect(restored.link == before.link)
        #expect(restored.sendsLinkNotifications == before.sendsLinkNotifications)
        #expect(restored.isManaged == before.isManaged)
    }

    @Test func `when one of several fails the others are as before`() throws {
        let fixture = try ManagerFixture([makeLink(2, "a"), makeLink(3, "b"), makeLink(4, "c")])
        let before = fixture.manager.snapshot.rows.map(\.link)
        let transaction = try fixture.manager.prepare([
            InterfaceRequest(try index(2), .mtu(1400)),
            InterfaceRequest(try index(3), .adminState(up: false)),
            InterfaceRequest(try index(4), .alias("x")),
        ])
        fixture.platform.refuse(try index(4), with: PlatformError(.busy, "set the alias of c", errno: 16))
        let failure = #expect(throws: InterfaceTransaction.Failure.self) { try transaction.apply() }
        #expect(failure?.position == 2)
        #expect(failure?.error.code == .inconsistent)
        #expect(fixture.manager.snapshot.rows.map(\.link) == before)
        #expect(try fixture.platform.links() == before)
    }

    @Test func `an interface that vanishes fails the commit and needs no restoring`() throws {
        let fixture = try ManagerFixture([makeLink(2, "a"), makeLink(3, "b")])
        let transaction = try fixture.manager.prepare([
            InterfaceRequest(try index(2), .mtu(1400)), InterfaceRequest(try index(3), .mtu(1400)),
        ])
        fixture.platform.remove(try index(3))
        let failure = #expect(throws: InterfaceTransaction.Failure.self) { try transaction.apply() }
        #expect(failure?.position == 1)
        #expect(failure?.error.code == .notFound)
        #expect(try fixture.platform.link(try index(2)).mtu == 1500)
    }

    @Test func `what could not be taken back is said`() throws {
        let fixture = try ManagerFixture([makeLink(2, "a"), makeLink(3, "b")])
        let transaction = try fixture.manager.prepare([
            InterfaceRequest(try index(2), .mtu(1400)), InterfaceRequest(try index(3), .mtu(1400)),
        ])
        try transaction.apply()
        fixture.platform.refuse(try index(2), with: PlatformError(.notPermitted, "set the MTU of a", errno: 1))
        let failure = #expect(throws: InterfaceTransaction.Failure.self) { try transaction.restore() }
        #expect(failure?.position == 0)
        // The other is restored all the same.
        #expect(try fixture.platform.link(try index(3)).mtu == 1500)
    }

    @Test(
        arguments: [
            (.mtu(9001), .invalidValue), (.mtu(67), .invalidValue),
            (.alias(String(repeating: "x", count: 256)), .invalidValue), (.alias("a\0b"), .invalidValue),
        ] as [(InterfaceSetting, ManagementError.Code)])
    func `a value that can never be right is refused before anything is done`(
        setting: InterfaceSetting, code: ManagementError.Code
    ) throws {
        let fixture = try ManagerFixture([makeLink(2, "a")])
        let failure = #expect(throws: InterfaceTransaction.Failure.self) {
            try fixture.manager.prepare([InterfaceRequest(try index(2), setting)])
        }
        #expect(failure?.error.code == code)
        #expect(fixture.platform.applied.isEmpty)
    }
}
