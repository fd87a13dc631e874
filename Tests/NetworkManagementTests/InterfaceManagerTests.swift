import Logging
import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Synchronization
import Testing

/// A manager over a fake kernel, and what it told its listener.
final class ManagerFixture: Sendable {
    let clock = ManualClock()
    let platform: FakePlatform
    let manager: InterfaceManager
    private let events: EventLog

    final class EventLog: Sendable {
        let all = Mutex<[InterfaceEvent]>([])
        let manager = Mutex<InterfaceManager?>(nil)
    }

    /// The alarms that the events become.
    let alarms: InterfaceAlarms

    /// - Parameter alarms: where they are raised; nowhere when nil.
    init(
        _ links: [Link], limits: InterfaceManager.Limits = InterfaceManager.Limits(), alarms: AlarmFixture? = nil
    ) throws {
        let log = EventLog()
        events = log
        platform = FakePlatform(clock: clock)
        for link in links { platform.put(link) }
        let interfaceAlarms = InterfaceAlarms((alarms ?? AlarmFixture()).alarms) {
            log.manager.withLock { $0 }?.snapshot ?? .empty
        }
        self.alarms = interfaceAlarms
        manager = InterfaceManager(
            platform: platform, clock: clock, limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            detailsWanted: {},
            listener: { events in
                log.all.withLock { $0 += events }
                interfaceAlarms.take(events)
            })
        log.manager.withLock { [manager] in $0 = manager }
        try platform.start { [manager] in manager.ingest($0) }
        manager.refreshDetails()
        _ = takeEvents()
    }

    /// What happened since the last call, in words.
    func takeEvents() -> [String] {
        events.all.withLock { events in
            defer { events = [] }
            return events.compactMap { event in
                switch event {
                case .discovered, .statusChanged: nil
                case .appeared(let row): "appeared \(row.link.name)"
                case .disappeared(let row): "disappeared \(row.link.name)"
                case .configurationChanged(let row): "changed \(row.link.name)"
                case .linkUp(let row): "up \(row.link.name)"
                case .linkDown(let row): "down \(row.link.name)"
                case .flapping(let row): "flapping \(row.link.name)"
                case .settled(let row): "settled \(row.link.name)"
                case .resynchronised(let overrun): "resynchronised \(overrun)"
                case .limitExceeded(let row): "limit \(row.link.name)"
                }
            }
        }
    }

    /// Changes a link in the kernel and delivers the event.
    func change(_ index: InterfaceIndex, _ edit: (inout Link) -> Void) throws {
        var link = try platform.link(index)
        edit(&link)
        platform.put(link)
        platform.deliver([.link(link)])
    }
}

func index(_ number: Int) throws -> InterfaceIndex {
    try #require(InterfaceIndex(number))
}

func makeLink(_ number: Int, _ name: String, up: Bool = true, _ edit: (inout Link) -> Void = { _ in }) throws -> Link {
    var link = Link(index: try index(number), name: name)
    link.mtu = 1500
    link.minimumMTU = 68
    link.maximumMTU = 9000
    if up {
        link.flags = [.up, .lowerUp, .running]
        link.carrier = true
        link.operationalState = .up
    } else {
        link.operationalState = .down
    }
    edit(&link)
    return link
}

@Suite struct InterfaceManagerTests {
    @Test func `what is there at the start is shown without stamps or notifications`() throws {
        let fixture = try ManagerFixture([makeLink(1, "lo"), makeLink(7, "eth0")])
        let snapshot = fixture.manager.snapshot
        #expect(snapshot.indexes == [1, 7])
        #expect(snapshot.rows.allSatisfy { $0.created == nil && $0.lastChange == nil })
        #expect(snapshot.tableLastChange == nil)
        #expect(snapshot.row(try index(7))?.link.name == "eth0")
        #expect(snapshot.row(try index(8)) == nil)
    }

    @Test func `links come, change their name and go`() throws {
        let fixture = try ManagerFixture([makeLink(1, "lo")])
        fixture.clock.advance(by: .seconds(3))
        let link = try makeLink(5, "veth0", up: false)
        fixture.platform.put(link)
        fixture.platform.deliver([.link(link)])
        #expect(fixture.manager.snapshot.rows.map(\.link.name) == ["lo", "veth0"])
        #expect(fixture.manager.snapshot.tableLastChange == fixture.clock.now())
        for name in ["dmz", "uplink"] { try fixture.change(try index(5)) { $0.name = name } }
        #expect(fixture.manager.snapshot.rows.map(\.link.name) == ["lo", "uplink"])
        #expect(fixture.manager.snapshot.row(try index(5))?.configurationChange == fixture.clock.now())
        fixture.manager.tick()
        fixture.clock.advance(by: .seconds(1))
        fixture.platform.remove(try index(5))
        fixture.platform.deliver([.gone(try index(5))])
        #expect(fixture.manager.snapshot.indexes == [1])
        #expect(fixture.manager.snapshot.tableLastChange == fixture.clock.now())
        #expect(fixture.takeEvents() == ["appeared veth0", "changed uplink", "disappeared uplink"])
    }

    @Test(
        arguments: [
            // from, to, what is announced
            (OperationalState.up, OperationalState.down, ["down eth0"]),
            (.down, .up, ["up eth0"]),
            (.up, .dormant, []),
            (.down, .dormant, ["up eth0"]),
            (.down, .notPresent, []),
            (.notPresent, .down, []),
            (.notPresent, .up, []),
            (.testing, .down, ["down eth0"]),
        ] as [(OperationalState, OperationalState, [String])])
    func `linkUp and linkDown are announced as RFC 2863 has it`(
        from: OperationalState, to: OperationalState, announced: [String]
    ) throws {
        let fixture = try ManagerFixture([
            makeLink(3, "eth0") { link in
                link.operationalState = from
                link.carrier = from == .up
            }
        ])
        try fixture.change(try index(3)) { link in
            link.operationalState = to
            link.carrier = to == .up
        }
        #expect(fixture.takeEvents() == announced)
    }

    @Test func `a port is described by its stamps when its status changes`() throws {
        let fixture = try ManagerFixture([makeLink(3, "eth0")])
        fixture.clock.advance(by: .seconds(10))
        try fixture.change(try index(3)) { $0.operationalState = .down }
        let row = try #require(fixture.manager.snapshot.row(try index(3)))
        #expect(row.lastChange == fixture.clock.now())
        #expect(row.flapping.transitions == 1)
    }

    @Test func `an interface on top of another announces nothing until it is told to`() throws {
        let fixture = try ManagerFixture([
            makeLink(3, "eth0"),
            makeLink(4, "eth0.5") { link in
                link.kind = "vlan"
                link.lower = InterfaceIndex(3)
            },
        ])
        let vlan = try index(4)
        #expect(fixture.manager.snapshot.row(vlan)?.sendsLinkNotifications == false)
        try fixture.change(vlan) { $0.operationalState = .down }
        #expect(fixture.takeEvents() == [])
        try fixture.manager.prepare([InterfaceRequest(vlan, .linkNotifications(true))]).apply()
        try fixture.change(vlan) { $0.operationalState = .up }
        #expect(fixture.takeEvents() == ["up eth0.5"])
    }

    @Test func `a flapping interface is damped, and its final state told when it rests`() throws {
        let limits = InterfaceManager.Limits(
            flapping: FlapLimits(burst: 4, ratePerSecond: 1, settling: .seconds(5)))
        let fixture = try ManagerFixture([makeLink(3, "eth0")], limits: limits)
        let port = try index(3)
        for flap in 0..<21 {
            try fixture.change(port) { $0.operationalState = flap.isMultiple(of: 2) ? .down : .up }
        }
        #expect(fixture.takeEvents() == ["down eth0", "up eth0", "down eth0", "up eth0", "flapping eth0"])
        let row = try #require(fixture.manager.snapshot.row(port))
        #expect(row.flapping.isDamped)
        #expect(row.flapping.suppressed == 17)
        fixture.clock.advance(by: .seconds(4))
        fixture.manager.tick()
        #expect(fixture.takeEvents() == [])
        fixture.clock.advance(by: .seconds(1))
        fixture.manager.tick()
        #expect(fixture.takeEvents() == ["settled eth0", "down eth0"])
        #expect(fixture.manager.snapshot.row(port)?.flapping.isDamped == false)
    }

    @Test func `after lost events the difference is found and told`() throws {
        let fixture = try ManagerFixture([makeLink(1, "lo"), makeLink(2, "eth0"), makeLink(3, "eth1")])
        fixture.platform.remove(try index(2))
        fixture.platform.put(try makeLink(3, "eth1") { $0.operationalState = .down })
        fixture.platform.put(try makeLink(4, "eth2"))
        fixture.platform.deliver([.resynchronise(overrun: true)])
        #expect(
            fixture.takeEvents() == ["disappeared eth0", "down eth1", "appeared eth2", "resynchronised true"])
        #expect(fixture.manager.snapshot.overruns == 1)
        #expect(fixture.manager.snapshot.indexes == [1, 3, 4])
    }

    @Test func `a dump that fails leaves what was known and is made good by the clock`() throws {
        let fixture = try ManagerFixture([makeLink(1, "lo")])
        fixture.platform.put(try makeLink(2, "eth0"))
        fixture.platform.failLinks(with: PlatformError(.exhausted, "dump links", errno: 12))
        fixture.platform.deliver([.resynchronise(overrun: true)])
        #expect(fixture.manager.snapshot.indexes == [1])
        fixture.platform.failLinks(with: nil)
        fixture.manager.tick()
        #expect(fixture.manager.snapshot.indexes == [1, 2])
    }

    @Test func `without discovery what appears is shown, and managed once it is on again`() throws {
        let fixture = try ManagerFixture([makeLink(1, "lo")], limits: .init(isDiscovering: false))
        let link = try makeLink(2, "new")
        fixture.platform.put(link)
        fixture.platform.deliver([.link(link)])
        #expect(fixture.manager.snapshot.rows.map(\.isManaged) == [true, false])
        #expect(fixture.takeEvents() == ["appeared new"])
        #expect(!fixture.manager.snapshot.exceedsLimit)
        fixture.manager.reconfigure(.init(isDiscovering: true))
        #expect(fixture.manager.snapshot.rows.map(\.isManaged) == [true, true])
    }

    @Test func `what exceeds the limit is shown, not managed, and moves up when there is room`() throws {
        let fixture = try ManagerFixture(
            [makeLink(1, "lo"), makeLink(2, "a"), makeLink(3, "b")], limits: .init(managedInterfaces: 2))
        #expect(fixture.manager.snapshot.rows.map(\.isManaged) == [true, true, false])
        let refusal = #expect(throws: InterfaceTransaction.Failure.self) {
            try fixture.manager.prepare([InterfaceRequest(try index(3), .adminState(up: false))])
        }
        #expect(refusal?.error.code == .inconsistent)
        let full = #expect(throws: InterfaceTransaction.Failure.self) {
            try fixture.manager.prepare([InterfaceRequest(try index(3), .managed(true))])
        }
        #expect(full?.error.code == .exhausted)
        fixture.platform.deliver([.gone(try index(2))])
        #expect(fixture.manager.snapshot.rows.map(\.isManaged) == [true, true])
    }

    @Test func `an index used anew is a new interface`() throws {
        let fixture = try ManagerFixture([makeLink(2, "old")])
        fixture.clock.advance(by: .seconds(9))
        let link = try makeLink(2, "new")
        fixture.platform.deliver([.gone(try index(2)), .link(link)])
        let row = try #require(fixture.manager.snapshot.row(try index(2)))
        #expect(row.created == fixture.clock.now())
        #expect(row.flapping.transitions == 0)
    }

    @Test func `addresses and settings arrive in the row`() throws {
        let fixture = try ManagerFixture([makeLink(2, "eth0")])
        let port = try index(2)
        let address = InterfaceAddress(octets: [192, 0, 2, 1], prefixLength: 24)
        fixture.platform.deliver([.addressAdded(port, address), .addressAdded(port, address)])
        #expect(fixture.manager.snapshot.row(port)?.addresses == [address])
        fixture.platform.deliver([.addressRemoved(port, address)])
        #expect(fixture.manager.snapshot.row(port)?.addresses == [])
        var settings = LinkSettings()
        settings.speed = .megabits(25000)
        settings.duplex = .full
        fixture.platform.setSettings(settings, of: port)
        fixture.platform.deliver([.settingsChanged(port)])
        fixture.manager.refreshDetails()
        #expect(fixture.manager.snapshot.row(port)?.settings == settings)
    }
}
