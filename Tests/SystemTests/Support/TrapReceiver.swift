import Foundation
import SMI

/// A trap or an inform that arrived.
struct ReceivedNotification: Sendable {
    let isInform: Bool
    let bindings: [VarBind]

    /// snmpTrapOID.0.
    var kind: OID? {
        if case .objectIdentifier(let name) = value(of: [1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0]) { name } else { nil }
    }

    func value(of name: OID) -> Value? {
        bindings.first { $0.name == name }?.value
    }

    /// The value of the only instance of a column.
    func value(ofColumn column: OID) -> Value? {
        bindings.first { $0.name.starts(with: column) }?.value
    }

    static let linkDown: OID = [1, 3, 6, 1, 6, 3, 1, 1, 5, 3]
    static let linkUp: OID = [1, 3, 6, 1, 6, 3, 1, 1, 5, 4]
}

/// net-snmp's snmptrapd on a sandbox's trap port, set up to decode what the sandbox sends.
struct TrapReceiver: Sendable {
    private let process: BackgroundProcess

    /// Receives while `body` runs.
    static func with<Result>(
        _ sandbox: Sandbox, _ body: (TrapReceiver) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "snmptrapd.conf")
            let options = try sandbox.variable("ORION_MONITOR").split(separator: " ").map(String.init)
            let passphrases = try ["-A", "-X"].map { option in
                guard let position = options.firstIndex(of: option), position + 1 < options.count else {
                    throw MissingVariable(name: option)
                }
                return options[position + 1]
            }
            let user = "monitor SHA-256 \(passphrases[0]) AES \(passphrases[1])"
            // A trap carries the sender's engine identifier, an inform the receiver's.
            try """
            exactEngineID \(sandbox.variable("ORION_TRAP_ENGINE_ID"))
            createUser -e \(sandbox.variable("ORION_ENGINE_ID")) \(user)
            createUser \(user)
            authUser log monitor priv

            """.write(to: file, atomically: false, encoding: .utf8)
            let command = [
                "snmptrapd", "-f", "-C", "-c", file.path, "-n", "-Lo", "-F", "%V|%P|%v\\n",
                "udp:127.0.0.1:\(try sandbox.variable("ORION_TRAP_PORT"))",
            ]
            let process = try BackgroundProcess(
                sandbox.namespace.inside([command[0]] + SNMPOutput.options + command.dropFirst()),
                environment: SNMPOutput.environment.merging(["SNMP_PERSISTENT_DIR": directory.path]) { $1 })
            let receiver = TrapReceiver(process: process)
            do {
                try await eventually("snmptrapd runs") { process.output.contains("NET-SNMP version") }
                let result = try await body(receiver)
                await process.terminate()
                process.removeOutput()
                return result
            } catch {
                await process.terminate()
                process.removeOutput()
                throw error
            }
        }
    }

    /// Everything that has arrived so far.
    func received() throws -> [ReceivedNotification] {
        // The last line may still be on its way.
        let output = process.output
        let whole = output[..<(output.lastIndex(of: "\n") ?? output.startIndex)]
        // Octets go on in a further line after each sixteen.
        var lines: [String] = []
        for line in whole.split(separator: "\n") {
            if line.hasPrefix("TRAP2") || line.hasPrefix("INFORM") || lines.isEmpty {
                lines.append(String(line))
            } else {
                lines[lines.count - 1] += line
            }
        }
        return try lines.compactMap { line in
            let fields = line.split(separator: "|")
            guard let head = fields.first, head.hasPrefix("TRAP2") || head.hasPrefix("INFORM") else { return nil }
            let bindings = try fields.dropFirst().map { try SNMPOutput.entry(String($0)) }
            return ReceivedNotification(isInform: head.hasPrefix("INFORM"), bindings: bindings)
        }
    }

    /// Waits for a trap that `matches`, and returns the first.
    func next(
        _ what: String, within limit: Duration = .seconds(10), matching matches: (ReceivedNotification) -> Bool
    ) async throws -> ReceivedNotification {
        var found: ReceivedNotification?
        try await eventually(what, within: limit) {
            found = try received().first { !$0.isInform && matches($0) }
            return found != nil
        }
        guard let found else { throw NotInTime(what: what, limit: limit) }
        return found
    }
}
