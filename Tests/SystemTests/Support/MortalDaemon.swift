import Foundation
import Testing

/// A daemon that is killed and started again as it was.
final class MortalDaemon {
    private let command: [String]
    private let environment: [String: String]
    private let namespace: NetworkNamespace
    private var identifier: pid_t
    private var successor: BackgroundProcess?

    init(_ identifier: pid_t, in namespace: NetworkNamespace) throws {
        self.identifier = identifier
        self.namespace = namespace
        var words = try Self.strings("/proc/\(identifier)/cmdline")
        // snmpd has cut its list of modules apart where it stands.
        if let list = words.firstIndex(of: "-I") {
            words.replaceSubrange((list + 1)..., with: [words[(list + 1)...].joined(separator: ",")])
        }
        command = words
        let settings = try Self.strings("/proc/\(identifier)/environ").map {
            $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        }
        environment = Dictionary(settings.map { ($0[0], $0.count > 1 ? $0[1] : "") }) { $1 }
    }

    private static func strings(_ path: String) throws -> [String] {
        try Data(contentsOf: URL(filePath: path)).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The file that it reads.
    var configurationFile: URL {
        get throws {
            let option = try #require(command.firstIndex(of: "--config"))
            return URL(filePath: try #require(command.dropFirst(option + 1).first))
        }
    }

    func die() async {
        kill(identifier, SIGKILL)
        if let successor {
            _ = await successor.exitStatus()
            successor.removeOutput()
        }
        while isRunning(identifier) { try? await Task.sleep(for: .milliseconds(2)) }
    }

    /// - Parameter more: what its environment holds besides.
    func rise(_ more: [String: String] = [:]) async throws {
        // `ip netns exec` becomes the program: the process is the daemon itself.
        let process = try BackgroundProcess(
            namespace.inside(command), environment: environment.merging(more) { $1 })
        successor = process
        identifier = process.identifier
    }

    func end() {
        successor?.send(SIGKILL)
        successor?.removeOutput()
    }
}
