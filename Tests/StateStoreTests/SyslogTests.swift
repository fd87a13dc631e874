import CLinux
import Foundation
import Glibc
import NetworkManagement
import NetworkModel
import Testing

@testable import StateStore

@Suite struct `The audit in the host's log` {
    static var entry: AuditEntry {
        var record = AuditRecord(
            .set,
            principal: Principal(
                name: Array("a\"b]c\\d\n".utf8), model: .usm, level: .authPriv, source: .ipv4(0x7F00_0001, port: 9)),
            phase: .refused)
        record.objects = [
            AuditObject(
                name: "ifAlias.2", target: "eth0", old: .text("x"), new: .text(String(repeating: "y", count: 999))),
            AuditObject(name: "key", new: .secret([1, 2])),
        ]
        record.result = "noAccess"
        record.reason = "denied"
        return AuditEntry(
            receipt: AuditReceipt(sequence: 12, digest: AuditLine.genesis),
            time: WallTime(seconds: 1_700_000_000, nanoseconds: 123_456_789), uptime: MonotonicTime(nanoseconds: 0),
            record: record)
    }

    @Test func `a record is a message of RFC 5424`() {
        let text = SyslogMessage.text(Self.entry, host: "ho st", process: 42, enterprise: 32473)
        let head = "<84>1 2023-11-14T22:13:20.123456Z ho_st oriond 42 set [audit@32473 seq=\"12\" phase=\"refused\""
        #expect(text.hasPrefix(head + " user=\"a\\\"b\\]c\\\\\\\\d\\\\x0a\" level=\"authPriv\" source=\"127.0.0.1:9\""))
        #expect(text.contains(" result=\"noAccess\"] set refused; ifAlias.2 of eth0 \"x\" -> \"yyy"))
        #expect(text.hasSuffix("...; key - -> ***; denied"))
        #expect(text.utf8.count < 2048)
        #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
    }

    @Test func `each durable record is sent, and nobody waits for the log daemon`() async throws {
        let bench = try AuditBench()
        let path = bench.directory.path + "/log"
        let receiver = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(receiver) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(receiver, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0)
        let mirror = try SyslogMirror(path: path, enterprise: 32473)
        let log = try AuditLog(
            path: bench.path, keys: bench.keys, sealer: nil, clock: bench.clock, wallClock: bench.clock,
            health: { _ in }, observer: { mirror.send($0) })
        for number in 0..<1000 { _ = try await log.append(AuditBench.record(number)) }
        log.close()
        var buffer = [UInt8](repeating: 0, count: 4096)
        let length = recv(receiver, &buffer, buffer.count, 0)
        #expect(String(decoding: buffer.prefix(max(0, length)), as: UTF8.self).contains("ifAlias.0 of eth0"))
        // Nobody read on: the socket's queue is short.
        #expect(mirror.dropped > 0)
        #expect(throws: StoreError.self) {
            try SyslogMirror(path: String(repeating: "x", count: 108), enterprise: 1)
        }
    }
}
