import Foundation
import SMI
import Testing

/// SETs while oriond and snmpd are killed: the kernel, the audit and the answers agree afterwards.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct SuddenEndTests {
    @Test func `two thousand SETs while both daemons are killed again and again`() async throws {
        let count = 2000
        try await Sandbox.with { sandbox async throws in
            try await sandbox.namespace.ip("link add d0 type veth peer name d0peer")
            let index = try await KernelLink.named("d0", in: sandbox.namespace).ifindex
            // Not ifAlias: snmpd's own table answers for that while oriond is away.
            let mtu = InterfaceNames.orionMTU.appending(index)
            let oriond = try MortalDaemon(sandbox.processIdentifier("ORIOND_PID"), in: sandbox.namespace)
            let snmpd = try MortalDaemon(sandbox.processIdentifier("ORION_SNMPD_PID"), in: sandbox.namespace)
            let script = """
                for n in $(seq \(count)); do
                    snmpset \(try sandbox.variable("ORION_OPERATOR")) -t 1 -r 0 -Oqv \
                        \(try sandbox.variable("ORION_AGENT")) \(mtu) u $((1000 + n)) >/dev/null 2>&1 &&
                        echo $((1000 + n))
                done
                """
            let client = try BackgroundProcess(
                sandbox.namespace.inside(["sh", "-c", script]), environment: SNMPOutput.environment)
            // Whatever comes, nothing of it outlives the test.
            defer {
                client.send(SIGKILL)
                client.removeOutput()
                for mortal in [oriond, snmpd] { mortal.end() }
            }
            var snmp = try sandbox.snmp()
            snmp.patience = .milliseconds(500)
            var kills = 0
            while isRunning(client.identifier) {
                try await Task.sleep(for: .milliseconds(Int.random(in: 300...1200)))
                let victims = [[oriond], [snmpd], [oriond, snmpd]].randomElement() ?? []
                for victim in victims { await victim.die() }
                for victim in victims { try await victim.rise() }
                kills += victims.count
                try await eventually("the agent answers for oriond again", within: .seconds(30)) {
                    (try? await snmp.get(mtu).first?.value.isException) == false
                }
            }
            let answered = client.output.split(separator: "\n").compactMap { UInt32($0) }
            let final = try await KernelLink.named("d0", in: sandbox.namespace).mtu
            let shown = try await snmp.get(mtu).first?.value
            // What was begun last, and not known to have ended, is recorded as interrupted at the next start.
            await oriond.die()
            try await oriond.rise()
            try await eventually("the agent answers for oriond again", within: .seconds(30)) {
                (try? await snmp.get(mtu).first?.value.isException) == false
            }
            let records = try await sandbox.audit().filter { $0.event == "set" }
            let verification = try await sandbox.verifyAudit()

            #expect(verification.status == 0, "\(verification.output)")
            #expect(shown == .gauge32(final))
            var outcomes: [UInt64: String] = [:]
            for record in records { if let begun = record.announcement { outcomes[begun] = record.phase } }
            let begun = records.filter { $0.phase == "begun" }
            #expect(begun.allSatisfy { outcomes[$0.seq] != nil }, "each beginning has an outcome")
            let values = begun.map { (value: $0.objects?.first?.new?.text ?? "", outcome: outcomes[$0.seq] ?? "") }
            let happened = Set(values.filter { ["committed", "interrupted"].contains($0.outcome) }.map(\.value))
            for value in answered { #expect(happened.contains("\(value)"), "answered, and not in the audit: \(value)") }
            // The kernel has the last that was committed, or one that was interrupted after it.
            let last = values.lastIndex { $0.outcome == "committed" } ?? 0
            #expect(values[last...].contains { $0.value == "\(final)" && $0.outcome != "failed" })
            #expect(kills > 10 && answered.count > count / 4, "\(kills) kills, \(answered.count) answers")
            print(
                "\(kills) kills, \(answered.count) of \(count) answered, outcomes: "
                    + Dictionary(grouping: values, by: \.outcome).map { "\($0.value.count) \($0.key)" }.sorted().joined(
                        separator: ", "))
        }
    }
}
