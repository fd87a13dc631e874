import Foundation
import SMI
import Testing

/// SETs of interface objects, down to the kernel and back.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct InterfaceSetTests {
    /// A veth "d0", down, with an MTU of 1500.
    private func withLink(
        _ body: (Sandbox, SNMPTools, KernelLink) async throws -> Void
    ) async throws {
        try await Sandbox.with(configuration: "[security]\nprincipal = \"optional\"\n") { sandbox async throws in
            try await sandbox.namespace.ip("link add d0 type veth peer name d0peer")
            let link = try await KernelLink.named("d0", in: sandbox.namespace)
            let snmp = try sandbox.snmp(as: .operator)
            try await eventually("the row of d0") {
                try await snmp.get(InterfaceNames.ifName.appending(link.ifindex)).first?.value == .text("d0")
            }
            try await body(sandbox, snmp, link)
        }
    }

    @Test func `each writable object changes the kernel, and reads back at once`() async throws {
        try await withLink { sandbox, snmp, link async throws in
            let cases: [(OID, String, String, Value, (KernelLink) -> Bool)] = [
                (InterfaceNames.ifAdminStatus, "i", "1", .integer(1), { $0.flags.contains("UP") }),
                (InterfaceNames.ifAdminStatus, "i", "2", .integer(2), { !$0.flags.contains("UP") }),
                (InterfaceNames.ifAlias, "s", "to the lab", .text("to the lab"), { $0.ifalias == "to the lab" }),
                (InterfaceNames.ifAlias, "s", "", .text(""), { $0.ifalias == nil }),
                (InterfaceNames.ifPromiscuousMode, "i", "1", .integer(1), { $0.flags.contains("PROMISC") }),
                (InterfaceNames.ifPromiscuousMode, "i", "2", .integer(2), { !$0.flags.contains("PROMISC") }),
                (InterfaceNames.orionMTU, "u", "9000", .gauge32(9000), { $0.mtu == 9000 }),
                (InterfaceNames.ifLinkUpDownTrapEnable, "i", "2", .integer(2), { _ in true }),
            ]
            for (column, type, value, expected, holds) in cases {
                let name = column.appending(link.ifindex)
                #expect(try await snmp.set(name, type, value) == .done, "\(name) \(value)")
                #expect(try await snmp.get(name).first?.value == expected)
                #expect(holds(try await KernelLink.named("d0", in: sandbox.namespace)), "\(name) \(value)")
            }
        }
    }

    @Test func `a value that is no good is refused by its exact error`() async throws {
        try await withLink { _, snmp, link async throws in
            let row = link.ifindex
            let cases: [(OID, String, String, String)] = [
                (InterfaceNames.ifAdminStatus.appending(row), "i", "3", "wrongValue"),
                (InterfaceNames.ifAdminStatus.appending(row), "i", "7", "wrongValue"),
                (InterfaceNames.ifAdminStatus.appending(row), "s", "up", "wrongType"),
                (InterfaceNames.ifAlias.appending(row), "s", String(repeating: "x", count: 65), "wrongLength"),
                (InterfaceNames.ifPromiscuousMode.appending(row), "i", "0", "wrongValue"),
                (InterfaceNames.orionMTU.appending(row), "u", "1", "wrongValue"),
                (InterfaceNames.ifMtu.appending(row), "i", "9000", "notWritable"),
                (InterfaceNames.ifName.appending(row), "s", "x", "notWritable"),
                (InterfaceNames.ifAdminStatus.appending(2_000_000_000), "i", "1", "noCreation"),
            ]
            for (name, type, value, error) in cases {
                #expect(try await snmp.set(name, type, value) == .refused(error, name), "\(name) \(value)")
            }
        }
    }

    @Test func `all of a SET or none: a bad binding leaves the kernel as it was`() async throws {
        try await withLink { sandbox, snmp, link async throws in
            let row = link.ifindex
            let bad = InterfaceNames.ifAdminStatus.appending(row)
            let outcome = try await snmp.set([
                (InterfaceNames.ifAlias.appending(row), type: "s", value: "half"),
                (InterfaceNames.orionMTU.appending(row), type: "u", value: "9000"),
                (bad, type: "i", value: "9"),
            ])
            #expect(outcome == .refused("wrongValue", bad))
            let after = try await KernelLink.named("d0", in: sandbox.namespace)
            #expect(after.ifalias == nil && after.mtu == 1500 && !after.flags.contains("UP"))
        }
    }

    @Test func `when the kernel refuses the last of several changes the first are undone`() async throws {
        try await withLink { sandbox, snmp, link async throws in
            // A macvlan takes no MTU beyond that of what it runs on, which shows only when it is tried.
            try await sandbox.namespace.ip("link add link d0 name upper type macvlan")
            let upper = try await KernelLink.named("upper", in: sandbox.namespace)
            try await eventually("the row of upper") {
                try await snmp.get(InterfaceNames.ifName.appending(upper.ifindex)).first?.value == .text("upper")
            }
            let outcome = try await snmp.set([
                (InterfaceNames.ifAlias.appending(link.ifindex), type: "s", value: "half"),
                (InterfaceNames.ifAdminStatus.appending(link.ifindex), type: "i", value: "1"),
                (InterfaceNames.orionMTU.appending(upper.ifindex), type: "u", value: "9000"),
            ])
            #expect(outcome != .done)
            let after = try await KernelLink.named("d0", in: sandbox.namespace)
            #expect(after.ifalias == nil && !after.flags.contains("UP"))
            #expect(try await KernelLink.named("upper", in: sandbox.namespace).mtu == 1500)
        }
    }

    @Test func `several rows in one SET change together`() async throws {
        try await withLink { sandbox, snmp, _ async throws in
            let names = (0..<20).map { "m\($0)" }
            try await sandbox.namespace.ip(batch: names.map { "link add \($0) type bridge" })
            let links = try await KernelLink.all(in: sandbox.namespace).filter { names.contains($0.ifname) }
            try await eventually("all rows") { try await snmp.walk(InterfaceNames.ifIndex).count == names.count + 3 }
            let outcome = try await snmp.set(
                links.map { (InterfaceNames.ifAdminStatus.appending($0.ifindex), type: "i", value: "1") })
            #expect(outcome == .done)
            let after = try await KernelLink.all(in: sandbox.namespace).filter { names.contains($0.ifname) }
            #expect(after.allSatisfy { $0.flags.contains("UP") })
        }
    }

    @Test func `a link that vanishes is refused, and the agent goes on`() async throws {
        try await withLink { sandbox, snmp, link async throws in
            let name = InterfaceNames.ifAdminStatus.appending(link.ifindex)
            try await sandbox.namespace.ip("link delete d0")
            #expect(try await snmp.set(name, "i", "1") != .done)
            #expect(try await !snmp.walk(InterfaceNames.ifDescr).isEmpty)
        }
    }
}
