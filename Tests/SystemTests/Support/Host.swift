import Foundation

/// What the machine that runs the tests has.
enum Host {
    /// The top of this checkout.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The daemon under test: what `ORION` names, or the debug build that the tests belong to.
    static let oriond =
        ProcessInfo.processInfo.environment["ORION"] ?? root.appending(path: ".build/debug/oriond").path

    static let sandbox = root.appending(path: "Config/sandbox/sandbox").path

    /// Why namespaces cannot be made; nil when they can.
    private static let obstacle: String? = {
        guard geteuid() == 0 else { return "needs root to make network namespaces" }
        let name = "orion-probe-\(getpid())"
        guard succeeds(["ip", "netns", "add", name]) else { return "this system does not allow network namespaces" }
        guard succeeds(["ip", "netns", "delete", name]) else { return "a network namespace could not be removed" }
        for program in ["snmpd", "snmpget", "snmptrapd"] where !has(program) {
            return "needs \(program)"
        }
        return nil
    }()

    static let canRunSandboxes = obstacle == nil
    /// The comment of a skipped test.
    static let whyNot = "\(obstacle ?? "")"

    /// Whether a program is on the PATH.
    static func has(_ program: String) -> Bool { succeeds(["sh", "-c", "command -v \(program)"]) }

    private static func succeeds(_ command: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["PATH": (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin:/sbin"]) { _, new in new }
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

/// A directory that goes with the test.
func withTemporaryDirectory<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    // A short name: unix socket paths have 107 octets.
    let directory = URL(filePath: "/tmp/orion-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: directory) }
    return try await body(directory)
}
