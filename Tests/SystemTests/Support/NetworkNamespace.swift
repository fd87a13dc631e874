import Foundation
import Synchronization

/// A network namespace of its own, with lo up.
struct NetworkNamespace: Sendable {
    let name: String

    private static let made = Atomic(0)

    /// Makes one, and removes it afterwards with everything in it.
    static func with<Result>(_ body: (NetworkNamespace) async throws -> Result) async throws -> Result {
        let number = made.wrappingAdd(1, ordering: .relaxed).newValue
        let namespace = NetworkNamespace(name: "orion-\(getpid())-\(number)")
        try await succeed(["ip", "netns", "add", namespace.name])
        do {
            try await namespace.ip("link set lo up")
            let result = try await body(namespace)
            try await succeed(["ip", "netns", "delete", namespace.name])
            return result
        } catch {
            _ = try? await succeed(["ip", "netns", "delete", namespace.name])
            throw error
        }
    }

    /// The command that runs `command` inside.
    func inside(_ command: [String]) -> [String] {
        ["ip", "netns", "exec", name] + command
    }

    /// Runs `ip` with these arguments, separated by spaces.
    @discardableResult
    func ip(_ arguments: String) async throws -> String {
        try await succeed(["ip", "-n", name] + arguments.split(separator: " ").map(String.init))
    }

    /// Runs many `ip` commands in one process, each a line; those that fail are passed over.
    func ip(batch lines: [String]) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "orion-\(UUID().uuidString).batch")
        defer { try? FileManager.default.removeItem(at: file) }
        try (lines.joined(separator: "\n") + "\n").write(to: file, atomically: false, encoding: .utf8)
        _ = try await run(["ip", "-n", name, "-force", "-batch", file.path], within: .seconds(120))
    }
}
