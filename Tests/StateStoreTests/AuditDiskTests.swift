import Foundation
import NetworkManagement
import NetworkModel
import SecurityTesting
import Testing

@testable import StateStore

@Suite(.serialized) struct `The audit on a disk that takes nothing` {
    /// Fills the file system, leaving at most `octets`.
    static func fill(_ directory: TemporaryDirectory, leaving octets: Int = 0) throws {
        _ = FileManager.default.createFile(atPath: directory.path + "/filler", contents: nil)
        let handle = try #require(FileHandle(forWritingAtPath: directory.path + "/filler"))
        let block = [UInt8](repeating: 1, count: 4096)
        while block.withUnsafeBytes({ Glibc.write(handle.fileDescriptor, $0.baseAddress, $0.count) }) == 4096 {}
        let size = Int(handle.seekToEndOfFile())
        try handle.truncate(atOffset: UInt64(max(0, size - octets)))
        try handle.close()
    }

    @Test func `a full disk refuses beginnings, keeps outcomes, and is found again by itself`() async throws {
        guard let directory = try TemporaryDirectory(kibibytes: 2048) else {
            try Test.cancel("mounting a small file system is not permitted here")
        }
        let bench = try AuditBench(directory)
        bench.options.reserve = 64 << 10
        let log = try bench.open()
        let trail = AuditTrail(store: log, clock: bench.clock)
        let ticket = try await trail.begin(AuditBench.record(0), started: bench.clock.now())
        try Self.fill(directory)
        // What was begun has its room.
        ticket.end(.committed, result: "noError")
        #expect(await AuditBench.eventually { log.newest(1).first?.record.phase == .committed })
        // What begins uses up what was set aside beyond that, and is refused then.
        var refusal: StoreError?
        var begun: [AuditTicket] = []
        while refusal == nil, begun.count < 5000 {
            do throws(StoreError) {
                begun.append(try await trail.begin(AuditBench.record(1), started: bench.clock.now()))
            } catch {
                refusal = error
            }
        }
        #expect(refusal?.code == .full)
        #expect(await AuditBench.eventually { bench.health.events.count == 1 })
        #expect(log.status.failure?.code == .full)
        // Their outcomes do find room.
        for ticket in begun.suffix(100) { ticket.end(.committed, result: "noError") }
        #expect(await AuditBench.eventually { log.newest(100).allSatisfy { $0.record.phase == .committed } })
        await #expect(throws: StoreError(.full, "")) {
            try await trail.begin(AuditBench.record(2), started: bench.clock.now())
        }
        try FileManager.default.removeItem(atPath: directory.path + "/filler")
        #expect(await AuditBench.eventually { log.status.failure == nil && bench.health.events.count == 2 })
        #expect(log.newest(1).first?.record.event == .recovery)
        _ = try await trail.begin(AuditBench.record(3), started: bench.clock.now())
        #expect(log.status.lost == 0)
        log.close()
        #expect(try bench.verify().findings == [])
    }

    @Test func `a read-only file system refuses, and is found writable again`() async throws {
        guard let directory = try TemporaryDirectory(kibibytes: 4096) else {
            try Test.cancel("mounting a small file system is not permitted here")
        }
        let bench = try AuditBench(directory)
        try await bench.write(3)
        // A file open for writing keeps a file system from becoming read-only: as after an error of the disk, it is so
        // from the start.
        try #require(directory.setReadOnly(true))
        let log = try bench.open()
        #expect(log.newest(10).count == 4)
        await #expect(throws: StoreError(.readOnly, "")) { try await log.append(AuditBench.record(1)) }
        log.record(AuditBench.record(2))
        #expect(await AuditBench.eventually { log.status.waiting == 1 })
        try #require(directory.setReadOnly(false))
        #expect(await AuditBench.eventually { log.status.failure == nil })
        #expect(log.newest(2).map(\.record.event) == [.set, .recovery])
        log.close()
        #expect(try bench.verify().findings == [])
    }

    @Test func `outcomes that find no room are counted`() async throws {
        guard let directory = try TemporaryDirectory(kibibytes: 4096) else {
            try Test.cancel("mounting a small file system is not permitted here")
        }
        let bench = try AuditBench(directory)
        try await bench.write(1)
        try #require(directory.setReadOnly(true))
        let log = try bench.open()
        for number in 0..<6000 {
            log.record(AuditBench.record(number))
            // As many as wait for the disk at most, and not more than may wait for the writer.
            if number % 1000 == 0 { _ = try? await log.append(AuditBench.record(0)) }
        }
        #expect(await AuditBench.eventually { log.status.waiting == 4096 && log.status.lost == 6000 - 4096 })
        try #require(directory.setReadOnly(false))
        #expect(await AuditBench.eventually { log.status.failure == nil && log.status.waiting == 0 })
        log.close()
        #expect(try bench.verify().findings == [])
    }

    @Test func `a first start on a full disk is refused`() throws {
        guard let directory = try TemporaryDirectory(kibibytes: 64) else {
            try Test.cancel("mounting a small file system is not permitted here")
        }
        try Self.fill(directory)
        let bench = try AuditBench(directory)
        #expect(throws: StoreError(.full, "")) { try bench.open() }
    }
}
