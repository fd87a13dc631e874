import Glibc
import MIBGeneration

@main
struct Main {
    static func main() {
        guard let command = GenerationCommand(Array(CommandLine.arguments.dropFirst())) else {
            end(with: 2, GenerationCommand.usage)
        }
        do {
            let findings = try command.run()
            if !findings.isEmpty { end(with: 1, findings.joined(separator: "\n")) }
        } catch {
            end(with: 1, "\(error)")
        }
    }

    private static func end(with status: Int32, _ message: String) -> Never {
        let text = message + "\n"
        write(STDERR_FILENO, text, text.utf8.count)
        exit(status)
    }
}
