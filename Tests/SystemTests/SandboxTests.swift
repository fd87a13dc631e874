import Foundation
import SMI
import Testing

/// The contract of `Config/sandbox/sandbox`.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct SandboxTests {
    private static let sysName: OID = [1, 3, 6, 1, 2, 1, 1, 5, 0]
    private static let sysUpTime: OID = [1, 3, 6, 1, 2, 1, 1, 3, 0]
    private static let ifAliasOfLoopback: OID = [1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18, 1]
    private static let dynamicModuleStatus: OID = [1, 3, 6, 1, 4, 1, 2021, 13, 14, 2, 1, 4, 1]
    private static let extendCommand: OID = [1, 3, 6, 1, 4, 1, 8072, 1, 3, 2, 2, 1, 2, 1, 97]
    private static let userTable: OID = [1, 3, 6, 1, 6, 3, 15, 1, 2]

    @Test func `env names the agent, the users, the processes and the sockets`() async throws {
        try await Sandbox.with { sandbox async throws in
            #expect(try sandbox.variable("ORION_AGENT") == "udp:127.0.0.1:1161")
            #expect(try sandbox.variable("ORION_TRAP_PORT") == "1162")
            #expect(FileManager.default.fileExists(atPath: try sandbox.variable("ORION_AGENTX")))
            for user in Sandbox.User.allCases {
                let options = try sandbox.variable(user.rawValue)
                #expect(options.contains(" -l authPriv -a SHA-256 -A ") && options.contains(" -x AES -X "))
                #expect(try await sandbox.snmp(as: user).get(Self.sysUpTime).count == 1)
            }
            for name in ["ORION_SNMPD_PID", "ORIOND_PID"] {
                #expect(isRunning(try sandbox.processIdentifier(name)))
            }
        }
    }

    @Test func `each user may do what the name says and no more`() async throws {
        try await Sandbox.with(configuration: "[security]\nprincipal = \"optional\"\n") { sandbox async throws in
            let (monitor, operate, admin) = (
                try sandbox.snmp(as: .monitor), try sandbox.snmp(as: .operator), try sandbox.snmp(as: .admin)
            )
            #expect(
                try await monitor.set(Self.ifAliasOfLoopback, "s", "m") == .refused("noAccess", Self.ifAliasOfLoopback))
            #expect(try await monitor.set(Self.sysName, "s", "m") == .refused("noAccess", Self.sysName))
            #expect(try await operate.set(Self.ifAliasOfLoopback, "s", "o") == .done)
            #expect(try await operate.set(Self.sysName, "s", "o") == .refused("noAccess", Self.sysName))
            #expect(try await admin.set(Self.ifAliasOfLoopback, "s", "") == .done)
            #expect(try await admin.set(Self.sysName, "s", "a") == .done)
            #expect(try await monitor.walk(Self.userTable).isEmpty)
            #expect(try await operate.walk(Self.userTable).isEmpty)
            #expect(try await !admin.walk(Self.userTable).isEmpty)
        }
    }

    @Test(arguments: Sandbox.User.allCases)
    func `nobody can make snmpd load code or run commands`(user: Sandbox.User) async throws {
        try await Sandbox.with { sandbox async throws in
            let snmp = try sandbox.snmp(as: user)
            #expect(
                try await snmp.set(Self.dynamicModuleStatus, "i", "4") == .refused("noAccess", Self.dynamicModuleStatus)
            )
            #expect(
                try await snmp.set(Self.extendCommand, "s", "/bin/true") == .refused("noAccess", Self.extendCommand))
        }
    }

    @Test func `without privacy, and by community, nothing answers`() async throws {
        try await Sandbox.with { sandbox async throws in
            let agent = try sandbox.variable("ORION_AGENT")
            let monitor = try sandbox.variable("ORION_MONITOR").split(separator: " ").map(String.init)
            let withoutPrivacy = Array(monitor[..<(monitor.firstIndex(of: "-x") ?? 0)]).map {
                $0 == "authPriv" ? "authNoPriv" : $0
            }
            for options in [withoutPrivacy, ["-v2c", "-c", "public"], ["-v1", "-c", "public"]] {
                let result = try await run(
                    sandbox.namespace.inside(
                        ["snmpget", "-t", "0.5", "-r", "0"] + options + [agent, Self.sysUpTime.description]),
                    environment: SNMPOutput.environment)
                #expect(result.status != 0, "\(options)")
            }
        }
    }

    @Test func `traps and informs reach a receiver, by SNMPv3`() async throws {
        try await Sandbox.with { sandbox async throws in
            try await TrapReceiver.with(sandbox) { receiver async throws in
                try await succeed(
                    sandbox.namespace.inside([
                        "agentxtrap", "-x", try sandbox.variable("ORION_AGENTX"),
                        ReceivedNotification.linkDown.description, "1.3.6.1.2.1.2.2.1.1.7", "i", "7",
                    ]), environment: SNMPOutput.environment)
                try await eventually("a trap and an inform") {
                    let kinds = try receiver.received().filter { $0.kind == ReceivedNotification.linkDown }
                    return Set(kinds.map(\.isInform)) == [true, false]
                }
                let trap = try await receiver.next("linkDown") { $0.kind == ReceivedNotification.linkDown }
                #expect(trap.value(of: [1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 7]) == .integer(7))
            }
        }
    }

    @Test func `down ends everything, keeps the logs, and does no harm twice`() async throws {
        try await NetworkNamespace.with { namespace async throws in
            try await withTemporaryDirectory { parent async throws in
                let directory = parent.appending(path: "sandbox")
                #expect(try await Sandbox.command("up", directory, in: namespace).status == 0)
                #expect(try await Sandbox.command("down", directory, in: namespace).status == 0)
                #expect(try await succeed(["ip", "netns", "pids", namespace.name]) == "")
                #expect(FileManager.default.fileExists(atPath: directory.appending(path: "log/snmpd.log").path))
                #expect(FileManager.default.fileExists(atPath: directory.appending(path: "log/oriond.log").path))
                #expect(try await Sandbox.command("down", directory, in: namespace).status == 0)
                let gone = try await Sandbox.command("env", directory, in: namespace)
                #expect(gone.status == 1 && gone.output.isEmpty)
                // And up again in the same place, with other passphrases.
                #expect(try await Sandbox.command("up", directory, in: namespace).status == 0)
                #expect(try await Sandbox.command("down", directory, in: namespace).status == 0)
            }
        }
    }

    @Test func `down ends what is left after oriond was killed, and only what up started`() async throws {
        try await Sandbox.with { sandbox async throws in
            let bystander = try BackgroundProcess(sandbox.namespace.inside(["sleep", "60"]))
            kill(try sandbox.processIdentifier("ORIOND_PID"), SIGKILL)
            // A file that names a process which is not the one that was started.
            let file = sandbox.directory.appending(path: "run/oriond.pid")
            try "\(bystander.identifier) 1\n".write(to: file, atomically: false, encoding: .utf8)
            #expect(try await Sandbox.command("down", sandbox.directory, in: sandbox.namespace).status == 0)
            #expect(isRunning(bystander.identifier))
            try await eventually("snmpd is gone") { !isRunning(try sandbox.processIdentifier("ORION_SNMPD_PID")) }
            await bystander.terminate()
            bystander.removeOutput()
        }
    }

    @Test func `a second up in the same directory is refused and harms nothing`() async throws {
        try await Sandbox.with { sandbox async throws in
            let again = try await Sandbox.command("up", sandbox.directory, in: sandbox.namespace)
            #expect(again.status == 1)
            #expect(again.error.contains("a sandbox is up in \(sandbox.directory.path) already"))
            #expect(try await sandbox.snmp().get(Self.sysUpTime).count == 1)
        }
    }

    @Test func `several run at once, in one namespace and in several`() async throws {
        try await NetworkNamespace.with { first async throws in
            try await NetworkNamespace.with { second async throws in
                try await Sandbox.with(in: first) { one async throws in
                    try await Sandbox.with(in: first, port: 2161) { two async throws in
                        try await Sandbox.with(in: second) { three async throws in
                            for sandbox in [one, two, three] {
                                #expect(try await sandbox.snmp().get(Self.sysUpTime).count == 1)
                            }
                            #expect(try two.variable("ORION_AGENT") == "udp:127.0.0.1:2161")
                        }
                    }
                }
            }
        }
    }

    @Test func `up says what is in the way and leaves nothing running`() async throws {
        try await NetworkNamespace.with { namespace async throws in
            try await withTemporaryDirectory { parent async throws in
                func refusal(
                    _ arguments: [String] = [], at directory: String = "sandbox", oriond: String = Host.oriond
                ) async throws -> String {
                    let result = try await Sandbox.command(
                        "up", parent.appending(path: directory), arguments, in: namespace,
                        environment: ["ORION": oriond])
                    #expect(result.status == 1)
                    #expect(try await succeed(["ip", "netns", "pids", namespace.name]) == "")
                    return result.error
                }
                #expect(try await refusal(oriond: "/nonexistent").contains("ORION names /nonexistent"))
                #expect(try await refusal(oriond: "/bin/false").contains("oriond ended"))
                #expect(try await refusal(["--port", "65535"]).contains("expected a port from 1 to 65534"))
                let bad = parent.appending(path: "bad.toml")
                try "[log]\nlevel = 1\n".write(to: bad, atomically: false, encoding: .utf8)
                #expect(
                    try await refusal(["--config", bad.path]).contains("\(bad.path):2: [log] level: expected one of"))
                #expect(try await refusal(at: String(repeating: "long/", count: 20)).contains("longer than 107 octets"))
                try FileManager.default.createDirectory(
                    at: parent.appending(path: "other/thing"), withIntermediateDirectories: true)
                #expect(try await refusal(at: "other").contains("holds something that is not a sandbox"))
                try await namespace.ip("link set lo down")
                #expect(try await refusal().contains("lo is down in this network namespace"))
            }
        }
    }

    @Test func `a port that is taken is named in the cause`() async throws {
        try await Sandbox.with { sandbox async throws in
            try await withTemporaryDirectory { parent async throws in
                let result = try await Sandbox.command("up", parent.appending(path: "b"), in: sandbox.namespace)
                #expect(result.status == 1)
                #expect(result.error.contains("Error opening specified endpoint \"udp:127.0.0.1:1161\""))
            }
        }
    }

    @Test func `passphrases are readable by their owner alone`() async throws {
        try await Sandbox.with { sandbox async throws in
            let files = try await succeed(["find", sandbox.directory.path, "-type", "f", "-perm", "/077"])
            #expect(files == "")
        }
    }

    @Test func `the lines of show work as they are printed`() async throws {
        try await Sandbox.with { sandbox async throws in
            let show = Host.root.appending(path: "Config/sandbox/show").path
            let output = try await succeed(sandbox.namespace.inside([show, "--dir", sandbox.directory.path]))
            let lines = output.split(separator: "\n").filter { $0.hasPrefix("snmpwalk ") }
            #expect(lines.count >= 2)
            for line in lines {
                let walk = try await succeed(sandbox.namespace.inside(["sh", "-c", String(line)]))
                #expect(walk.contains(".1 = "), "\(line)\n\(walk)")
            }
        }
    }
}
