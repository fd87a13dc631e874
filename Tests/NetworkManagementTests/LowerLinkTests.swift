import NetworkManagement
import NetworkModel
import PlatformTesting
import Testing

struct LowerLinkTests {
    private static func macvlan(isUp: Bool) throws -> Link {
        try makeLink(3, "mv0") { link in
            link.kind = "macvlan"
            link.lower = try? index(2)
            if isUp { link.flags.insert(.up) } else { link.flags.remove(.up) }
        }
    }

    @Test func `a card that becomes promiscuous for what lies on it is looked at again`() throws {
        let fixture = try ManagerFixture([makeLink(2, "eth0")])
        func promiscuity() throws -> UInt32? { fixture.manager.snapshot.row(try index(2))?.link.promiscuity }
        // The kernel tells nobody of these changes of the card.
        func change(to value: UInt32) throws {
            fixture.platform.put(try makeLink(2, "eth0") { $0.promiscuity = value })
        }

        fixture.manager.ingest([.link(try Self.macvlan(isUp: false))])
        fixture.manager.refreshDetails()
        #expect(try promiscuity() == 0)
        try change(to: 1)
        fixture.manager.ingest([.link(try Self.macvlan(isUp: true))])
        fixture.manager.refreshDetails()
        #expect(try promiscuity() == 1)
        // Nothing that matters: not asked again.
        try change(to: 5)
        fixture.manager.ingest([.link(try Self.macvlan(isUp: true))])
        fixture.manager.refreshDetails()
        #expect(try promiscuity() == 1)
        try change(to: 0)
        fixture.manager.ingest([.gone(try index(3))])
        fixture.manager.refreshDetails()
        #expect(try promiscuity() == 0)
    }

    @Test func `what is gone when it is looked at again stays until its event comes`() throws {
        let fixture = try ManagerFixture([makeLink(2, "eth0")])
        fixture.platform.remove(try index(2))
        fixture.manager.ingest([.link(try Self.macvlan(isUp: true))])
        fixture.manager.refreshDetails()
        #expect(fixture.manager.snapshot.row(try index(2)) != nil)
    }
}
