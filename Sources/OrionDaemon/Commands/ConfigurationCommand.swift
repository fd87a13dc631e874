import ArgumentParser
import Glibc

struct ConfigurationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Change the configuration of the running daemon, or look at it.",
        subcommands: [
            Check.self, Default.self, Reference.self, Apply.self, Confirm.self, Cancel.self, Show.self, Export.self,
            Diff.self, Revisions.self, Rollback.self, Unlock.self,
        ])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Check a file; exit status 78 when it is bad.")

        @Argument(help: "The file to check.")
        var file: String

        func run() throws {
            do {
                _ = try ConfigurationReader.read(file: file)
            } catch {
                writeLine(error.description, to: STDERR_FILENO)
                throw ExitCode.badConfiguration
            }
            print("\(printable(file)): good")
        }
    }

    struct Default: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a file with every setting, its default and its meaning.")

        func run() {
            print(ConfigurationDocument.defaultFile, terminator: "")
        }
    }

    struct Reference: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the reference of all settings in Markdown.")

        func run() {
            print(ConfigurationDocument.reference, terminator: "")
        }
    }
}
