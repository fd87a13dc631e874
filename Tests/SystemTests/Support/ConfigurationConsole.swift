import Foundation
import SMI
import Testing

/// Somebody who changes the configuration of a sandbox, over SNMP in a session or by commands on the host.
struct ConfigurationConsole: Sendable {
    let sandbox: Sandbox
    let snmp: SNMPTools

    /// What the file of the sandbox says, and every other file of a test.
    static let base = "[network_manager]\nmanager_max_interfaces = 200\n[security]\nprincipal = \"optional\"\n"

    /// Runs a sandbox with a session in it.
    ///
    /// - Parameters:
    ///   - base: what the file says.
    ///   - configuration: what it says behind `base`, whose last section is `[security]`.
    ///   - links: commands of ip(8) that make interfaces.
    static func with(
        _ configuration: String = "", base: String = base, links: [String] = [],
        _ body: (ConfigurationConsole) async throws -> Void
    ) async throws {
        try await Sandbox.with(configuration: base + configuration) { sandbox async throws in
            try await sandbox.namespace.ip(batch: links)
            let console = ConfigurationConsole(sandbox: sandbox, snmp: try sandbox.snmp(as: .admin))
            try await eventually("the first revision") {
                try await console.snmp.get(ConfigurationNames.revision).first?.value == .gauge32(1)
            }
            try await console.open()
            try await body(console)
        }
    }

    /// Makes the session.
    func open() async throws {
        #expect(try await snmp.set(ConfigurationNames.sessionRowStatus + ConfigurationNames.owner, "i", "4") == .done)
    }

    /// Begins an operation of the session, and waits for its end.
    ///
    /// - Returns: orionConfigSessionState.
    func perform(
        _ operation: Int, _ others: [(OID, type: String, value: String)] = []
    ) async throws -> Value? {
        let name = ConfigurationNames.sessionOperation + ConfigurationNames.owner
        #expect(try await snmp.set(others + [(name, type: "i", value: "\(operation)")]) == .done)
        let state = ConfigurationNames.sessionState + ConfigurationNames.owner
        try await eventually("the operation ends") { try await snmp.get(state).first?.value != .integer(2) }
        return try await snmp.get(state).first?.value
    }

    /// Edits settings over SNMP, each a path and a value, and commits.
    func commit(_ settings: [(path: String, value: String)]) async throws {
        #expect(try await snmp.set(settings.map { ConfigurationNames.edit($0.path, $0.value) }) == .done)
        let state = try await perform(3)
        let result = try await snmp.get(ConfigurationNames.sessionResult + ConfigurationNames.owner).first?.value
        #expect(state == .integer(3), "\(settings): \(String(describing: result))")
    }

    /// Runs `oriond config`.
    func command(_ arguments: String...) async throws -> CommandResult {
        try await run([Host.oriond, "config"] + arguments + stateDirectory)
    }

    /// Applies a file of this text.
    func apply(_ text: String, _ options: [String] = []) async throws -> CommandResult {
        let file = sandbox.directory.appending(path: "candidate-\(UUID().uuidString).toml")
        try text.write(to: file, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        return try await run([Host.oriond, "config", "apply", file.path] + options + stateDirectory)
    }

    var stateDirectory: [String] { ["--state-directory", sandbox.directory.appending(path: "state").path] }

    /// Waits until oriond has started, has put its configuration in force, and answers snmpd.
    func awaitStart() async throws {
        try await eventually("oriond takes commands", within: .seconds(30)) {
            try await command("revisions").status == 0
        }
        try await eventually("oriond answers snmpd", within: .seconds(30)) {
            (try? await snmp.get(ConfigurationNames.revision).first?.value.isException) == false
        }
    }
}
