import Foundation
import NetworkManagement
import NetworkModel
import SecurityTesting
import Testing

@testable import StateStore

@Suite(.serialized) struct `State survives kill -9` {
    /// Beside the test bundle.
    static func writer() throws -> URL {
        let directory = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let candidates = [directory, directory.deletingLastPathComponent()].map {
            $0.appendingPathComponent("StateCrashWriter")
        }
        return try #require(candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) })
    }

    /// Runs the writer, and kills it after it has said `lines` lines; returns what it said.
    static func run(_ path: String, killedAfter lines: Int) throws -> [String] {
        let process = Process()
        process.executableURL = try writer()
        process.arguments = [path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var said: [UInt8] = []
        var count = 0
        while count < lines {
            let data = pipe.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            said += data
            count += data.count { $0 == 0x0A }
        }
        kill(process.processIdentifier, SIGKILL)
        said += pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: said, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func `at thirty random moments, what was said to be durable is there, and all of it verifies`() async throws {
        let directory = try TemporaryDirectory()
        var announced: Set<UInt64> = []
        for round in 0..<30 {
            let said = try Self.run(directory.path, killedAfter: Int.random(in: 1...200))
            #expect(said.first == "open", "\(said.prefix(3))")
            #expect(!said.contains { $0.hasPrefix("failed") })
            for line in said where line.hasPrefix("begun ") {
                announced.insert(try #require(UInt64(line.dropFirst(6))))
            }
            let policies = said.filter { $0.hasPrefix("policy ") }.compactMap { Int($0.dropFirst(7)) }

            let clock = ManualClock()
            var options = StateDirectory.Options(path: directory.path)
            options.audit?.maximumFileSize = 20_000
            let state = try StateDirectory(options, clock: clock, wallClock: clock, auditHealth: { _ in })
            // The last that was said, or the one after it, which was kept but not said.
            let policy = try await state.database.loadPolicy()
            if let last = policies.last {
                #expect([last, (last + 1) % 50].contains(policy.rules.count), "round \(round)")
                #expect(policy.groups.first?.name == "group \(policy.rules.count)")
            }
            try state.close()
            guard round % 10 == 9 else { continue }
            let verification = try AuditVerifier(keys: state.keys).verify(directory.path + "/audit")
            #expect(verification.findings == [], "round \(round)")
        }
        let entries = try AuditReader().entries(directory.path + "/audit")
        let kept = Set(entries.filter { $0.record.phase == .begun }.map(\.receipt.sequence))
        #expect(announced.isSubset(of: kept))
        #expect(announced.count > 100)
        // Every beginning has an outcome: its own, or the note that it was interrupted.
        let ended = Set(entries.compactMap(\.record.announcement))
        #expect(kept.subtracting(ended) == [])
        #expect(entries.map(\.receipt.sequence) == Array(1...UInt64(entries.count)))
    }
}
