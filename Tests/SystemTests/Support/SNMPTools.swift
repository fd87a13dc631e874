import Foundation
import SMI

/// net-snmp's command-line tools against one agent, as one user.
struct SNMPTools: Sendable {
    let namespace: NetworkNamespace
    let agent: String
    let options: [String]
    /// How long an answer may take before the question is asked again, once.
    var patience: Duration = .seconds(5)

    /// GET; exceptions such as noSuchInstance come as values.
    func get(_ names: OID...) async throws -> [VarBind] {
        try await read("snmpget", names.map(\.description))
    }

    /// GETNEXT.
    func getNext(_ names: OID...) async throws -> [VarBind] {
        try await read("snmpgetnext", names.map(\.description))
    }

    /// Everything below `root`, by GETBULK. Throws when the names do not ascend.
    func walk(_ root: OID, repetitions: Int = 25) async throws -> [VarBind] {
        try await read("snmpbulkwalk", ["-Cr\(repetitions)", root.description]).filter { !$0.value.isException }
    }

    /// Everything below `root`, by GETNEXT.
    func walkByGetNext(_ root: OID) async throws -> [VarBind] {
        try await read("snmpwalk", [root.description]).filter { !$0.value.isException }
    }

    /// One SET of all of `assignments`; each value in the words of snmpset(1), such as ("i", "2").
    func set(_ assignments: [(OID, type: String, value: String)]) async throws -> SetOutcome {
        let arguments = assignments.flatMap { [$0.0.description, $0.type, $0.value] }
        let result = try await tool("snmpset", arguments)
        if result.status == 0 { return .done }
        guard let reason = field("Reason:", in: result.error) else {
            throw CommandFailure(command: ["snmpset"] + arguments, result: result)
        }
        return .refused(
            String(reason.prefix { !$0.isWhitespace }), field("Failed object:", in: result.error).flatMap { OID($0) })
    }

    func set(_ name: OID, _ type: String, _ value: String) async throws -> SetOutcome {
        try await set([(name, type: type, value: value)])
    }

    private func field(_ label: String, in text: String) -> Substring? {
        text.split(separator: "\n").first { $0.hasPrefix(label) }.map {
            $0.dropFirst(label.count).drop { $0.isWhitespace }
        }
    }

    private func read(_ program: String, _ arguments: [String]) async throws -> [VarBind] {
        let result = try await tool(program, arguments)
        guard result.status == 0 else {
            throw CommandFailure(command: [program] + arguments, result: result)
        }
        return try SNMPOutput.parse(result.output)
    }

    /// Runs one tool, which reads and leaves nothing of the host's own.
    private func tool(_ program: String, _ arguments: [String]) async throws -> CommandResult {
        let command =
            [program] + options + ["-t", "\(patience / .seconds(1))", "-r", "1"] + SNMPOutput.options + [agent]
            + arguments
        // Options of snmpbulkwalk stand before the agent.
        let ordered = command.filter { $0.hasPrefix("-Cr") }
        let rest = command.filter { !$0.hasPrefix("-Cr") }
        return try await run(
            namespace.inside([rest[0]] + ordered + rest.dropFirst()), environment: SNMPOutput.environment)
    }
}

/// How a SET ended.
enum SetOutcome: Sendable, Hashable {
    case done
    /// The SNMP error and the object it is about; nil when none is named.
    case refused(String, OID?)
}
