import NetworkManagement
import NetworkModel
import PlatformTesting
import Testing

@Suite struct InterfaceStackTests {
    @Test func `ports, VLANs and lone interfaces have their relations, a veth's peer has none`() throws {
        let fixture = try ManagerFixture([
            makeLink(1, "lo"),
            makeLink(2, "eth0") { $0.master = InterfaceIndex(10) },
            makeLink(3, "eth1") { $0.master = InterfaceIndex(10) },
            makeLink(4, "veth0") { link in
                link.kind = "veth"
                link.lower = InterfaceIndex(5)
            },
            makeLink(5, "veth1") { link in
                link.kind = "veth"
                link.lower = InterfaceIndex(4)
            },
            makeLink(10, "bond0") { $0.kind = "bond" },
            makeLink(11, "bond0.7") { link in
                link.kind = "vlan"
                link.lower = InterfaceIndex(10)
            },
            makeLink(12, "orphan") { link in
                link.kind = "macvlan"
                link.lower = InterfaceIndex(99)
            },
        ])
        let relations = fixture.manager.snapshot.stack.relations.map { [$0.higher, $0.lower] }
        #expect(
            relations == [
                [0, 1], [0, 4], [0, 5], [0, 11], [0, 12], [1, 0], [2, 0], [3, 0], [4, 0], [5, 0], [10, 2], [10, 3],
                [11, 10], [12, 0],
            ])
    }

    @Test func `a bond is as fast as its ports together, a VLAN as what it runs on`() throws {
        let fixture = try ManagerFixture([
            makeLink(2, "eth0") { $0.master = InterfaceIndex(10) },
            makeLink(3, "eth1") { $0.master = InterfaceIndex(10) },
            makeLink(10, "bond0") { $0.kind = "bond" },
            makeLink(11, "bond0.7") { link in
                link.kind = "vlan"
                link.lower = InterfaceIndex(10)
            },
            makeLink(12, "lonely") { $0.kind = "bond" },
        ])
        var settings = LinkSettings()
        settings.speed = .megabits(10000)
        for number in [2, 3] {
            fixture.platform.setSettings(settings, of: try index(number))
            fixture.platform.deliver([.settingsChanged(try index(number))])
        }
        fixture.manager.refreshDetails()
        let snapshot = fixture.manager.snapshot
        let speeds = snapshot.rows.map { snapshot.speed(of: $0)?.value }
        #expect(speeds == [10_000_000_000, 10_000_000_000, 20_000_000_000, 20_000_000_000, nil])
    }

    @Test(
        arguments: [
            // kind, has lower, kernel state, carrier, admin up, status
            (nil, false, .up, true, true, .up),
            (nil, false, .unknown, true, true, .up),
            (nil, false, .unknown, false, true, .unknown),
            (nil, false, .down, false, true, .down),
            (nil, false, .up, true, false, .down),
            (nil, false, .notPresent, false, false, .notPresent),
            ("veth", true, .lowerLayerDown, false, true, .down),
            ("vlan", true, .lowerLayerDown, false, true, .lowerLayerDown),
            ("macvlan", true, .dormant, false, true, .dormant),
            (nil, false, .testing, false, true, .testing),
        ] as [(String?, Bool, OperationalState, Bool, Bool, OperationalStatus)])
    func `the kernel's state reads as IF-MIB has it`(
        kind: String?, hasLower: Bool, state: OperationalState, carrier: Bool, isUp: Bool, status: OperationalStatus
    ) throws {
        let link = try makeLink(5, "x", up: isUp) { link in
            link.kind = kind
            link.lower = hasLower ? InterfaceIndex(4) : nil
            link.operationalState = state
            link.carrier = carrier
        }
        #expect(link.operationalStatus == status)
    }
}
