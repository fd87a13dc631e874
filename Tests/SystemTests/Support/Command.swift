import Foundation
import Testing

/// What a program that has ended left.
struct CommandResult: Sendable {
    /// The exit status; 128 and the signal's number when a signal ended it.
    let status: Int32
    let output: String
    let error: String
}

/// A program that did not do what was asked of it.
struct CommandFailure: Error, CustomStringConvertible {
    let command: [String]
    let result: CommandResult

    var description: String {
        "\(command.joined(separator: " ")): status \(result.status)\n\(result.output)\(result.error)"
    }
}

/// Runs a program to its end; one that takes longer than `limit` is killed.
func run(
    _ command: [String], environment: [String: String] = [:], within limit: Duration = .seconds(60)
) async throws -> CommandResult {
    let process = try BackgroundProcess(command, environment: environment)
    let killer = Task {
        try await Task.sleep(for: limit)
        kill(process.identifier, SIGKILL)
    }
    let status = await process.exitStatus()
    killer.cancel()
    defer { process.removeOutput() }
    return CommandResult(status: status, output: process.output, error: process.error)
}

/// Runs a program that must succeed, and returns what it printed.
@discardableResult
func succeed(
    _ command: [String], environment: [String: String] = [:], within limit: Duration = .seconds(60)
) async throws -> String {
    let result = try await run(command, environment: environment, within: limit)
    guard result.status == 0 else { throw CommandFailure(command: command, result: result) }
    return result.output
}

/// A program that runs beside the test. Its output goes to files, so that a daemon it leaves behind holds no pipe open.
///
/// Foundation's `Process` notices the end of a program by a socket that every later program inherits; with daemons about,
/// that end may never come.
final class BackgroundProcess: Sendable {
    let identifier: pid_t
    let outputFile: URL
    let errorFile: URL
    private let ended: AsyncStream<Int32>

    init(_ command: [String], environment: [String: String] = [:]) throws {
        let name = "orion-test-\(UUID().uuidString)"
        outputFile = FileManager.default.temporaryDirectory.appending(path: name + ".out")
        errorFile = FileManager.default.temporaryDirectory.appending(path: name + ".err")
        identifier = try spawn(command, environment, output: outputFile.path, error: errorFile.path)
        let (stream, continuation) = AsyncStream<Int32>.makeStream(bufferingPolicy: .bufferingNewest(1))
        ended = stream
        let identifier = identifier
        Thread.detachNewThread {
            var status: Int32 = 0
            while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
            // WIFEXITED, WEXITSTATUS and WTERMSIG of wait(2), which are macros.
            let signal = status & 0x7F
            continuation.yield(signal == 0 ? (status >> 8) & 0xFF : 128 + signal)
            continuation.finish()
        }
    }

    /// Waits until it has ended. Once.
    func exitStatus() async -> Int32 {
        for await status in ended { return status }
        return -1
    }

    func send(_ signal: Int32) {
        kill(identifier, signal)
    }

    /// Asks it to end, and waits until it has.
    @discardableResult
    func terminate() async -> Int32 {
        send(SIGTERM)
        return await exitStatus()
    }

    var output: String { (try? String(decoding: Data(contentsOf: outputFile), as: UTF8.self)) ?? "" }
    var error: String { (try? String(decoding: Data(contentsOf: errorFile), as: UTF8.self)) ?? "" }

    func removeOutput() {
        for file in [outputFile, errorFile] { try? FileManager.default.removeItem(at: file) }
    }
}

/// Starts `command`, found on the PATH, with nothing to read.
private func spawn(
    _ command: [String], _ environment: [String: String], output: String, error: String
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for (descriptor, file) in [(STDOUT_FILENO, output), (STDERR_FILENO, error)] {
        posix_spawn_file_actions_addopen(&actions, descriptor, file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600)
    }
    // The threads of a test block signals, which a program would inherit, and SIGTERM would not end it.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let variables = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    var arguments = command.map { strdup($0) } + [nil]
    var settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + settings { free(text) } }
    var identifier: pid_t = 0
    let status = posix_spawnp(&identifier, command[0], &actions, &attributes, &arguments, &settings)
    guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EIO) }
    return identifier
}

/// Whether there is such a process, and it is no zombie.
func isRunning(_ identifier: pid_t) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8) else { return false }
    // The name may hold anything; the state follows its closing parenthesis (proc(5)).
    return status[(status.lastIndex(of: ")") ?? status.startIndex)...].dropFirst(2).first != "Z"
}

/// Waits until `condition` holds; fails with `what` when it does not within `limit`.
func eventually(
    _ what: String, within limit: Duration = .seconds(10), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw NotInTime(what: what, limit: limit) }
        try await Task.sleep(for: .milliseconds(20))
    }
}

struct NotInTime: Error, CustomStringConvertible {
    let what: String
    let limit: Duration

    var description: String { "not within \(limit): \(what)" }
}
