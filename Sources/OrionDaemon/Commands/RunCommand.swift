import ArgumentParser
import Glibc
import NetworkModel

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run in the foreground until SIGTERM or SIGINT (the default).",
        discussion: "SIGHUP reads the configuration file again.")

    @Option(help: "The configuration file. Without it, \(ConfigurationSource.defaultFile) if there is one.")
    var config: String?

    @Option(help: "The AgentX socket of snmpd; comes before the configuration file.")
    var agentxSocket: String?

    @Option(help: "Where the key, the audit and the policies are kept; comes before the configuration file.")
    var stateDirectory: String?

    @Option(help: "Where snmpd's module tells what snmpd refused; comes before the configuration file.")
    var refusalSocket: String?

    @Option(help: "The least severe level to log; comes before the configuration file.")
    var logLevel: LogLevel?

    func validate() throws {
        _ = try overrides()
    }

    func run() async throws {
        let source = ConfigurationSource(file: config, overrides: try overrides())
        let environment = environment()
        let loaded: NetworkConfiguration
        do {
            loaded = try source.load()
        } catch {
            writeLine(error.description, to: STDERR_FILENO)
            throw ExitCode.badConfiguration
        }
        do {
            try await Daemon(source: source, configuration: loaded, environment: environment).run()
        } catch {
            // The log has it.
            throw ExitCode.failure
        }
    }

    private func overrides() throws -> [(setting: Setting, value: SettingValue)] {
        try [
            override("agentx", "socket", agentxSocket, option: "--agentx-socket"),
            override("security", "state_directory", stateDirectory, option: "--state-directory"),
            override("security", "refusal_socket", refusalSocket, option: "--refusal-socket"),
            override("log", "level", logLevel?.rawValue, option: "--log-level"),
        ].compactMap(\.self)
    }

    private func override(
        _ section: String, _ key: String, _ text: String?, option: String
    ) throws -> (setting: Setting, value: SettingValue)? {
        guard let text, let setting = Setting.named(section: section, key: key) else { return nil }
        guard setting.syntax.accepts(.text(text)) else {
            throw ValidationError("\(option): expected \(setting.syntax.expectation), found \"\(printable(text))\"")
        }
        return (setting, .text(text))
    }

    private func environment() -> [String: String] {
        var environment: [String: String] = [:]
        for name in ["NOTIFY_SOCKET", "JOURNAL_STREAM", "CREDENTIALS_DIRECTORY"] {
            environment[name] = getenv(name).map { String(cString: $0) }
        }
        return environment
    }
}

extension LogLevel: ExpressibleByArgument {}
