import Foundation
import SMI
import Testing

/// oriond and snmpd, when one of them goes away and comes back.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct MasterAgentTests {
    private static let orionModules: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2]

    /// Whether the tables are ours: snmpd's own has no stack.
    private func isOurs(_ snmp: SNMPTools) async throws -> Bool {
        try await !snmp.walk(InterfaceNames.ifStackStatus).isEmpty
    }

    private func startOriond(_ sandbox: Sandbox) throws -> BackgroundProcess {
        try BackgroundProcess(
            sandbox.namespace.inside([
                Host.oriond, "--agentx-socket", try sandbox.variable("ORION_AGENTX"), "--state-directory",
                sandbox.directory.appending(path: "state").path,
            ]))
    }

    @Test(arguments: [SIGKILL, SIGTERM])
    func `snmpd's own tables answer when oriond goes, and ours when it comes back`(signal: Int32) async throws {
        try await Sandbox.with { sandbox async throws in
            let snmp = try sandbox.snmp()
            #expect(try await isOurs(snmp))
            kill(try sandbox.processIdentifier("ORIOND_PID"), signal)
            try await eventually("snmpd's own tables answer") {
                let isGone = try await !isOurs(snmp)
                // At no time is there no table at all.
                #expect(try await !snmp.walk(InterfaceNames.ifDescr).isEmpty)
                return isGone
            }
            #expect(try await snmp.walk(Self.orionModules).isEmpty)

            let second = try startOriond(sandbox)
            defer { second.removeOutput() }
            try await eventually("our tables answer again") { try await isOurs(snmp) }
            #expect(try await !snmp.walk(Self.orionModules).isEmpty)
            #expect(await second.terminate() == 0)
        }
    }

    @Test func `oriond waits for an snmpd that is not there yet`() async throws {
        try await NetworkNamespace.with { namespace async throws in
            try await withTemporaryDirectory { directory async throws in
                let process = try BackgroundProcess(
                    namespace.inside([
                        Host.oriond, "--agentx-socket", directory.appending(path: "agentx").path,
                        "--state-directory", directory.appending(path: "state").path,
                    ]))
                defer { process.removeOutput() }
                try await eventually("ready") { process.error.contains("msg=ready") }
                #expect(await process.terminate() == 0)
            }
        }
    }

    @Test(arguments: [SIGKILL, SIGTERM])
    func `oriond finds an snmpd that was started anew, and registers again`(signal: Int32) async throws {
        try await Sandbox.with { sandbox async throws in
            var snmp = try sandbox.snmp()
            snmp.patience = .milliseconds(500)
            let command = [
                "snmpd", "-f", "-C", "-c", sandbox.directory.appending(path: "snmpd.conf").path, "-Lo", "-I",
                "-smux,mteTrigger,mteTriggerConf",
            ]
            var identifier = try sandbox.processIdentifier("ORION_SNMPD_PID")
            for _ in 0..<2 {
                kill(identifier, signal)
                try await eventually("snmpd is gone") { !isRunning(identifier) }
                let replacement = try BackgroundProcess(
                    sandbox.namespace.inside(command),
                    environment: [
                        "SNMPCONFPATH": sandbox.directory.appending(path: "snmpd").path,
                        "SNMP_PERSISTENT_DIR": sandbox.directory.appending(path: "snmpd").path, "MIBS": "",
                    ])
                identifier = replacement.identifier
                try await eventually("our tables answer through the new snmpd") {
                    guard let answer = try? await isOurs(snmp) else { return false }
                    return answer
                }
                replacement.removeOutput()
            }
            #expect(isRunning(try sandbox.processIdentifier("ORIOND_PID")))
            kill(identifier, SIGTERM)
        }
    }

    @Test func `a reload of snmpd leaves the session alone`() async throws {
        try await Sandbox.with { sandbox async throws in
            let snmp = try sandbox.snmp()
            for _ in 0..<3 {
                kill(try sandbox.processIdentifier("ORION_SNMPD_PID"), SIGHUP)
                try await eventually("our tables answer after the reload") {
                    guard let answer = try? await isOurs(snmp) else { return false }
                    return answer
                }
            }
            #expect(isRunning(try sandbox.processIdentifier("ORION_SNMPD_PID")))
            #expect(isRunning(try sandbox.processIdentifier("ORIOND_PID")))
        }
    }

    @Test func `an snmpd that hangs for a while is answered afterwards`() async throws {
        try await Sandbox.with { sandbox async throws in
            let snmpd = try sandbox.processIdentifier("ORION_SNMPD_PID")
            kill(snmpd, SIGSTOP)
            try await sandbox.namespace.ip(batch: (0..<50).map { "link add h\($0) type bridge" })
            kill(snmpd, SIGCONT)
            let snmp = try sandbox.snmp()
            try await eventually("all links") { try await snmp.walk(InterfaceNames.ifIndex).count == 51 }
        }
    }
}
