import ArgumentParser
import Glibc

// The commands that ask the running daemon.
extension ConfigurationCommand {
    /// How the running daemon is found, and how its answer is shown.
    struct Daemon: ParsableArguments {
        @OptionGroup var state: AuditCommand.State

        @Option(help: "table, json or toml; toml for export, else table where nothing is said.")
        var format: ControlRendering.Format?

        func ask(_ request: ControlRequest) throws -> ControlReply {
            try ControlClient(path: try state.directory() + "/" + ControlSocket.name).ask(request)
        }

        func show(_ request: ControlRequest) throws {
            try show(request, as: format ?? .table)
        }

        func show(_ request: ControlRequest, as format: ControlRendering.Format) throws {
            let reply = try ask(request)
            print(ControlRendering.text(reply, as: format), terminator: "")
            guard let error = reply.error else { return }
            if format == .table { writeLine("oriond: \(error)", to: STDERR_FILENO) }
            throw ExitCode.failure
        }
    }

    struct Apply: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a file in force, whole or not at all.",
            discussion: "With --confirm-within it is taken back after that time unless `oriond config confirm` is run.")

        @Argument(help: "The file.") var file: String
        @Option(help: "Seconds, 1 to 86400.") var confirmWithin: Int?
        @Option(help: "What the revision says of itself.") var comment: String?
        @Flag(help: "Only say what it would do.") var dryRun = false
        @OptionGroup var daemon: Daemon

        func validate() throws {
            guard confirmWithin.map({ (1...86_400).contains($0) }) ?? true else {
                throw ValidationError("--confirm-within: expected 1 to 86400 seconds")
            }
        }

        func run() throws {
            var request = ControlRequest(action: dryRun ? .check : .apply)
            request.text = try text(of: file)
            request.file = file
            request.confirmWithin = confirmWithin
            request.comment = comment
            try daemon.show(request)
        }
    }

    struct Confirm: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Keep the revision in force that waits for it.")
        @OptionGroup var daemon: Daemon
        func run() throws { try daemon.show(ControlRequest(action: .confirm)) }
    }

    struct Cancel: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take back the revision that waits to be confirmed.")
        @OptionGroup var daemon: Daemon
        func run() throws { try daemon.show(ControlRequest(action: .cancel)) }
    }

    struct Unlock: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the lock from the session of a console that is gone; its edits stay.")
        @OptionGroup var daemon: Daemon
        func run() throws { try daemon.show(ControlRequest(action: .unlock)) }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print what is in force, or a revision.")
        @Argument(help: "A revision.") var revision: UInt32?
        @OptionGroup var daemon: Daemon

        func run() throws {
            var request = ControlRequest(action: .show)
            request.revision = revision
            try daemon.show(request)
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print what is in force as a file that reads back identically.")
        @OptionGroup var daemon: Daemon

        func run() throws { try daemon.show(ControlRequest(action: .show), as: daemon.format ?? .toml) }
    }

    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print what differs between two revisions, or between what is in force and a file.")
        @Argument(help: "The earlier revision; without it, what is in force.") var from: UInt32?
        @Argument(help: "The later revision; without it, what is in force.") var to: UInt32?
        @Option(help: "Compare with this file instead of a revision.") var file: String?
        @OptionGroup var daemon: Daemon

        func run() throws {
            var request = ControlRequest(action: .diff)
            request.revision = from
            request.other = to
            request.text = try file.map { try text(of: $0) }
            request.file = file
            try daemon.show(request)
        }
    }

    struct Revisions: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the revisions.")
        @OptionGroup var daemon: Daemon
        func run() throws { try daemon.show(ControlRequest(action: .revisions)) }
    }

    struct Rollback: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put in force what a revision held, as a new one.")
        @Argument(help: "The revision.") var revision: UInt32
        @Option(help: "Seconds, 1 to 86400.") var confirmWithin: Int?
        @OptionGroup var daemon: Daemon

        func run() throws {
            var request = ControlRequest(action: .rollback)
            request.revision = revision
            request.confirmWithin = confirmWithin
            try daemon.show(request)
        }
    }
}

extension ControlRendering.Format: ExpressibleByArgument {}

private func text(of file: String) throws -> String {
    do {
        return try ConfigurationFile.text(of: file)
    } catch {
        writeLine("\(error)", to: STDERR_FILENO)
        throw ExitCode.badConfiguration
    }
}
