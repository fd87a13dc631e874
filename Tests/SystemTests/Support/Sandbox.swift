import Foundation

/// A running `Config/sandbox/sandbox`.
struct Sandbox: Sendable {
    let namespace: NetworkNamespace
    let directory: URL
    /// What `sandbox env` says.
    let variables: [String: String]

    enum User: String, Sendable, CaseIterable {
        case monitor = "ORION_MONITOR"
        case `operator` = "ORION_OPERATOR"
        case admin = "ORION_ADMIN"
    }

    /// Runs one in a namespace of its own, and ends both afterwards.
    ///
    /// - Parameters:
    ///   - snmpd: what snmpd's configuration says besides.
    ///   - module: the module for snmpd; "none" for none.
    static func with<Result>(
        configuration: String? = nil, snmpd: String? = nil, module: String? = nil,
        _ body: (Sandbox) async throws -> Result
    ) async throws -> Result {
        try await NetworkNamespace.with { namespace in
            try await with(in: namespace, configuration: configuration, snmpd: snmpd, module: module, body)
        }
    }

    /// Runs one in `namespace`, and ends it afterwards.
    static func with<Result>(
        in namespace: NetworkNamespace, port: Int = 1161, configuration: String? = nil, snmpd: String? = nil,
        module: String? = nil, _ body: (Sandbox) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryDirectory { parent in
            let directory = parent.appending(path: "sandbox")
            var arguments = ["--port", String(port)]
            if let configuration {
                let file = parent.appending(path: "oriond.toml")
                try configuration.write(to: file, atomically: false, encoding: .utf8)
                arguments += ["--config", file.path]
            }
            var settings: [String: String] = [:]
            if let snmpd {
                let file = parent.appending(path: "snmpd-more.conf")
                try snmpd.write(to: file, atomically: false, encoding: .utf8)
                settings["ORION_SANDBOX_SNMPD_CONF"] = file.path
            }
            if let module { settings["ORION_SANDBOX_MODULE"] = module }
            let raised = try await command("up", directory, arguments, in: namespace, environment: settings)
            guard raised.status == 0 else { throw CommandFailure(command: ["sandbox", "up"], result: raised) }
            do {
                let variables = try await environment(directory, in: namespace)
                let sandbox = Sandbox(namespace: namespace, directory: directory, variables: variables)
                let result = try await body(sandbox)
                _ = try await command("down", directory, in: namespace)
                return result
            } catch {
                _ = try await command("down", directory, in: namespace)
                throw error
            }
        }
    }

    /// Runs `sandbox NAME --dir DIRECTORY`.
    static func command(
        _ name: String, _ directory: URL, _ arguments: [String] = [], in namespace: NetworkNamespace,
        environment: [String: String] = [:]
    ) async throws -> CommandResult {
        try await run(
            namespace.inside([Host.sandbox, name, "--dir", directory.path] + arguments),
            environment: ["ORION": Host.oriond].merging(environment) { _, new in new })
    }

    /// The variables of `sandbox env`, as a shell that evaluates it sees them.
    static func environment(_ directory: URL, in namespace: NetworkNamespace) async throws -> [String: String] {
        let script = "set -a; eval \"$(\(Host.sandbox) env --dir \(directory.path))\"; env -0"
        let output = try await succeed(namespace.inside(["sh", "-c", script]))
        var variables: [String: String] = [:]
        for entry in output.split(separator: "\0") {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if let name = parts.first, name.hasPrefix("ORION") { variables[String(name)] = parts.last.map(String.init) }
        }
        return variables
    }

    /// A client that asks as `user`.
    func snmp(as user: User = .monitor) throws -> SNMPTools {
        SNMPTools(
            namespace: namespace, agent: try variable("ORION_AGENT"),
            options: try variable(user.rawValue).split(separator: " ").map(String.init))
    }

    func variable(_ name: String) throws -> String {
        guard let value = variables[name] else { throw MissingVariable(name: name) }
        return value
    }

    func processIdentifier(_ name: String) throws -> pid_t {
        guard let identifier = pid_t(try variable(name)) else { throw MissingVariable(name: name) }
        return identifier
    }

    var oriondLog: String {
        (try? String(contentsOf: directory.appending(path: "log/oriond.log"), encoding: .utf8)) ?? ""
    }

    var snmpdLog: String {
        (try? String(contentsOf: directory.appending(path: "log/snmpd.log"), encoding: .utf8)) ?? ""
    }
}

struct MissingVariable: Error {
    let name: String
}
