import Foundation
import NetworkManagement
import NetworkModel
import SecurityTesting
import StateStore
import Synchronization

/// An audit in a directory of its own, opened and closed at will.
final class AuditBench {
    let directory: TemporaryDirectory
    var keys: KeyRing
    let clock = ManualClock()
    var options = AuditOptions()
    let health = HealthRecorder()

    final class HealthRecorder: Sendable {
        private let list = Mutex<[StoreError?]>([])
        func add(_ error: StoreError?) { list.withLock { $0.append(error) } }
        var events: [StoreError?] { list.withLock { $0 } }
    }

    init(_ directory: TemporaryDirectory? = nil) throws {
        self.directory = try directory ?? TemporaryDirectory()
        keys = try KeyRing()
        options.retryInterval = .milliseconds(20)
    }

    var path: String { directory.path + "/audit" }

    func open(isSealing: Bool = true) throws -> AuditLog {
        let health = health
        return try AuditLog(
            path: path, keys: keys, sealer: isSealing ? Sealer(keys: keys) : nil, options: options, clock: clock,
            wallClock: clock
        ) { health.add($0) }
    }

    /// Opens, appends records that tell each other apart, and closes.
    func write(_ count: Int, from first: Int = 0) async throws {
        let log = try open()
        defer { log.close() }
        for number in first..<first + count {
            _ = try await log.append(Self.record(number))
        }
    }

    static func record(_ number: Int) -> AuditRecord {
        var record = AuditRecord(
            .set,
            principal: Principal(
                name: Array("user \(number % 3)".utf8), model: .usm, level: .authPriv,
                source: .ipv4(0x7F00_0001, port: 1000)),
            phase: .done)
        record.objects = [AuditObject(name: "ifAlias.\(number)", target: "eth\(number)", new: .integer(Int64(number)))]
        record.result = "noError"
        return record
    }

    func verify() throws -> AuditVerification {
        try AuditVerifier(keys: keys).verify(path)
    }

    /// Waits for a condition, at most ten seconds.
    static func eventually(_ condition: () -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if condition() { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return condition()
    }
}
