import Foundation
import NetworkManagement
import NetworkModel
import SecurityTesting
import Testing

@testable import StateStore

@Suite struct `The audit log` {
    @Test func `it does what an audit store has to do, and verifies`() async throws {
        let bench = try AuditBench()
        let log = try bench.open()
        try await StoreConformance.checkAudit(log)
        let head = log.status.head
        log.close()
        #expect(try bench.verify().findings == [])
        let again = try bench.open()
        defer { again.close() }
        #expect(again.status.head?.sequence == head?.sequence)
        #expect(again.newest(1).first?.record == StoreConformance.sampleRecords.last)
    }

    @Test func `appends at the same time share writes`() async throws {
        let bench = try AuditBench()
        let log = try bench.open()
        defer { log.close() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<100 {
                group.addTask {
                    for number in 0..<20 { _ = try await log.append(AuditBench.record(task * 100 + number)) }
                }
            }
            try await group.waitForAll()
        }
        // The file's own first record counts too.
        #expect(log.status.head?.sequence == 2001)
        #expect(log.status.commits < 1500)
        print("audit: 2000 appends by 100 tasks in \(log.status.commits) writes")
    }

    @Test func `records at leisure are one write, and come before what is asked for later`() async throws {
        let bench = try AuditBench()
        let log = try bench.open()
        let first = try await log.append(AuditBench.record(0))
        let commits = log.status.commits
        for number in 1..<100 { log.record(AuditBench.record(number), atLeisure: true) }
        #expect(await AuditBench.eventually { log.status.head?.sequence == first.sequence + 99 })
        #expect(log.status.commits <= commits + 3)
        // Whoever waits does not wait for them, and they are not passed.
        log.record(AuditBench.record(100), atLeisure: true)
        #expect(try await log.append(AuditBench.record(101)).sequence == first.sequence + 101)
        log.record(AuditBench.record(102), atLeisure: true)
        log.close()
        #expect(log.status.head?.sequence == first.sequence + 102 && log.status.lost == 0)
        #expect(try bench.verify().findings == [])
    }

    @Test func `a record is on disk when the append returns`() async throws {
        let bench = try AuditBench()
        let log = try bench.open()
        defer { log.close() }
        for number in 0..<20 {
            let receipt = try await log.append(AuditBench.record(number))
            let entries = try AuditReader().entries(bench.path)
            #expect(entries.last?.receipt == receipt)
        }
    }

    @Test func `nobody else writes to it`() async throws {
        let bench = try AuditBench()
        let log = try bench.open()
        #expect(throws: StoreError(.busy, "")) { try bench.open() }
        log.close()
        try bench.open().close()
    }

    @Test func `a beginning without an outcome is told as interrupted`() async throws {
        let bench = try AuditBench()
        let log = try bench.open()
        let trail = AuditTrail(store: log, clock: bench.clock)
        var record = AuditBench.record(1)
        record.request = 77
        let answered = try await trail.begin(record, started: bench.clock.now())
        let open = try await trail.begin(record, started: bench.clock.now())
        answered.end(.committed, result: "noError")
        log.close()
        let again = try bench.open()
        _ = try await again.append(AuditBench.record(2))
        let interrupted = again.newest(10).filter { $0.record.phase == .interrupted }
        #expect(interrupted.map(\.record.announcement) == [open.announcement])
        #expect(interrupted.first?.record.request == 77)
        again.close()
        // Said once.
        let third = try bench.open()
        _ = try await third.append(AuditBench.record(3))
        #expect(third.newest(10).filter { $0.record.phase == .interrupted }.count == 1)
        third.close()
        #expect(try bench.verify().isSound)
    }

    @Test func `a wrong key is refused, whatever is asked first`() async throws {
        let bench = try AuditBench()
        try await bench.write(3)
        bench.keys = try KeyRing()
        #expect(throws: StoreError(.wrongKey, "")) { try bench.open() }
        #expect(try bench.verify().findings.contains { $0.kind == .unknownKey })
    }

    @Test func `a new key begins a new file, and the chain goes on`() async throws {
        let bench = try AuditBench()
        try await bench.write(3)
        bench.keys = try bench.keys.rotated()
        try await bench.write(3, from: 3)
        #expect(try bench.directory.names(in: "audit").filter { $0.hasSuffix(".log") }.count == 2)
        let verification = try bench.verify()
        #expect(verification.findings == [])
        #expect(verification.soundRecords == 8)
        // The old file is known to the present head's keys alone while the old key is kept.
        bench.keys = try KeyRing(contents: bench.keys.contents.prefix(13 + 65) + [], path: "test")
        #expect(try bench.verify().findings.contains { $0.kind == .unknownKey })
    }

    @Test func `files are closed by size, the oldest removed, and the chain says so`() async throws {
        let bench = try AuditBench()
        bench.options.maximumFileSize = 4000
        bench.options.closedFilesKept = 3
        let log = try bench.open()
        for number in 0..<120 { _ = try await log.append(AuditBench.record(number)) }
        log.close()
        let closed = try bench.directory.names(in: "audit").filter { AuditDirectory.firstSequence(of: $0) != nil }
        #expect(closed.count == 3)
        let verification = try bench.verify()
        #expect(verification.findings == [])
        #expect(verification.files.count == 4)
        // The newest are kept in memory over the change of files.
        let again = try bench.open()
        #expect(again.newest(1).first?.record.objects.first?.name == "ifAlias.119")
        again.close()
        // One that is removed by anybody else is missed.
        try FileManager.default.removeItem(atPath: bench.path + "/" + closed[1])
        #expect(try bench.verify().findings.contains { $0.kind == .missing })
        try FileManager.default.removeItem(atPath: bench.path + "/" + closed[0])
        try FileManager.default.removeItem(atPath: bench.path + "/" + closed[2])
        #expect(try bench.verify().findings.map(\.kind) == [.missing])
    }

    @Test func `files are closed by age, and a clock that jumps disturbs nothing`() async throws {
        let bench = try AuditBench()
        bench.options.maximumFileAge = .seconds(3600)
        let log = try bench.open()
        _ = try await log.append(AuditBench.record(0))
        bench.clock.setWall(WallTime(seconds: 5))
        _ = try await log.append(AuditBench.record(1))
        #expect(try bench.directory.names(in: "audit").filter { $0.hasSuffix(".log") }.count == 1)
        bench.clock.advance(by: .seconds(3600))
        _ = try await log.append(AuditBench.record(2))
        _ = try await log.append(AuditBench.record(3))
        log.close()
        #expect(try bench.directory.names(in: "audit").filter { $0.hasSuffix(".log") }.count == 2)
        #expect(try bench.verify().isSound)
        let entries = try AuditReader().entries(bench.path)
        #expect(entries.map(\.receipt.sequence) == Array(1...UInt64(entries.count)))
    }

    @Test func `a file is not closed between a beginning and its outcome`() async throws {
        let bench = try AuditBench()
        bench.options.maximumFileSize = 10_000
        let log = try bench.open()
        let ticket = try await AuditTrail(store: log, clock: bench.clock).begin(
            AuditBench.record(0), started: bench.clock.now())
        while try bench.directory.read("audit/audit.log").count < 15_000 {
            _ = try await log.append(AuditBench.record(1))
        }
        #expect(try bench.directory.names(in: "audit").filter { $0.hasSuffix(".log") }.count == 1)
        ticket.end(.committed, result: "noError")
        _ = try await log.append(AuditBench.record(2))
        log.close()
        #expect(try bench.directory.names(in: "audit").filter { $0.hasSuffix(".log") }.count == 2)
    }

    @Test func `a beginning in a closed file is told as interrupted too`() async throws {
        let bench = try AuditBench()
        bench.options.maximumFileSize = 3000
        let log = try bench.open()
        var record = AuditBench.record(0)
        record.request = 5
        let ticket = try await AuditTrail(store: log, clock: bench.clock).begin(record, started: bench.clock.now())
        for number in 0..<60 { _ = try await log.append(AuditBench.record(number)) }
        log.close()
        #expect(try bench.directory.names(in: "audit").filter { $0.hasSuffix(".log") }.count > 2)
        let again = try bench.open()
        _ = try await again.append(AuditBench.record(1))
        let interrupted = again.newest(10).filter { $0.record.phase == .interrupted }
        #expect(interrupted.map(\.record.announcement) == [ticket.announcement])
        #expect(interrupted.first?.record.request == 5)
        again.close()
        #expect(try bench.verify().findings == [])
    }

    @Test func `a record that is too long is refused alone`() async throws {
        let bench = try AuditBench()
        let log = try bench.open()
        var record = AuditBench.record(1)
        record.reason = String(repeating: "x", count: 17 << 20)
        await #expect(throws: StoreError(.failed, "")) { try await log.append(record) }
        _ = try await log.append(AuditBench.record(1))
        #expect(log.status.failure == nil)
        log.close()
        await #expect(throws: StoreError(.failed, "")) { try await log.append(AuditBench.record(1)) }
    }

    @Test func `what happens to the file behind its back stops the audit`() async throws {
        for change in ["cut", "lengthen", "remove", "replace"] {
            let bench = try AuditBench()
            let log = try bench.open()
            defer { log.close() }
            for number in 0..<5 { _ = try await log.append(AuditBench.record(number)) }
            let octets = try bench.directory.read("audit/audit.log")
            let file = bench.path + "/audit.log"
            switch change {
            case "cut": truncate(file, octets.count - 10)
            case "lengthen":
                let handle = try #require(FileHandle(forWritingAtPath: file))
                handle.seekToEndOfFile()
                handle.write(Data("x\n".utf8))
            case "remove": try FileManager.default.removeItem(atPath: file)
            default: try Data(octets).write(to: URL(fileURLWithPath: file), options: .atomic)
            }
            for _ in 0..<3 {
                let error = await #expect(throws: StoreError.self, "\(change)") {
                    try await log.append(AuditBench.record(9))
                }
                #expect(error?.code == .corrupt || error?.code == .failed)
            }
            #expect(log.status.failure != nil)
            #expect(bench.health.events.count == 1)
        }
    }
}

@Suite struct `The audit log after a sudden end` {
    @Test func `a torn end is cut off, told, and written over`() async throws {
        let bench = try AuditBench()
        try await bench.write(5)
        let whole = try bench.directory.read("audit/audit.log")
        let lastLine = try #require(whole.dropLast().lastIndex(of: 0x0A)) + 1
        let tails: [[UInt8]] = [
            Array("{\"seq\":7,\"ti".utf8), Array(whole[lastLine..<whole.count - 1]), [UInt8](repeating: 0, count: 5000),
            Array("{\"seq\":7\n".utf8) + [0, 0], [0x0A, 0], [0xFF],
        ]
        for tail in tails {
            try bench.directory.write(whole + tail, to: "audit/audit.log")
            let log = try bench.open()
            _ = try await log.append(AuditBench.record(99))
            let recoveries = log.newest(100).filter { $0.record.event == .recovery }
            #expect(recoveries.count == 1)
            #expect(recoveries.first?.record.reason.contains(" \(tail.count) octets") == true)
            log.close()
            #expect(try bench.verify().findings == [])
            try FileManager.default.removeItem(atPath: bench.path)
            bench.clock.advance(by: .seconds(1))
            try await bench.write(5)
            try bench.directory.write(try bench.directory.read("audit/audit.log"), to: "audit/audit.log")
            break
        }
        // Each of the others on an audit of its own.
        for tail in tails.dropFirst() {
            let bench = try AuditBench()
            try await bench.write(5)
            try bench.directory.write(try bench.directory.read("audit/audit.log") + tail, to: "audit/audit.log")
            let log = try bench.open()
            _ = try await log.append(AuditBench.record(99))
            log.close()
            #expect(try bench.verify().findings == [])
        }
    }

    @Test func `an end that no interruption leaves is refused, and left as it is`() async throws {
        let bench = try AuditBench()
        try await bench.write(5)
        let whole = try bench.directory.read("audit/audit.log")
        let lines = whole.split(separator: 0x0A).map { Array($0) + [0x0A] }
        var changed = whole
        changed[whole.count - 100] ^= 1
        let damaged: [[UInt8]] = [
            whole + Array("garbage\n".utf8), whole + lines[3], changed, Array(lines.dropLast().joined()),
            Array(lines.dropLast().joined()) + lines[5].dropLast(4), [], Array(lines[0] + lines[2]),
            whole.dropFirst() + [],
            lines[1] + whole,
        ]
        for octets in damaged {
            try bench.directory.write(octets, to: "audit/audit.log")
            let error = #expect(throws: StoreError.self) { try bench.open() }
            #expect(error?.code == .corrupt)
            #expect(error?.message.contains("audit") == true)
            #expect(try bench.directory.read("audit/audit.log") == octets)
        }
        try bench.directory.write(whole, to: "audit/audit.log")
        try bench.open().close()
    }

    @Test func `a head that is missing, damaged or of another time is refused`() async throws {
        let bench = try AuditBench()
        try await bench.write(5)
        let early = try bench.directory.read("audit/audit.head")
        bench.options.maximumFileSize = 100
        try await bench.write(5, from: 5)
        let head = try bench.directory.read("audit/audit.head")
        for octets in [[], Array(head.dropLast(600)).map { $0 ^ 1 }, early] {
            try bench.directory.write(octets, to: "audit/audit.head")
            #expect(throws: StoreError(.corrupt, "")) { try bench.open() }
            #expect(try !bench.verify().isSound || octets == early)
        }
        // One of its two places is enough.
        for place in 0..<2 {
            var torn = head
            for position in place * 512..<(place + 1) * 512 { torn[position] = 0 }
            try bench.directory.write(torn, to: "audit/audit.head")
            let reading = try AuditHead.read(bench.path + "/audit.head", keys: bench.keys)
            #expect(reading != .damaged)
        }
        try FileManager.default.removeItem(atPath: bench.path + "/audit.head")
        #expect(throws: StoreError(.corrupt, "")) { try bench.open() }
        try bench.directory.write(head, to: "audit/audit.head")
        try bench.open().close()
    }

    @Test func `an end between two files is no end`() async throws {
        let bench = try AuditBench()
        try await bench.write(5)
        let closed = AuditDirectory.closedName(firstSequence: 1)
        try FileManager.default.moveItem(atPath: bench.path + "/audit.log", toPath: bench.path + "/" + closed)
        try await bench.write(1)
        #expect(try bench.verify().findings == [])
        // The same with a new file that was begun and not finished.
        let second = try AuditBench()
        try await second.write(5)
        try FileManager.default.moveItem(atPath: second.path + "/audit.log", toPath: second.path + "/" + closed)
        try second.directory.write(Array("{\"seq\":7,".utf8), to: "audit/audit.log")
        try await second.write(1)
        #expect(try second.verify().findings == [])
    }
}
