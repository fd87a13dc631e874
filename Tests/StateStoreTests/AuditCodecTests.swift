import NetworkManagement
import NetworkModel
import SecurityTesting
import Testing

@testable import StateStore

@Suite struct `The form of an audit line` {
    static func line(_ record: AuditRecord, sealer: Sealer? = nil) throws -> [UInt8] {
        AuditEncoder.opening(
            sequence: 7, time: WallTime(seconds: 1_700_000_000, nanoseconds: 1), uptime: MonotonicTime(nanoseconds: -5))
            + (try AuditEncoder(sealer: sealer).encode(record)) + AuditLine.tail(digest: AuditLine.genesis).dropLast()
    }

    @Test func `every field comes back as it was, on one printable line`() throws {
        for record in StoreConformance.sampleRecords {
            let line = try Self.line(record)
            #expect(line.allSatisfy { $0 >= 0x20 })
            let entry = try #require(AuditDecoder(sealer: nil).decode(line[...]))
            #expect(entry.record == record)
            #expect(entry.receipt.sequence == 7)
            #expect(entry.time == WallTime(seconds: 1_700_000_000, nanoseconds: 1))
            #expect(entry.uptime == MonotonicTime(nanoseconds: -5))
        }
    }

    @Test func `a secret is sealed, or masked, and never in clear`() throws {
        let sealer = Sealer(keys: try KeyRing())
        var record = AuditRecord(.set, principal: .host, phase: .done)
        record.objects = [AuditObject(name: "passphrase", new: .secret(Array("open sesame".utf8)))]
        let sealed = try Self.line(record, sealer: sealer)
        let masked = try Self.line(record)
        for line in [sealed, masked] {
            #expect(!String(decoding: line, as: UTF8.self).contains("sesame"))
        }
        #expect(AuditDecoder(sealer: sealer).decode(sealed[...])?.record == record)
        #expect(AuditDecoder(sealer: nil).decode(sealed[...])?.record.objects.first?.new == .masked)
        #expect(AuditDecoder(sealer: sealer).decode(masked[...])?.record.objects.first?.new == .masked)
        #expect(
            AuditDecoder(sealer: Sealer(keys: try KeyRing())).decode(sealed[...])?.record.objects.first?.new == .masked)
    }

    @Test func `no change of a line traps`() throws {
        let line = try Self.line(StoreConformance.sampleRecords[0])
        for position in line.indices {
            for octet: UInt8 in [0, 0x22, 0x5C, 0x7D] {
                var changed = line
                changed[position] = octet
                _ = AuditDecoder(sealer: nil).decode(changed[...])
            }
            if position % 4 == 0 { _ = AuditDecoder(sealer: nil).decode(line[..<position]) }
        }
    }

    @Test(arguments: [
        "", "{", "{}x", "[1,]", "{\"a\":}", "{\"a\":1,\"a\":2}", "01", "-", "-0", "+1", "1.5", "null", "\"\\n\"",
        "\"\u{1}\"",
        "\"abc", "[[[[[[[[[1]]]]]]]]]", "99999999999999999999", "{\"a\" :1}", "{1:2}",
    ])
    func `what is no value of ours is refused`(text: String) {
        #expect(JSONValue(Array(text.utf8)[...]) == nil)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000000Z"), (951_782_400, "2000-02-29T00:00:00.000000000Z"),
        (1_709_251_199, "2024-02-29T23:59:59.000000000Z"), (-1, "1969-12-31T23:59:59.000000000Z"),
        (4_107_542_400, "2100-03-01T00:00:00.000000000Z"), (-62_167_219_200, "0000-01-01T00:00:00.000000000Z"),
        (253_402_300_799, "9999-12-31T23:59:59.000000000Z"),
    ])
    func `moments are written in UTC and come back`(seconds: Int64, text: String) {
        #expect(TimeText.text(of: WallTime(seconds: seconds)) == text)
        #expect(TimeText.time(from: text) == WallTime(seconds: seconds))
    }

    @Test func `shorter moments are read, and others refused`() {
        #expect(TimeText.time(from: "2024-02-29") == WallTime(seconds: 1_709_164_800))
        #expect(TimeText.time(from: "2024-02-29T12:30") == WallTime(seconds: 1_709_209_800))
        #expect(
            TimeText.time(from: "2024-02-29T12:30:01.5Z") == WallTime(seconds: 1_709_209_801, nanoseconds: 500_000_000))
        for text in [
            "", "2024", "2023-02-29", "2024-13-01", "2024-02-29T24:00", "2024-02-29T12", "x", "2024-02-29 12:30",
        ] {
            #expect(TimeText.time(from: text) == nil, "\(text)")
        }
        for seconds in [Int64.min, .max] { _ = TimeText.text(of: WallTime(seconds: seconds)) }
    }
}
