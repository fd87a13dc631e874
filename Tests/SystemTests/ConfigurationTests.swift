import Foundation
import SMI
import Testing

/// The configuration as transactions, over SNMP and by commands, down to the kernel and back.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct ConfigurationTests {
    private typealias Names = ConfigurationNames

    @Test func `edits over SNMP are seen by nobody until they are committed, and then all at once`() async throws {
        try await ConfigurationConsole.with(links: [
            "link add d0 type veth peer name d0p", "link add d1 type veth peer name d1p",
        ]) { console async throws in
            let (sandbox, snmp) = (console.sandbox, console.snmp)
            let outcome = try await snmp.set([
                Names.edit("interfaces.d0.mtu", "1400"), Names.edit("interfaces.d0.alias", "to the lab"),
                Names.edit("interfaces.d0.addresses", "192.0.2.1/24,2001:db8::1/64"),
                Names.edit("interfaces.d0.admin", "up"), Names.edit("interfaces.br0.kind", "bridge"),
                Names.edit("interfaces.d1.master", "br0"),
                Names.edit("network_manager.performance_monitoring_interval", "500"),
            ])
            #expect(outcome == .done)
            #expect(try await KernelLink.named("d0", in: sandbox.namespace).mtu == 1500)
            #expect(try await console.perform(3) == .integer(3))
            let link = try await KernelLink.named("d0", in: sandbox.namespace)
            #expect(link.mtu == 1400 && link.ifalias == "to the lab" && link.flags.contains("UP"))
            #expect(try await KernelLink.named("d1", in: sandbox.namespace).master == "br0")
            #expect(
                try await snmp.get(Names.settingValue + Names.counted("interfaces.d0.mtu")).first?.value
                    == .text("1400"))
            #expect(try await snmp.get(Names.revision).first?.value == .gauge32(2))
            // Back to the first: what it did not say is as it was.
            #expect(
                try await console.perform(8, [(Names.sessionTarget + Names.owner, type: "u", value: "1")])
                    == .integer(3))
            let after = try await KernelLink.named("d0", in: sandbox.namespace)
            #expect(after.mtu == 1500 && after.ifalias == nil && !after.flags.contains("UP"))
            #expect(try await !KernelLink.all(in: sandbox.namespace).contains { $0.ifname == "br0" })
        }
    }

    @Test func `a bad edit is refused by its exact error, and so is a stale lock`() async throws {
        try await ConfigurationConsole.with { console async throws in
            let snmp = console.snmp
            let value = Names.editValue + Names.owner
            let cases: [(OID, String, String, String)] = [
                (value + Names.counted("interfaces.d0.mtu"), "s", "1", "wrongValue"),
                (value + Names.counted("interfaces.d0.mtu"), "i", "1400", "wrongType"),
                (value + Names.counted("interfaces.d0.nothing"), "s", "1", "noCreation"),
                (value + Names.counted("nothing"), "s", "1", "noCreation"),
                (
                    Names.editValue + Names.counted("other") + Names.counted("log.level"), "s", "debug",
                    "inconsistentValue"
                ),
                (Names.sessionTimeout + Names.owner, "u", "0", "wrongValue"),
                (Names.sessionOperation + Names.owner, "i", "9", "wrongValue"),
                (Names.sessionRowStatus + Names.owner, "i", "4", "inconsistentValue"),
                (Names.settingValue + Names.counted("log.level"), "s", "debug", "notWritable"),
            ]
            for (name, type, text, error) in cases {
                #expect(try await snmp.set(name, type, text) == .refused(error, name), "\(name) \(text)")
            }
            guard case .integer(let lock)? = try await snmp.get(Names.lock).first?.value else {
                Issue.record("no lock")
                return
            }
            #expect(try await snmp.set(Names.lock, "i", "\(lock)") == .done)
            #expect(try await snmp.set(Names.lock, "i", "\(lock)") == .refused("inconsistentValue", Names.lock))
        }
    }

    @Test func `a commit that shuts the console's own interface comes back by itself, and is told`() async throws {
        try await ConfigurationConsole.with { console async throws in
            let (sandbox, snmp) = (console.sandbox, console.snmp)
            try await TrapReceiver.with(sandbox) { receiver async throws in
                // The console talks over the loopback interface.
                #expect(try await snmp.set([Names.edit("interfaces.lo.admin", "down")]) == .done)
                let outcome = try await snmp.set([
                    (Names.sessionTimeout + Names.owner, type: "u", value: "3"),
                    (Names.sessionOperation + Names.owner, type: "i", value: "4"),
                ])
                #expect(outcome == .done)
                try await eventually("lo is down") {
                    try await !KernelLink.named("lo", in: sandbox.namespace).flags.contains("UP")
                }
                try await eventually("lo is up again") {
                    try await KernelLink.named("lo", in: sandbox.namespace).flags.contains("UP")
                }
                let told = try await receiver.next(
                    "the roll-back", within: .seconds(10), matching: { $0.kind == Names.rolledBack })
                #expect(told.value(ofColumn: Names.revisionState) == .integer(4))
                #expect(try await snmp.get(Names.revisionState.appending(2)).first?.value == .integer(4))
                #expect(
                    try await snmp.get(Names.revisionReason.appending(2)).first?.value == .text("not confirmed in time")
                )
                #expect(try await snmp.get(Names.revision).first?.value == .gauge32(1))
                // The revision in force is no longer one that waits.
                #expect(try await snmp.get(Names.state).first?.value == .integer(1))
            }
        }
    }

    @Test func `of fifty changes none stays when the kernel refuses the 37th, which is named with its reason`()
        async throws
    {
        let names = (0..<50).map { "d\($0 < 10 ? "0" : "")\($0)" }
        try await ConfigurationConsole.with(links: names.map { "link add \($0) type bridge" }) { console async throws in
            let (sandbox, snmp) = (console.sandbox, console.snmp)
            // The kernel gives no address of IPv6 to an interface that has it disabled.
            _ = try await succeed(sandbox.namespace.inside(["sysctl", "-qw", "net.ipv6.conf.d36.disable_ipv6=1"]))
            try await sandbox.namespace.ip(batch: names.map { "link set \($0) up" })
            for (position, name) in names.enumerated() {
                let address = position == 36 ? "2001:db8::1/64" : "192.0.2.\(position + 1)/32"
                #expect(try await snmp.set([Names.edit("interfaces.\(name).addresses", address)]) == .done)
            }
            let before = try await succeed(["ip", "-n", sandbox.namespace.name, "-4", "-o", "addr"])
            #expect(try await console.perform(3) == .integer(4))
            #expect(try await succeed(["ip", "-n", sandbox.namespace.name, "-4", "-o", "addr"]) == before)
            let findings = try await snmp.walk(Names.findingStep)
            let row = try #require(findings.first { $0.value == .gauge32(37) }?.name)
            let tail = OID(Array(row.words.dropFirst(Names.findingStep.count)))
            #expect(
                try await snmp.get(Names.findingSetting + tail).first?.value == .text("interfaces.d36.addresses"))
            guard case .octetString(let text)? = try await snmp.get(Names.findingText + tail).first?.value else {
                Issue.record("no text")
                return
            }
            #expect(text.text?.contains("IPv6 is disabled on d36") == true, "\(text)")
            #expect(text.text?.contains("CAP_NET_ADMIN") == false)
        }
    }

    @Test func `a file by command is the same transaction, and what is exported reads back`() async throws {
        try await ConfigurationConsole.with(links: ["link add d0 type veth peer name d0p"]) { console async throws in
            let (sandbox, snmp) = (console.sandbox, console.snmp)
            try await withTemporaryDirectory { directory async throws in
                let file = directory.appending(path: "new.toml")
                let exported = try await console.command("export")
                #expect(exported.status == 0, "\(exported.error)")
                try (exported.output + "\n[interfaces.d0]\nmtu = 1400\nadmin = \"up\"\n").write(
                    to: file, atomically: false, encoding: .utf8)
                let dry = try await console.command("apply", file.path, "--dry-run")
                #expect(dry.status == 0 && dry.output.contains("d0: set the MTU to 1400"), "\(dry)")
                #expect(try await KernelLink.named("d0", in: sandbox.namespace).mtu == 1500)
                #expect(try await console.command("apply", file.path, "--confirm-within", "600").status == 0)
                #expect(try await KernelLink.named("d0", in: sandbox.namespace).mtu == 1400)
                #expect(try await console.command("confirm").status == 0)
                let difference = try await console.command("diff", "1", "2")
                #expect(difference.output.contains("interfaces.d0.mtu"), "\(difference)")
                let again = try await console.command("export")
                try again.output.write(to: file, atomically: false, encoding: .utf8)
                #expect(try await console.command("diff", "--file", file.path).output == "no difference\n")
                let revisions = try await console.command("revisions", "--format", "json")
                #expect(revisions.output.contains("\"principal\":\"root\""), "\(revisions)")
                #expect(try await console.command("rollback", "1").status == 0)
                #expect(try await KernelLink.named("d0", in: sandbox.namespace).mtu == 1500)
                try "[interfaces.d0]\nmtv = 1\n".write(to: file, atomically: false, encoding: .utf8)
                let bad = try await console.command("apply", file.path)
                #expect(bad.status != 0 && bad.error.contains("new.toml:2: [interfaces.d0] mtv"), "\(bad)")
                #expect(try await snmp.get(Names.revision).first?.value == .gauge32(3))
            }
        }
    }

    @Test func `a value of many addresses is shown whole, and can be set so`() async throws {
        try await ConfigurationConsole.with(links: ["link add d0 type veth peer name d0p", "link set d0 up"]) {
            console async throws in
            let addresses = (1...200).map { "2001:db8:1111:2222:3333:4444:5555:\(String($0, radix: 16))/64" }
            let list = addresses.map { "\"\($0)\"" }.joined(separator: ", ")
            let result = try await console.apply(
                ConfigurationConsole.base + "\n[interfaces.d0]\nadmin = \"up\"\naddresses = [\(list)]\n")
            #expect(result.status == 0, "\(result)")
            let name = Names.settingValue + Names.counted("interfaces.d0.addresses")
            let text = addresses.joined(separator: ",")
            #expect(try await console.snmp.get(name).first?.value == .text(text))
            let fewer = addresses.dropLast().joined(separator: ",")
            try await console.commit([("interfaces.d0.addresses", fewer)])
            #expect(try await console.snmp.get(name).first?.value == .text(fewer))
        }
    }

    @Test(arguments: ["apply", "reload"])
    func `what was changed over SNMP after the file was applied outlives a restart`(_ way: String) async throws {
        try await ConfigurationConsole.with(links: ["link add d0 type veth peer name d0p"]) { console async throws in
            let sandbox = console.sandbox
            let identifier = try sandbox.processIdentifier("ORIOND_PID")
            let daemon = try MortalDaemon(identifier, in: sandbox.namespace)
            defer { daemon.end() }
            let file = try daemon.configurationFile
            let text = try String(contentsOf: file, encoding: .utf8) + "\n[interfaces.d0]\nalias = \"file\"\n"
            try text.write(to: file, atomically: false, encoding: .utf8)
            switch way {
            case "apply":
                let result = try await console.command("apply", file.path)
                #expect(result.status == 0, "\(result)")
            default:
                // It says what is in force already.
                try await console.commit([("interfaces.d0.alias", "file")])
                kill(identifier, SIGHUP)
                try await eventually("the file is read") {
                    try await console.snmp.get(Names.revision).first?.value == .gauge32(3)
                }
            }
            try await console.commit([("interfaces.d0.alias", "snmp")])
            await daemon.die()
            try await daemon.rise()
            try await console.awaitStart()
            #expect(try await KernelLink.named("d0", in: sandbox.namespace).ifalias == "snmp")
        }
    }

    @Test func `a bad file on SIGHUP is an alarm until a good one is read`() async throws {
        try await ConfigurationConsole.with { console async throws in
            let sandbox = console.sandbox
            let identifier = try sandbox.processIdentifier("ORIOND_PID")
            let daemon = try MortalDaemon(identifier, in: sandbox.namespace)
            defer { daemon.end() }
            let file = try daemon.configurationFile
            let good = try String(contentsOf: file, encoding: .utf8)
            func texts() async throws -> [String] {
                try await console.snmp.walk(AlarmNames.activeText).map { "\($0.value)" }
            }
            // One that cannot be read, and one that validation refuses.
            for (bad, reason) in [
                ("\n[log]\nlevel = \"loud\"\n", "[log] level"),
                ("\n[interfaces.x]\nkind = \"vlan\"\nvlan_id = 7\n", "interfaces.x"),
            ] {
                try (good + bad).write(to: file, atomically: false, encoding: .utf8)
                kill(identifier, SIGHUP)
                try await eventually("the alarm") {
                    try await texts().contains {
                        $0.contains("the configuration file is not in force") && $0.contains(reason)
                    }
                }
                try good.write(to: file, atomically: false, encoding: .utf8)
                kill(identifier, SIGHUP)
                try await eventually("the end of the alarm") { try await texts().isEmpty }
            }
        }
    }

    @Test func `what something else changes in the kernel is made as configured again, and told`() async throws {
        try await ConfigurationConsole.with("[interfaces.d0]\nmtu = 1400\nadmin = \"up\"\n") { console async throws in
            let (sandbox, snmp) = (console.sandbox, console.snmp)
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
                    "the repair", within: .seconds(5), matching: { $0.kind == Names.driftRepaired })
                #expect(try await snmp.get(Names.driftCount).first?.value == .gauge32(0))
            }
        }
    }

    @Test func `a SET of an ordinary object becomes a revision when SETs are to persist`() async throws {
        try await ConfigurationConsole.with("persist_sets = true\n", links: ["link add d0 type veth peer name d0p"]) {
            console async throws in
            let (sandbox, snmp) = (console.sandbox, console.snmp)
            let link = try await KernelLink.named("d0", in: sandbox.namespace)
            try await eventually("the row of d0") {
                try await snmp.get(InterfaceNames.ifName.appending(link.ifindex)).first?.value == .text("d0")
            }
            #expect(try await snmp.set(InterfaceNames.ifAdminStatus.appending(link.ifindex), "i", "1") == .done)
            try await eventually("the revision") {
                try await snmp.get(Names.settingValue + Names.counted("interfaces.d0.admin")).first?.value
                    == .text("up")
            }
        }
    }
}
