import Foundation
import NetworkManagement
import NetworkModel
import SecurityTesting
import Testing

@testable import StateStore

@Suite struct `The audit verifier` {
    /// One audit of sixty records, and its lines.
    static func sample() async throws -> (AuditBench, [[UInt8]]) {
        let bench = try AuditBench()
        try await bench.write(59)
        let lines = try bench.directory.read("audit/audit.log").split(separator: 0x0A).map { Array($0) + [0x0A] }
        #expect(lines.count == 60)
        return (bench, lines)
    }

    func findings(_ bench: AuditBench, _ lines: [[UInt8]]) throws -> [AuditFinding] {
        try bench.directory.write(Array(lines.joined()), to: "audit/audit.log")
        return try AuditVerifier(keys: bench.keys).verify(bench.path + "/audit.log").findings
    }

    @Test func `each of 120 random changes of an octet is found in its line`() async throws {
        let (bench, lines) = try await Self.sample()
        for _ in 0..<120 {
            var changed = lines
            let line = Int.random(in: 0..<lines.count)
            let octet = Int.random(in: 0..<lines[line].count)
            changed[line][octet] ^= 1 << UInt8.random(in: 0..<8)
            let found = try findings(bench, changed)
            #expect(!found.isEmpty)
            // A line feed lost or won makes one line of two, or two of one.
            #expect(
                found.contains { $0.line == line + 1 || $0.line == line + 2 },
                "line \(line + 1), octet \(octet): \(found)")
            #expect(found.count <= 3, "\(found)")
        }
        #expect(try findings(bench, lines) == [])
    }

    @Test func `each of 100 changes of a digit in a value is found in exactly its line`() async throws {
        let (bench, lines) = try await Self.sample()
        for _ in 0..<100 {
            var changed = lines
            let line = Int.random(in: 1..<lines.count)
            let digits = lines[line].indices.filter { $0 > 8 && (0x30...0x39).contains(lines[line][$0]) }
            let octet = try #require(digits.randomElement())
            changed[line][octet] = (lines[line][octet] - 0x30 + UInt8.random(in: 1...9)) % 10 + 0x30
            let found = try findings(bench, changed)
            #expect(found.map(\.line) == [line + 1])
            #expect(found.first?.kind == .modified)
            #expect(found.first?.sequences == UInt64(line + 1)...UInt64(line + 1))
            #expect(found.first?.offset == Int64(lines[..<line].joined().count))
        }
    }

    @Test func `each line that is removed is named`() async throws {
        let (bench, lines) = try await Self.sample()
        for line in 1..<lines.count {
            var changed = lines
            changed.remove(at: line)
            let found = try findings(bench, changed)
            #expect(found.map(\.kind) == [.missing], "\(found)")
            #expect(found.first?.sequences == UInt64(line + 1)...UInt64(line + 1))
        }
        var changed = lines
        changed.removeSubrange(10..<20)
        let found = try findings(bench, changed)
        #expect(found.map(\.sequences) == [11...20])
        #expect(found.first?.line == 11)
    }

    @Test func `a changed sequence is found in its line, wherever it points`() async throws {
        let (bench, lines) = try await Self.sample()
        for line in [1, 8, 30, 58, 59] {
            for sequence in ["0", "1", "2", "9", "31", "61", "999999", "9999999999999999999"]
            where sequence != "\(line + 1)" {
                var changed = lines
                let text = String(decoding: lines[line], as: UTF8.self)
                changed[line] = Array(text.replacing("{\"seq\":\(line + 1),", with: "{\"seq\":\(sequence),").utf8)
                let found = try findings(bench, changed)
                #expect(found.contains { $0.line == line + 1 }, "\(line + 1) \(sequence): \(found)")
                #expect(found.count <= 2, "\(line + 1) \(sequence): \(found)")
            }
        }
    }

    @Test func `lines in another order are named`() async throws {
        let (bench, lines) = try await Self.sample()
        for _ in 0..<100 {
            var changed = lines
            let from = Int.random(in: 1..<lines.count)
            var to = Int.random(in: 1..<lines.count)
            while to == from { to = Int.random(in: 1..<lines.count) }
            let moved = changed.remove(at: from)
            changed.insert(moved, at: to)
            let found = try findings(bench, changed)
            #expect(!found.isEmpty)
            #expect(found.allSatisfy { $0.kind == .moved })
            #expect(found.allSatisfy { ((min(from, to) + 1)...(max(from, to) + 1)).contains($0.line ?? 0) })
        }
    }

    @Test func `lines that stand twice are named`() async throws {
        let (bench, lines) = try await Self.sample()
        for _ in 0..<50 {
            var changed = lines
            let from = Int.random(in: 1..<lines.count)
            let to = Int.random(in: from + 1...lines.count)
            changed.insert(lines[from], at: to)
            let found = try findings(bench, changed)
            #expect(found.map(\.kind) == [.duplicate], "\(found)")
            #expect(found.first?.line == to + 1)
        }
    }

    @Test func `every cut of the end is found`() async throws {
        let (bench, lines) = try await Self.sample()
        let whole = Array(lines.joined())
        for _ in 0..<100 {
            let length = Int.random(in: 0..<whole.count)
            try bench.directory.write(Array(whole[..<length]), to: "audit/audit.log")
            let found = try AuditVerifier(keys: bench.keys).verify(bench.path + "/audit.log").findings
            let records = whole[..<length].count { $0 == 0x0A }
            let missing = try #require(found.first { $0.kind == .missing })
            #expect(missing.sequences == UInt64(records + 1)...60, "\(length): \(found)")
            let isMidLine = length > 0 && whole[length - 1] != 0x0A
            #expect(found.contains { $0.kind == .incomplete } == isMidLine)
        }
    }

    @Test func `an inserted line is found`() async throws {
        let (bench, lines) = try await Self.sample()
        for text in ["garbage\n", "\n", String(decoding: lines[5], as: UTF8.self).replacing("user", with: "root")] {
            for place in [1, 30, lines.count] {
                var changed = lines
                changed.insert(Array(text.utf8), at: place)
                let found = try findings(bench, changed)
                #expect(found.contains { $0.line == place + 1 }, "\(found)")
                #expect(found.count <= 2, "\(found)")
            }
        }
    }

    @Test func `a record signed under another key is found`() async throws {
        let (bench, lines) = try await Self.sample()
        let (_, other) = try await Self.sample()
        var changed = lines
        changed[20] = other[20]
        #expect(try findings(bench, changed).map(\.line) == [21])
    }

    @Test func `random files neither trap nor pass`() async throws {
        let (bench, lines) = try await Self.sample()
        let whole = Array(lines.joined())
        for _ in 0..<100 {
            var octets = whole
            for _ in 0..<Int.random(in: 1...30) {
                let position = Int.random(in: 0..<octets.count)
                switch Int.random(in: 0..<3) {
                case 0: octets[position] = UInt8.random(in: 0...255)
                case 1: octets.removeSubrange(position..<min(octets.count, position + Int.random(in: 1...50)))
                default: octets.insert(contentsOf: octets[..<min(position, 300)], at: position)
                }
            }
            guard octets != whole else { continue }
            try bench.directory.write(octets, to: "audit/audit.log")
            #expect(try !AuditVerifier(keys: bench.keys).verify(bench.path).isSound)
        }
    }

    @Test func `where there is no audit, that is said`() throws {
        let directory = try TemporaryDirectory()
        let verifier = AuditVerifier(keys: try KeyRing())
        #expect(try verifier.verify(directory.path).findings.map(\.kind) == [.missing])
        #expect(throws: StoreError.self) { try verifier.verify(directory.path + "/nothing") }
    }
}

@Suite struct `Reading the audit` {
    @Test func `records are filtered by time, user and number`() async throws {
        let bench = try AuditBench()
        let log = try bench.open()
        for number in 0..<10 {
            bench.clock.advance(by: .seconds(60))
            _ = try await log.append(AuditBench.record(number))
        }
        log.close()
        let reader = AuditReader()
        #expect(try reader.entries(bench.path).count == 11)
        var filter = AuditReader.Filter()
        filter.limit = 3
        #expect(try reader.entries(bench.path, filter).map(\.receipt.sequence) == [9, 10, 11])
        filter = AuditReader.Filter()
        filter.user = Array("user 1".utf8)
        #expect(try reader.entries(bench.path + "/audit.log", filter).map(\.receipt.sequence) == [3, 6, 9])
        filter = AuditReader.Filter()
        filter.since = WallTime(seconds: 1_700_000_000 + 9 * 60)
        #expect(try reader.entries(bench.path, filter).map(\.receipt.sequence) == [10, 11])
        try bench.directory.write(Array("x\n".utf8), to: "audit/audit.log")
        #expect(throws: StoreError(.corrupt, "")) { try reader.entries(bench.path) }
    }

    @Test func `a table and JSON show everything but secrets`() async throws {
        let bench = try AuditBench()
        let log = try bench.open()
        var record = AuditBench.record(1)
        record.principal = Principal(
            name: Array("ev\u{1B}il\n".utf8), model: .usm, level: .authPriv, source: .ipv4(0x7F00_0001, port: 5))
        record.objects.append(AuditObject(name: "key", old: .secret([1]), new: .secret(Array("sesame".utf8))))
        _ = try await log.append(record)
        let entries = log.newest(5)
        log.close()
        let table = try AuditRendering.text(entries, .table)
        #expect(table.contains("ev\\x1bil\\x0a"))
        #expect(table.contains("ifAlias.1 of eth1: - -> 1"))
        #expect(table.contains("key: *** -> ***"))
        let json = try AuditRendering.text(entries, .json)
        for text in [table, json] { #expect(!text.contains("sesame")) }
        for line in json.split(separator: "\n") {
            #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
        }
        #expect(try AuditRendering.text([], .table).isEmpty)
        #expect(AuditRendering.text(try bench.verify()) == "1 file, 2 sound records: sound\n")
    }
}
