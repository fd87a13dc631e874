import Foundation
import Glibc
import Synchronization

/// A network namespace of a test's own, gone with the object.
final class NetworkNamespace: Sendable {
    let name: String
    private static let count = Mutex(0)

    /// Making one takes CAP_SYS_ADMIN, and iproute2.
    static let isAvailable: Bool = (try? NetworkNamespace()) != nil

    init() throws {
        let number = Self.count.withLock { count in
            count += 1
            return count
        }
        name = "orion-platform-\(getpid())-\(number)"
        try Self.run("ip", "netns", "add", name)
    }

    deinit {
        _ = try? Self.run("ip", "netns", "delete", name)
    }

    /// Runs `ip` in the namespace, with space-separated arguments.
    @discardableResult
    func ip(_ arguments: String) throws -> Data {
        try Self.run(["ip", "-n", name] + arguments.split(separator: " ").map(String.init))
    }

    /// Runs many `ip` commands in the namespace, one per line.
    func ip(batch: String) throws {
        try Self.run(["ip", "-n", name, "-batch", "-"], input: Data(batch.utf8))
    }

    /// Runs a program in the namespace, with its sysfs.
    @discardableResult
    func execute(_ arguments: String) throws -> Data {
        try Self.run(["ip", "netns", "exec", name] + arguments.split(separator: " ").map(String.init))
    }

    /// Runs a shell script in the namespace.
    func shell(_ script: String) throws {
        try Self.run(["ip", "netns", "exec", name, "sh", "-c", script])
    }

    /// Runs `body` on a thread that is in the namespace. Sockets opened there stay in it.
    func inside<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
        let outcome = Outcome<Value>()
        let visit = Visit(namespace: name) { outcome.take(body) }
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, runVisit, Unmanaged.passRetained(visit).toOpaque())
        guard status == 0 else { throw CommandFailure(command: "pthread_create", status: status, text: "") }
        pthread_join(thread, nil)
        return try outcome.get()
    }

    @discardableResult
    static func run(_ arguments: String...) throws -> Data {
        try run(arguments)
    }

    @discardableResult
    static func run(_ arguments: [String], input: Data? = nil) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let output = Pipe()
        let errors = Pipe()
        let standardInput = Pipe()
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = standardInput
        try process.run()
        if let input { try standardInput.fileHandleForWriting.write(contentsOf: input) }
        try standardInput.fileHandleForWriting.close()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        let text = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CommandFailure(
                command: arguments.joined(separator: " "), status: process.terminationStatus, text: text)
        }
        return data
    }
}

struct CommandFailure: Error {
    let command: String
    let status: Int32
    let text: String
}

/// What a body returned on the other thread.
private final class Outcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>>(
        .failure(CommandFailure(command: "setns", status: -1, text: "")))

    func take(_ body: () throws -> Value) {
        let result = Result { try body() }
        self.result.withLock { $0 = result }
    }

    func get() throws -> Value { try result.withLock { $0 }.get() }
}

private final class Visit: Sendable {
    private let namespace: String
    private let body: @Sendable () -> Void

    init(namespace: String, body: @escaping @Sendable () -> Void) {
        self.namespace = namespace
        self.body = body
    }

    func run() {
        // The Glibc module lacks setns(2).
        typealias SetNamespace = @convention(c) (Int32, Int32) -> Int32
        let descriptor = open("/run/netns/\(namespace)", O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        guard let symbol = dlsym(nil, "setns"),
            unsafeBitCast(symbol, to: SetNamespace.self)(descriptor, 0x4000_0000) == 0
        else { return }
        body()
    }
}

// At file scope: a closure literal would inherit an isolation that another thread does not have.
private func runVisit(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<Visit>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
