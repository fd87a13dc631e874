import Foundation
import SMI
import Testing

/// What the agent says of interfaces against what iproute2 says, cell by cell.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct InterfaceTableTests {
    /// Each makes one or two links; those that this kernel cannot make are left out.
    private static let topology = [
        "link add va type veth peer name vb", "link set va up", "link set vb up",
        "link add vc type veth peer name vd", "link set vc up",
        "link add br0 type bridge", "link set va master br0", "link set br0 up",
        "link add up0 type veth peer name up0peer", "link set up0peer up", "link set up0 mtu 9000 up",
        "link set up0 alias uplink-to-nowhere", "link set up0 promisc on",
        "link add mv0 link up0 type macvlan", "link set mv0 up",
        "link add vx0 type vxlan id 42 dstport 4789 local 127.0.0.1 dev up0", "link set vx0 up",
        "link add link up0 name up0.7 type vlan id 7", "link set up0.7 up",
        "link add dm0 type dummy", "link add bond0 type bond", "link set dm0 master bond0", "link set bond0 up",
        "tuntap add dev tun0 mode tun", "tuntap add dev tap0 mode tap", "link set tun0 up",
        "link add low0 type veth peer name low0peer", "link add mv1 link low0 type macvlan", "link set low0 up",
        "link set mv1 up",
    ]

    /// IANAifType of what the topology is made of.
    private static func type(of link: KernelLink) -> Int32? {
        switch link.kind {
        case "veth": 6
        case "bridge": 209
        case "bond": 161
        case "vlan": 135
        case "vxlan": 131
        case "macvlan", "dummy": 53
        case "tun": link.linkType == "ether" ? 6 : 131
        default: link.linkType == "loopback" ? 24 : nil
        }
    }

    /// ifOperStatus (RFC 2863 section 3.1.14) of what the kernel calls its operational state.
    private static func operationalStatus(of link: KernelLink) -> Int32 {
        guard link.flags.contains("UP") else { return 2 }
        switch link.operstate {
        case "UP": return 1
        case "DORMANT": return 5
        case "TESTING": return 3
        case "NOTPRESENT": return 6
        // Only something that is stacked has a lower layer; a veth stands beside its peer.
        case "LOWERLAYERDOWN": return link.kind == "veth" ? 2 : 7
        case "UNKNOWN": return link.flags.contains("LOWER_UP") ? 1 : 4
        default: return 2
        }
    }

    @Test func `ifTable and ifXTable agree with ip link, cell by cell`() async throws {
        try await Sandbox.with { sandbox async throws in
            let namespace = sandbox.namespace
            try await namespace.ip(batch: Self.topology)
            // Traffic, so that the counters have something to say; half of it has nobody to answer.
            try await namespace.ip("address add 192.0.2.1/30 dev vc")
            _ = try await run(namespace.inside(["ping", "-c", "3", "-i", "0.05", "-W", "1", "192.0.2.2"]))

            let snmp = try sandbox.snmp()
            try await eventually("the agent and the kernel agree on the states") {
                let links = try await KernelLink.all(in: namespace)
                let cells = Cells(try await snmp.walk(InterfaceNames.ifTable))
                return cells.rows(of: InterfaceNames.ifIndex) == links.map(\.ifindex)
                    && links.allSatisfy {
                        cells.integer(InterfaceNames.ifOperStatus, $0.ifindex) == Self.operationalStatus(of: $0)
                    }
            }
            // Counters may run on meanwhile: each must lie between what the kernel said before and after.
            let before = try await KernelLink.all(in: namespace)
            // The agent's may be 100 ms old.
            try await Task.sleep(for: .milliseconds(110))
            let cells = Cells(
                try await snmp.walk(InterfaceNames.ifTable) + snmp.walk(InterfaceNames.ifXTable))
            let after = try await KernelLink.all(in: namespace)
            #expect(Set(before.compactMap(\.kind)).count >= 3, "this kernel can make hardly any virtual link")
            #expect(before.map(\.ifindex) == after.map(\.ifindex))

            for (column, rows) in [InterfaceNames.ifIndex, InterfaceNames.ifName].map({ ($0, cells.rows(of: $0)) }) {
                #expect(rows == before.map(\.ifindex), "rows of \(column)")
            }
            for (old, new) in zip(before, after) {
                expectFacts(cells, old)
                expectCounters(cells, old, new)
            }
        }
    }

    private func expectFacts(_ cells: Cells, _ link: KernelLink) {
        let row = link.ifindex
        let name = Comment(rawValue: link.ifname)
        #expect(cells.integer(InterfaceNames.ifIndex, row) == Int32(row), name)
        #expect(cells.text(InterfaceNames.ifDescr, row) == link.ifname, name)
        #expect(cells.text(InterfaceNames.ifName, row) == link.ifname, name)
        #expect(cells.integer(InterfaceNames.ifType, row) == Self.type(of: link), name)
        #expect(cells.integer(InterfaceNames.ifMtu, row) == Int32(link.mtu), name)
        #expect(
            cells.bytes(InterfaceNames.ifPhysAddress, row) == (link.linkType == "ether" ? link.octets : []), name)
        #expect(cells.integer(InterfaceNames.ifAdminStatus, row) == (link.flags.contains("UP") ? 1 : 2), name)
        #expect(cells.integer(InterfaceNames.ifOperStatus, row) == Self.operationalStatus(of: link), name)
        #expect(cells.text(InterfaceNames.ifAlias, row) == link.ifalias ?? "", name)
        let isPromiscuous = (link.promiscuity ?? 0) > 0 || link.flags.contains("PROMISC")
        #expect(cells.integer(InterfaceNames.ifPromiscuousMode, row) == (isPromiscuous ? 1 : 2), name)
        // No link of a namespace has a connector.
        #expect(cells.integer(InterfaceNames.ifConnectorPresent, row) == 2, name)
    }

    private func expectCounters(_ cells: Cells, _ old: KernelLink, _ new: KernelLink) {
        guard let low = old.stats64, let high = new.stats64 else {
            Issue.record("\(old.ifname) has no statistics")
            return
        }
        let columns: [(OID, UInt64, UInt64)] = [
            (InterfaceNames.ifHCInOctets, low.rx.bytes, high.rx.bytes),
            (InterfaceNames.ifHCOutOctets, low.tx.bytes, high.tx.bytes),
            (InterfaceNames.ifInErrors, low.rx.errors, high.rx.errors),
            (InterfaceNames.ifOutErrors, low.tx.errors, high.tx.errors),
            (InterfaceNames.ifInDiscards, low.rx.dropped, high.rx.dropped),
            (InterfaceNames.ifOutDiscards, low.tx.dropped, high.tx.dropped),
            (InterfaceNames.ifHCInMulticastPkts, low.rx.multicast ?? 0, high.rx.multicast ?? 0),
            (InterfaceNames.ifHCOutUcastPkts, low.tx.packets, high.tx.packets),
            // 32 bits hold all that this namespace has seen.
            (InterfaceNames.ifInOctets, low.rx.bytes, high.rx.bytes),
            (InterfaceNames.ifOutOctets, low.tx.bytes, high.tx.bytes),
        ]
        for (column, least, most) in columns {
            let value = cells.unsigned(column, old.ifindex)
            #expect(
                value.map { (least...max(least, most)).contains($0) } == true,
                "\(old.ifname), column \(column): \(String(describing: value)), the kernel \(least)...\(most)")
        }
    }

    @Test func `ifStackTable and ifInvStackTable agree with ip link`() async throws {
        try await Sandbox.with { sandbox async throws in
            try await sandbox.namespace.ip(batch: Self.topology)
            let links = try await KernelLink.all(in: sandbox.namespace)
            let numbers = Dictionary(uniqueKeysWithValues: links.map { ($0.ifname, $0.ifindex) })
            var relations: Set<[UInt32]> = []
            for link in links {
                if let master = link.master.flatMap({ numbers[$0] }) { relations.insert([master, link.ifindex]) }
                if link.kind != "veth", let lower = link.link.flatMap({ numbers[$0] }) {
                    relations.insert([link.ifindex, lower])
                }
            }
            for link in links {
                if !relations.contains(where: { $0[1] == link.ifindex }) { relations.insert([0, link.ifindex]) }
                if !relations.contains(where: { $0[0] == link.ifindex }) { relations.insert([link.ifindex, 0]) }
            }
            let snmp = try sandbox.snmp()
            try await eventually("ifStackTable agrees with \(relations)") {
                let stack = try await snmp.walk(InterfaceNames.ifStackStatus)
                return Set(stack.map { Array($0.name.words.suffix(2)) }) == relations
            }
            let stack = try await snmp.walk(InterfaceNames.ifStackStatus)
            #expect(stack.count == relations.count)
            #expect(stack.allSatisfy { $0.value == .integer(1) })
            let inverted = try await snmp.walk(InterfaceNames.ifInvStackStatus)
            #expect(Set(inverted.map { Array($0.name.words.suffix(2).reversed()) }) == relations)
        }
    }

    @Test func `a rename, a new link and a deleted one show at once`() async throws {
        try await Sandbox.with { sandbox async throws in
            let namespace = sandbox.namespace
            let snmp = try sandbox.snmp()
            let count = try await snmp.get(InterfaceNames.ifNumber)
            try await namespace.ip("link add first type bridge")
            let link = try await KernelLink.named("first", in: namespace)
            try await eventually("the new link", within: .seconds(1)) {
                try await snmp.get(InterfaceNames.ifName.appending(link.ifindex)).first?.value == .text("first")
            }
            let changed = try await snmp.get(InterfaceNames.ifTableLastChange)
            try await namespace.ip("link set first name second")
            try await eventually("the new name", within: .seconds(1)) {
                try await snmp.get(InterfaceNames.ifName.appending(link.ifindex)).first?.value == .text("second")
            }
            try await Task.sleep(for: .milliseconds(20))
            try await namespace.ip("link delete second")
            try await eventually("the row is gone", within: .seconds(1)) {
                try await snmp.get(InterfaceNames.ifName.appending(link.ifindex)).first?.value == .noSuchInstance
            }
            #expect(try await snmp.get(InterfaceNames.ifNumber) == count)
            #expect(try await snmp.get(InterfaceNames.ifTableLastChange) != changed)
        }
    }

    @Test func `more interfaces than may be managed are shown all the same`() async throws {
        try await Sandbox.with(configuration: "[network_manager]\nmanager_max_interfaces = 2\n") {
            sandbox async throws in
            try await sandbox.namespace.ip(batch: (0..<10).map { "link add d\($0) type bridge" })
            let links = try await KernelLink.all(in: sandbox.namespace)
            let snmp = try sandbox.snmp()
            try await eventually("all \(links.count) links") {
                try await snmp.walk(InterfaceNames.ifIndex).count == links.count
            }
            try await eventually("the log says so") {
                sandbox.oriondLog.contains("manager_max_interfaces is reached")
            }
        }
    }

    @Test func `GETNEXT and GETBULK walk the same way`() async throws {
        try await Sandbox.with { sandbox async throws in
            try await sandbox.namespace.ip(batch: Self.topology)
            let snmp = try sandbox.snmp()
            for root in [InterfaceNames.ifStackStatus, InterfaceNames.ifName, InterfaceNames.ifAdminStatus] {
                let slow = try await snmp.walkByGetNext(root)
                for repetitions in [1, 7, 100] {
                    #expect(try await snmp.walk(root, repetitions: repetitions) == slow)
                }
            }
        }
    }
}
