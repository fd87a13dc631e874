import Foundation
import SMI
import Testing

/// Who sent a SET, whether they may, and what the audit says of it: through snmpd with its module.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct PrincipalTests {
    private static let securityEventKind: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 8, 0]
    private static let ruleEntry: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 8, 1, 4, 1]

    /// The ifIndex of each of these veths, whose peers are in the namespace too.
    private func veths(_ names: [String], in sandbox: Sandbox) async throws -> [String: UInt32] {
        var indexes: [String: UInt32] = [:]
        for name in names {
            try await sandbox.namespace.ip("link add \(name) type veth peer name \(name)p")
            indexes[name] = try await KernelLink.named(name, in: sandbox.namespace).ifindex
        }
        let snmp = try sandbox.snmp()
        for (name, index) in indexes {
            try await eventually("the row of \(name)") {
                try await snmp.get(InterfaceNames.ifName.appending(index)).first?.value == .text(name)
            }
        }
        return indexes
    }

    /// Sets ifAlias of interface `index` to 1, 2 ... `count`, one after the other.
    private func setAliases(
        _ sandbox: Sandbox, _ options: String, _ index: UInt32, count: Int
    ) async throws -> CommandResult {
        let name = InterfaceNames.ifAlias.appending(index)
        let script = """
            for n in $(seq \(count)); do
                snmpset \(options) -t 10 -r 0 -Oqv \(try sandbox.variable("ORION_AGENT")) \(name) s $n || exit 1
            done
            """
        return try await run(
            sandbox.namespace.inside(["sh", "-c", script]), environment: SNMPOutput.environment, within: .seconds(400))
    }

    @Test func `a thousand SETs each of two users and a community, at once, are recorded under the right name`()
        async throws
    {
        let count = 1000
        let community = """
            com2sec laboratory 127.0.0.1 c0mmunity
            group laboratories v2c laboratory
            access laboratories "" v2c noauth exact orionRead orionOperate none

            """
        try await Sandbox.with(snmpd: community) { sandbox async throws in
            let links = try await veths(["p0", "p1", "p2"], in: sandbox)
            let senders = [
                (user: "operator", link: "p0", options: try sandbox.variable("ORION_OPERATOR")),
                (user: "admin", link: "p1", options: try sandbox.variable("ORION_ADMIN")),
                (user: "laboratory", link: "p2", options: "-v2c -c c0mmunity"),
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for sender in senders {
                    let index = try #require(links[sender.link])
                    group.addTask {
                        let result = try await setAliases(sandbox, sender.options, index, count: count)
                        #expect(result.status == 0, "\(sender.user): \(result.error)")
                    }
                }
                try await group.waitForAll()
            }
            let records = try await sandbox.audit().filter { $0.event == "set" }
            let committed = Set(records.filter { $0.phase == "committed" }.compactMap(\.announcement))
            let expected = (1...count).map { String($0) }
            for sender in senders {
                let own = records.filter { $0.user == sender.user && $0.phase == "begun" }
                #expect(own.compactMap { $0.objects?.first?.new?.text } == expected, "\(sender.user)")
                #expect(own.allSatisfy { $0.objects?.first?.target == sender.link && committed.contains($0.seq) })
                #expect(own.allSatisfy { $0.model == (sender.user == "laboratory" ? "v2c" : "usm") })
            }
            #expect(records.count == 2 * senders.count * count)
            #expect(try await sandbox.verifyAudit().status == 0)
            // The community may write without encryption: said in the table of warnings, and in the log.
            try await eventually("a warning about the community") {
                sandbox.oriondLog.contains("group \"laboratories\" (v2c)") || sandbox.oriondLog.contains("laboratories")
            }
        }
    }

    @Test func `a rule keeps operators from shutting uplinks, and nothing else`() async throws {
        try await Sandbox.with { sandbox async throws in
            let links = try await veths(["uplink0", "access0"], in: sandbox)
            let uplink = InterfaceNames.ifAdminStatus.appending(try #require(links["uplink0"]))
            let access = InterfaceNames.ifAdminStatus.appending(try #require(links["access0"]))
            let admin = try sandbox.snmp(as: .admin)
            let operate = try sandbox.snmp(as: .operator)
            try await TrapReceiver.with(sandbox) { receiver async throws in
                func cell(_ column: UInt32) -> OID {
                    Self.ruleEntry.appending([column] + [7] + Array("uplinks".utf8).map { UInt32($0) })
                }
                let made = try await admin.set([
                    (cell(2), type: "u", value: "10"), (cell(4), type: "s", value: "operator"),
                    (cell(7), type: "x", value: "20"), (cell(8), type: "i", value: "2"),
                    (cell(9), type: "s", value: "uplink*"), (cell(14), type: "i", value: "2"),
                    (cell(20), type: "i", value: "4"),
                ])
                #expect(made == .done)
                #expect(try await operate.set(uplink, "i", "1") == .refused("noAccess", uplink))
                #expect(try await operate.set(access, "i", "1") == .done)
                #expect(try await admin.set(uplink, "i", "1") == .done)
                // Both in one request: nothing of it happens.
                #expect(
                    try await operate.set([(access, type: "i", value: "2"), (uplink, type: "i", value: "2")])
                        == .refused("noAccess", uplink))
                #expect(try await KernelLink.named("access0", in: sandbox.namespace).flags.contains("UP"))
                let denied = try await receiver.next("accessDenied") { $0.kind == Self.securityEventKind.appending(1) }
                #expect(
                    denied.value(ofColumn: InterfaceNames.ifIndex) == .integer(Int32(try #require(links["uplink0"]))))
            }
            let records = try await sandbox.audit().filter { $0.event == "set" && $0.user == "operator" }
            #expect(records.map(\.phase) == ["refused", "begun", "committed", "refused"])
            #expect(records.first?.result == "noAccess")
            #expect(records.first?.reason?.contains("uplinks") == true)
        }
    }

    @Test func `what snmpd itself refuses is counted, told and recorded`() async throws {
        try await Sandbox.with { sandbox async throws in
            try await TrapReceiver.with(sandbox) { receiver async throws in
                let name = InterfaceNames.ifAlias.appending(1)
                let monitor = try sandbox.snmp(as: .monitor)
                for _ in 1...3 { #expect(try await monitor.set(name, "s", "m") == .refused("noAccess", name)) }
                let told = try await receiver.next("a refusal") { $0.kind == Self.securityEventKind.appending(8) }
                #expect(told.bindings.contains { $0.value == .text("monitor") })
                #expect(told.bindings.contains { $0.value == .text("ifAlias.1") })
                let counter: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 8, 1, 10, 13, 0]
                try await eventually("three refusals") { try await monitor.get(counter).first?.value == .counter64(3) }
                let records = try await sandbox.audit().filter { $0.event == "authentication" }
                #expect(records.count == 1, "like refusals are recorded once in a while")
                #expect(records.first?.user == "monitor" && records.first?.phase == "refused")
                // Users of the sandbox: three, all with authentication and privacy.
                let users: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 8, 1, 1, 8, 0]
                try await eventually("the users of snmpd") { try await monitor.get(users).first?.value == .gauge32(3) }
            }
        }
    }

    @Test func `without the module SETs are refused and told, and GETs go on`() async throws {
        try await Sandbox.with(module: "none") { sandbox async throws in
            try await TrapReceiver.with(sandbox) { receiver async throws in
                let name = InterfaceNames.ifAlias.appending(1)
                let admin = try sandbox.snmp(as: .admin)
                #expect(try await admin.set(name, "s", "x") == .refused("authorizationError", name))
                #expect(try await admin.get(InterfaceNames.ifName.appending(1)).first?.value == .text("lo"))
                _ = try await receiver.next("principalUnavailable") { $0.kind == Self.securityEventKind.appending(5) }
                try await eventually("the log says so") {
                    sandbox.oriondLog.contains("SETs come without their principal")
                }
                let records = try await sandbox.audit().filter { $0.event == "authentication" }
                #expect(records.map(\.result) == ["authorizationError"])
            }
        }
    }
}
