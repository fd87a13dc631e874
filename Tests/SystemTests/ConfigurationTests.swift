import Foundation
import SMI
import Testing

/// The configuration as transactions, over SNMP and by commands, down to the kernel and back.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct ConfigurationTests {
    // ORION-CONFIG-MIB, written out.
    private static let module: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 5]
    private static let revision = module + [1, 1, 1, 0]
    private static let lock = module + [1, 1, 4, 0]
    private static let driftCount = module + [1, 1, 5, 0]
    private static let settingValue = module + [1, 2, 1, 2]
    private static let sessionTarget = module + [1, 3, 1, 7]
    private static let sessionTimeout = module + [1, 3, 1, 6]
    private static let sessionOperation = module + [1, 3, 1, 9]
    private static let sessionState = module + [1, 3, 1, 10]
    private static let sessionResult = module + [1, 3, 1, 11]
    private static let sessionRowStatus = module + [1, 3, 1, 13]
    private static let editValue = module + [1, 4, 1, 1]
    private static let findingSetting = module + [1, 5, 1, 3]
    private static let findingStep = module + [1, 5, 1, 4]
    private static let findingText = module + [1, 5, 1, 5]
    private static let revisionState = module + [1, 6, 1, 5]
    private static let changed = module + [0, 1]
    private static let rolledBack = module + [0, 3]
    private static let driftRepaired = module + [0, 6]

    private static let owner = counted("ops")

    private static func counted(_ text: String) -> OID {
        OID([UInt32(text.utf8.count)] + text.utf8.map { UInt32($0) })
    }

    private static func edit(_ path: String, _ value: String) -> (OID, type: String, value: String) {
        (editValue + owner + counted(path), type: "s", value: value)
    }

    private static let limits = "[network_manager]\nmanager_max_interfaces = 200\n"
    private static let security = "[security]\nprincipal = \"optional\"\n"

    private func withSession(
        _ configuration: String = "", _ commands: [String],
        _ body: (Sandbox, SNMPTools) async throws -> Void
    ) async throws {
        try await Sandbox.with(configuration: Self.limits + Self.security + configuration) { sandbox async throws in
            try await sandbox.namespace.ip(batch: commands)
            let snmp = try sandbox.snmp(as: .admin)
            try await eventually("the first revision") {
                try await snmp.get(Self.revision).first?.value == .gauge32(1)
            }
            #expect(try await snmp.set(Self.sessionRowStatus + Self.owner, "i", "4") == .done)
            try await body(sandbox, snmp)
        }
    }

    /// Begins an operation and waits for its end.
    private func perform(
        _ operation: Int, _ snmp: SNMPTools, _ others: [(OID, type: String, value: String)] = []
    ) async throws -> Value? {
        let outcome = try await snmp.set(
            others + [(Self.sessionOperation + Self.owner, type: "i", value: "\(operation)")])
        #expect(outcome == .done)
        try await eventually("the operation ends") {
            try await snmp.get(Self.sessionState + Self.owner).first?.value != .integer(2)
        }
        return try await snmp.get(Self.sessionState + Self.owner).first?.value
    }

    /// Runs `oriond config`.
    private func command(_ sandbox: Sandbox, _ arguments: String...) async throws -> CommandResult {
        try await run(
            [Host.oriond, "config"] + arguments
                + ["--state-directory", sandbox.directory.appending(path: "state").path])
    }

    @Test func `edits over SNMP are seen by nobody until they are committed, and then all at once`() async throws {
        try await withSession("", ["link add d0 type veth peer name d0p", "link add d1 type veth peer name d1p"]) {
            sandbox, snmp async throws in
            let outcome = try await snmp.set([
                Self.edit("interfaces.d0.mtu", "1400"), Self.edit("interfaces.d0.alias", "to the lab"),
                Self.edit("interfaces.d0.addresses", "192.0.2.1/24,2001:db8::1/64"),
                Self.edit("interfaces.d0.admin", "up"), Self.edit("interfaces.br0.kind", "bridge"),
                Self.edit("interfaces.d1.master", "br0"),
                Self.edit("network_manager.performance_monitoring_interval", "500"),
            ])
            #expect(outcome == .done)
            #expect(try await KernelLink.named("d0", in: sandbox.namespace).mtu == 1500)
            #expect(try await perform(3, snmp) == .integer(3))
            let link = try await KernelLink.named("d0", in: sandbox.namespace)
            #expect(link.mtu == 1400 && link.ifalias == "to the lab" && link.flags.contains("UP"))
            #expect(try await KernelLink.named("d1", in: sandbox.namespace).master == "br0")
            #expect(
                try await snmp.get(Self.settingValue + Self.counted("interfaces.d0.mtu")).first?.value == .text("1400"))
            #expect(try await snmp.get(Self.revision).first?.value == .gauge32(2))
            // Back to the first: what it did not say is as it was.
            #expect(
                try await perform(8, snmp, [(Self.sessionTarget + Self.owner, type: "u", value: "1")]) == .integer(3))
            let after = try await KernelLink.named("d0", in: sandbox.namespace)
            #expect(after.mtu == 1500 && after.ifalias == nil && !after.flags.contains("UP"))
            #expect(try await !KernelLink.all(in: sandbox.namespace).contains { $0.ifname == "br0" })
        }
    }

    @Test func `a bad edit is refused by its exact error, and so is a stale lock`() async throws {
        try await withSession("", []) { _, snmp async throws in
            let value = Self.editValue + Self.owner
            let cases: [(OID, String, String, String)] = [
                (value + Self.counted("interfaces.d0.mtu"), "s", "1", "wrongValue"),
                (value + Self.counted("interfaces.d0.mtu"), "i", "1400", "wrongType"),
                (value + Self.counted("interfaces.d0.nothing"), "s", "1", "noCreation"),
                (value + Self.counted("nothing"), "s", "1", "noCreation"),
                (Self.editValue + Self.counted("other") + Self.counted("log.level"), "s", "debug", "inconsistentValue"),
                (Self.sessionTimeout + Self.owner, "u", "0", "wrongValue"),
                (Self.sessionOperation + Self.owner, "i", "9", "wrongValue"),
                (Self.sessionRowStatus + Self.owner, "i", "4", "inconsistentValue"),
                (Self.settingValue + Self.counted("log.level"), "s", "debug", "notWritable"),
            ]
            for (name, type, text, error) in cases {
                #expect(try await snmp.set(name, type, text) == .refused(error, name), "\(name) \(text)")
            }
            guard case .integer(let lock)? = try await snmp.get(Self.lock).first?.value else {
                Issue.record("no lock")
                return
            }
            #expect(try await snmp.set(Self.lock, "i", "\(lock)") == .done)
            #expect(try await snmp.set(Self.lock, "i", "\(lock)") == .refused("inconsistentValue", Self.lock))
        }
    }

    @Test func `a commit that shuts the console's own interface comes back by itself, and is told`() async throws {
        try await withSession("", []) { sandbox, snmp async throws in
            try await TrapReceiver.with(sandbox) { receiver async throws in
                // The console talks over the loopback interface.
                #expect(try await snmp.set([Self.edit("interfaces.lo.admin", "down")]) == .done)
                let outcome = try await snmp.set([
                    (Self.sessionTimeout + Self.owner, type: "u", value: "3"),
                    (Self.sessionOperation + Self.owner, type: "i", value: "4"),
                ])
                #expect(outcome == .done)
                try await eventually("lo is down") {
                    try await !KernelLink.named("lo", in: sandbox.namespace).flags.contains("UP")
                }
                try await eventually("lo is up again") {
                    try await KernelLink.named("lo", in: sandbox.namespace).flags.contains("UP")
                }
                let told = try await receiver.next(
                    "the roll-back", within: .seconds(10), matching: { $0.kind == Self.rolledBack })
                #expect(told.value(ofColumn: Self.revisionState) == .integer(4))
                #expect(try await snmp.get(Self.revisionState.appending(2)).first?.value == .integer(4))
                #expect(try await snmp.get(Self.revision).first?.value == .gauge32(1))
            }
        }
    }

    @Test func `of fifty changes none stays when the kernel refuses the 37th, which is named with its reason`()
        async throws
    {
        let names = (0..<50).map { "d\($0 < 10 ? "0" : "")\($0)" }
        try await withSession("", names.map { "link add \($0) type bridge" }) { sandbox, snmp async throws in
            // The kernel gives no address of IPv6 to an interface that has it disabled.
            _ = try await succeed(sandbox.namespace.inside(["sysctl", "-qw", "net.ipv6.conf.d36.disable_ipv6=1"]))
            try await sandbox.namespace.ip(batch: names.map { "link set \($0) up" })
            for (position, name) in names.enumerated() {
                let address = position == 36 ? "2001:db8::1/64" : "192.0.2.\(position + 1)/32"
                #expect(try await snmp.set([Self.edit("interfaces.\(name).addresses", address)]) == .done)
            }
            let before = try await succeed(["ip", "-n", sandbox.namespace.name, "-4", "-o", "addr"])
            #expect(try await perform(3, snmp) == .integer(4))
            #expect(try await succeed(["ip", "-n", sandbox.namespace.name, "-4", "-o", "addr"]) == before)
            let findings = try await snmp.walk(Self.findingStep)
            let row = try #require(findings.first { $0.value == .gauge32(37) }?.name)
            let tail = OID(Array(row.words.dropFirst(Self.findingStep.count)))
            #expect(
                try await snmp.get(Self.findingSetting + tail).first?.value == .text("interfaces.d36.addresses"))
            guard case .octetString(let text)? = try await snmp.get(Self.findingText + tail).first?.value else {
                Issue.record("no text")
                return
            }
            #expect(text.text?.contains("IPv6 is disabled") == true || text.text?.contains("ermission") == true)
        }
    }

    @Test func `a file by command is the same transaction, and what is exported reads back`() async throws {
        try await withSession("", ["link add d0 type veth peer name d0p"]) { sandbox, snmp async throws in
            try await withTemporaryDirectory { directory async throws in
                let file = directory.appending(path: "new.toml")
                let exported = try await command(sandbox, "export")
                #expect(exported.status == 0, "\(exported.error)")
                try (exported.output + "\n[interfaces.d0]\nmtu = 1400\nadmin = \"up\"\n").write(
                    to: file, atomically: false, encoding: .utf8)
                let dry = try await command(sandbox, "apply", file.path, "--dry-run")
                #expect(dry.status == 0 && dry.output.contains("d0: set the MTU to 1400"), "\(dry)")
                #expect(try await KernelLink.named("d0", in: sandbox.namespace).mtu == 1500)
                #expect(try await command(sandbox, "apply", file.path, "--confirm-within", "600").status == 0)
                #expect(try await KernelLink.named("d0", in: sandbox.namespace).mtu == 1400)
                #expect(try await command(sandbox, "confirm").status == 0)
                let difference = try await command(sandbox, "diff", "1", "2")
                #expect(difference.output.contains("interfaces.d0.mtu"), "\(difference)")
                let again = try await command(sandbox, "export")
                try again.output.write(to: file, atomically: false, encoding: .utf8)
                #expect(try await command(sandbox, "diff", "--file", file.path).output == "no difference\n")
                let revisions = try await command(sandbox, "revisions", "--format", "json")
                #expect(revisions.output.contains("\"principal\":\"root\""), "\(revisions)")
                #expect(try await command(sandbox, "rollback", "1").status == 0)
                #expect(try await KernelLink.named("d0", in: sandbox.namespace).mtu == 1500)
                try "[interfaces.d0]\nmtv = 1\n".write(to: file, atomically: false, encoding: .utf8)
                let bad = try await command(sandbox, "apply", file.path)
                #expect(bad.status != 0 && bad.error.contains("new.toml:2: [interfaces.d0] mtv"), "\(bad)")
                #expect(try await snmp.get(Self.revision).first?.value == .gauge32(3))
            }
        }
    }

    @Test func `what something else changes in the kernel is made as configured again, and told`() async throws {
        try await withSession("[interfaces.d0]\nmtu = 1400\nadmin = \"up\"\n", []) { sandbox, snmp async throws in
            try await TrapReceiver.with(sandbox) { receiver async throws in
                // It was not there when the file was read.
                try await sandbox.namespace.ip("link add d0 type veth peer name d0p")
                try await eventually("d0 is configured") {
                    try await KernelLink.named("d0", in: sandbox.namespace).mtu == 1400
                }
                try await sandbox.namespace.ip("link set d0 mtu 1300")
                try await eventually("d0 is configured again") {
                    try await KernelLink.named("d0", in: sandbox.namespace).mtu == 1400
                }
                _ = try await receiver.next(
                    "the repair", within: .seconds(5), matching: { $0.kind == Self.driftRepaired })
                #expect(try await snmp.get(Self.driftCount).first?.value == .gauge32(0))
            }
        }
    }

    @Test func `a SET of an ordinary object becomes a revision when SETs are to persist`() async throws {
        try await withSession("persist_sets = true\n", ["link add d0 type veth peer name d0p"]) {
            sandbox, snmp async throws in
            let link = try await KernelLink.named("d0", in: sandbox.namespace)
            try await eventually("the row of d0") {
                try await snmp.get(InterfaceNames.ifName.appending(link.ifindex)).first?.value == .text("d0")
            }
            #expect(try await snmp.set(InterfaceNames.ifAdminStatus.appending(link.ifindex), "i", "1") == .done)
            try await eventually("the revision") {
                try await snmp.get(Self.settingValue + Self.counted("interfaces.d0.admin")).first?.value == .text("up")
            }
        }
    }
}

extension OID {
    fileprivate static func + (left: OID, right: OID) -> OID { OID(left.words + right.words) }
}
