import ArgumentParser

/// The version that `oriond --version` prints.
let version = "0.1.0"

/// The command line of `oriond`.
package enum Oriond {
    /// Runs what the process's arguments ask for, and exits.
    package static func main() async {
        await OriondCommand.main()
    }
}

struct OriondCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "oriond",
        abstract: "Manages the network interfaces and drivers of this host over SNMP, as an AgentX subagent of snmpd.",
        version: "oriond \(version)",
        subcommands: [RunCommand.self, ConfigurationCommand.self, AuditCommand.self, KeyCommand.self],
        defaultSubcommand: RunCommand.self
    )
}

extension ExitCode {
    /// EX_CONFIG of sysexits.h.
    static let badConfiguration = ExitCode(78)
}
