import ArgumentParser
import Glibc
import NetworkManagement
import NetworkModel
import StateStore

/// `oriond audit`: what the audit says, and whether it is as it was written.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show the audit, or check that nobody has changed it.",
        subcommands: [Show.self, Verify.self])

    /// Where the state is, on the command line of every command that reads it.
    struct State: ParsableArguments {
        @Option(help: "The configuration file. Without it, \(ConfigurationSource.defaultFile) if there is one.")
        var config: String?

        @Option(help: "Where the key and the audit are kept; comes before the configuration file.")
        var stateDirectory: String?

        func directory() throws -> String {
            if let stateDirectory { return stateDirectory }
            do {
                return try ConfigurationSource(file: config).load().security.stateDirectory
            } catch {
                writeLine(error.description, to: STDERR_FILENO)
                throw ExitCode.badConfiguration
            }
        }

        func keyFile() throws -> KeyFile {
            KeyFile(
                credentials: getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) }, directory: try directory())
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print records, oldest first.",
            discussion: "Values that are kept sealed are shown as ***.")

        @OptionGroup var state: State

        @Option(help: "Not before this time, as 2026-01-31T23:59:59Z.")
        var since: String?

        @Option(help: "Only what this user did.")
        var user: String?

        @Option(help: "At most so many of the newest.")
        var limit: Int?

        @Option(help: "table or json.")
        var format: AuditRendering.Format = .table

        func run() throws {
            var filter = AuditReader.Filter()
            if let since {
                guard let time = TimeText.time(from: since) else {
                    throw ValidationError(
                        "--since: expected a time as 2026-01-31T23:59:59Z, found \"\(printable(since))\"")
                }
                filter.since = time
            }
            filter.user = user.map { Array($0.utf8) }
            filter.limit = limit
            let text = try reporting {
                let entries = try AuditReader().entries(try state.directory() + "/audit", filter)
                return try AuditRendering.text(entries, format)
            }
            print(text, terminator: "")
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a file or a directory of the audit; exit status 1 when something is not as it was written."
        )

        @Argument(help: "The file or directory; without it, the audit of the state directory.")
        var path: String?

        @OptionGroup var state: State

        func run() throws {
            let verification = try reporting {
                let keys = try state.keyFile().read()
                return try AuditVerifier(keys: keys).verify(try path ?? state.directory() + "/audit")
            }
            print(AuditRendering.text(verification), terminator: "")
            if !verification.isSound { throw ExitCode.failure }
        }
    }
}

/// `oriond key`: the key that seals the audit.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Manage the key of the state.", subcommands: [Rotate.self])

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a new key in force at the next start; the earlier ones go on opening what they sealed.")

        @OptionGroup var state: AuditCommand.State

        func run() throws {
            let file = try state.keyFile()
            _ = try reporting { try file.rotate() }
            print("a new key is in \(printable(file.path)); restart oriond to use it")
        }
    }
}

extension AuditRendering.Format: ExpressibleByArgument {}

/// Runs `body`, and ends with its error on standard error.
private func reporting<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as StoreError {
        writeLine("oriond: \(error)", to: STDERR_FILENO)
        throw ExitCode.failure
    }
}
