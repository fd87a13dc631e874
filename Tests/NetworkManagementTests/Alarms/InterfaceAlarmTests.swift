import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Synchronization
import Testing

/// Interfaces over a fake kernel whose events become alarms.
private struct Host {
    let fixture: AlarmFixture
    let manager: ManagerFixture

    init(_ links: [Link], managed: Int = 32, flapping: FlapLimits = FlapLimits()) throws {
        let fixture = AlarmFixture()
        self.fixture = fixture
        manager = try ManagerFixture(
            links, limits: .init(managedInterfaces: managed, flapping: flapping), alarms: fixture)
    }

    /// The clock goes on, and everything that is due by it is looked at once a second.
    func pass(seconds: Int) {
        for _ in 0..<seconds {
            manager.alarms.review()
            fixture.pass(seconds: 1)
        }
    }

    func carrier(_ number: Int, _ isUp: Bool) throws {
        try manager.change(try index(number)) { link in
            link.carrier = isUp
            link.operationalState = isUp ? .up : link.layerBelow == nil ? .down : .lowerLayerDown
        }
    }

    /// Who is down and stands for itself; who is explained.
    var state: (own: [String], explained: [String]) {
        let active = fixture.alarms.snapshot.active
        return (
            active.filter { $0.cause == nil }.map { "\($0.key.kind) \($0.key.subject.name)" },
            active.filter { $0.cause != nil }.map(\.key.subject.name)
        )
    }
}

@Suite struct `Alarms of interfaces` {
    @Test func `down is an alarm, shut is none`() throws {
        let host = try Host([makeLink(1, "eth0"), makeLink(2, "eth1", up: false)])
        #expect(host.state.own == [])
        try host.carrier(1, false)
        #expect(host.state.own == ["linkDown eth0"])
        try host.manager.change(try index(1)) { $0.flags.remove(.up) }
        #expect(host.state.own == [])
        #expect(host.fixture.take() == ["raised linkDown eth0", "cleared linkDown eth0"])
    }

    @Test func `what is down at the start is an alarm`() throws {
        let host = try Host([
            makeLink(1, "eth0") { link in
                link.carrier = false
                link.operationalState = .down
            }
        ])
        #expect(host.state.own == ["linkDown eth0"])
    }

    @Test func `what is set up has time to come up`() throws {
        let host = try Host([makeLink(1, "eth0", up: false), makeLink(2, "eth1", up: false)])
        for number in [1, 2] {
            try host.manager.change(try index(number)) { link in
                link.flags.insert(.up)
                link.carrier = false
                link.operationalState = .down
            }
        }
        host.fixture.pass(seconds: 2)
        try host.carrier(1, true)
        #expect(host.state.own == [])
        // Something else about it changes; its time goes on.
        try host.manager.change(try index(2)) { $0.master = InterfaceIndex(1) }
        host.fixture.pass(seconds: 4)
        #expect(host.state.own == ["linkDown eth1"])
        try host.carrier(1, false)
        #expect(host.state.own == ["linkDown eth1", "linkDown eth0"])
        #expect(host.fixture.take() == ["raised linkDown eth1", "raised linkDown eth0"])
    }

    @Test func `what is gone before its time is over was none`() throws {
        let host = try Host([])
        for number in [1, 2] {
            let link = try makeLink(number, "veth\(number)") { link in
                link.carrier = false
                link.operationalState = .down
            }
            host.manager.platform.put(link)
            host.manager.platform.deliver([.link(link)])
        }
        host.manager.platform.remove(try index(1))
        host.manager.platform.deliver([.gone(try index(1))])
        host.fixture.pass(seconds: 6)
        #expect(host.state.own == ["linkDown veth2"])
    }

    @Test func `a bridge whose only port fails raises one alarm, whichever event is first`() throws {
        for order in [[2, 3], [3, 2]] {
            let host = try Host([
                makeLink(2, "eth0") { $0.master = InterfaceIndex(3) }, makeLink(3, "br0") { $0.kind = "bridge" },
            ])
            for number in order { try host.carrier(number, false) }
            #expect(host.state.own == ["linkDown eth0"])
            #expect(host.state.explained == ["br0"])
            for number in order { try host.carrier(number, true) }
            host.fixture.pass(seconds: 5)
            #expect(host.state.own + host.state.explained == [])
        }
    }

    @Test func `a VLAN over a port that fails is explained by it, and a bridge of others goes on`() throws {
        let host = try Host([
            makeLink(2, "eth0") { $0.master = InterfaceIndex(4) },
            makeLink(3, "eth1") { $0.master = InterfaceIndex(4) },
            makeLink(4, "br0") { $0.kind = "bridge" },
            makeLink(5, "eth0.7") { link in
                link.kind = "vlan"
                link.lower = InterfaceIndex(2)
            },
        ])
        try host.carrier(2, false)
        try host.carrier(5, false)
        #expect(host.state.own == ["linkDown eth0"])
        #expect(host.state.explained == ["eth0.7"])
    }

    @Test func `a bridge that loses its failed port misses nothing, or is explained by another`() throws {
        let host = try Host([
            makeLink(2, "eth0") { $0.master = InterfaceIndex(4) },
            makeLink(3, "eth1") { $0.master = InterfaceIndex(4) },
            makeLink(4, "br0") { $0.kind = "bridge" },
        ])
        for number in [2, 3, 4] { try host.carrier(number, false) }
        #expect(host.state.own == ["linkDown eth0", "linkDown eth1"])
        try host.manager.change(try index(2)) { $0.master = nil }
        try host.carrier(2, true)
        host.pass(seconds: 6)
        #expect(host.state.own == ["linkDown eth1"])
        #expect(host.state.explained == ["br0"])
        host.manager.platform.remove(try index(3))
        host.manager.platform.deliver([.gone(try index(3))])
        host.pass(seconds: 6)
        #expect(host.state.own + host.state.explained == [])
        #expect(!host.fixture.take().contains("raised linkDown br0"))
    }

    @Test func `what is down because all below it is shut is as it should be`() throws {
        let host = try Host([
            makeLink(2, "eth0") { $0.master = InterfaceIndex(3) }, makeLink(3, "br0") { $0.kind = "bridge" },
            makeLink(4, "br0.7") { link in
                link.kind = "vlan"
                link.lower = InterfaceIndex(3)
            },
        ])
        try host.manager.change(try index(2)) { link in
            link.flags.remove(.up)
            link.operationalState = .down
        }
        for number in [3, 4] { try host.carrier(number, false) }
        host.pass(seconds: 10)
        #expect(host.state.own + host.state.explained == [])
        // Then its port is set up, and nothing is at the other end.
        try host.manager.change(try index(2)) { $0.flags.insert(.up) }
        host.pass(seconds: 10)
        #expect(host.state.own == ["linkDown eth0"])
        #expect(host.state.explained.sorted() == ["br0", "br0.7"])
        #expect(host.fixture.take() == ["raised linkDown eth0"])
    }

    @Test func `a bridge without ports misses nothing`() throws {
        let host = try Host([
            makeLink(3, "docker0") { link in
                link.kind = "bridge"
                link.carrier = false
                link.operationalState = .down
            }
        ])
        #expect(host.state.own == [])
    }

    @Test func `an interface that goes takes its alarm along`() throws {
        let host = try Host([makeLink(1, "eth0")])
        try host.carrier(1, false)
        host.manager.platform.remove(try index(1))
        host.manager.platform.deliver([.gone(try index(1))])
        #expect(host.state.own == [])
    }

    @Test func `an interface that flaps is an alarm until it has settled`() throws {
        let limits = FlapLimits(burst: 4, ratePerSecond: 1, settling: .seconds(5))
        let host = try Host([makeLink(1, "eth0")], flapping: limits)
        for _ in 0..<10 {
            try host.carrier(1, false)
            try host.carrier(1, true)
        }
        #expect(host.state.own == ["flapping eth0"])
        for _ in 0..<10 {
            host.manager.clock.advance(by: .seconds(1))
            host.manager.manager.tick()
        }
        #expect(host.state.own == [])
    }

    @Test func `an alarm of before a restart is cleared when its interface is up by now`() throws {
        let fixture = AlarmFixture()
        fixture.alarms.raise(AlarmKey(.linkDown, .interface(try index(1), "eth0")), .major, "before the restart")
        fixture.alarms.raise(AlarmKey(.linkDown, .interface(try index(7), "eth7")), .major, "gone by now")
        _ = try ManagerFixture([makeLink(1, "eth0")], alarms: fixture)
        #expect(fixture.alarms.snapshot.active.isEmpty)
    }

    @Test func `too many interfaces are one alarm until there is room`() throws {
        let host = try Host([makeLink(1, "eth0"), makeLink(2, "eth1")], managed: 1)
        #expect(host.state.own == ["capacityExceeded "])
        host.manager.platform.remove(try index(1))
        host.manager.platform.deliver([.gone(try index(1))])
        #expect(host.state.own == [])
    }
}
