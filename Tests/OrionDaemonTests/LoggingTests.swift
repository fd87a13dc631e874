import Foundation
import Logging
import NetworkModel
import Synchronization
import Testing

@testable import OrionDaemon

/// Keeps what is written.
private final class Recorder: LogWriter {
    let records = Mutex<[LogRecord]>([])

    func write(_ record: LogRecord) {
        records.withLock { $0.append(record) }
    }
}

private func record(
    _ message: String, _ metadata: [(key: String, value: String)] = [], level: Logger.Level = .info
) -> LogRecord {
    LogRecord(
        level: level, label: "oriond", message: message, metadata: metadata, file: "F.swift", function: "f()", line: 7)
}

@Suite struct LineLogTests {
    private let log = LineLog(descriptor: -1, now: { timespec(tv_sec: 951_782_400, tv_nsec: 7_999_999) })

    @Test func `a record is one line of keys and values`() {
        #expect(
            log.line(for: record("link is down", [("interface.name", "eth0"), ("reason", "no carrier")]))
                == "time=2000-02-29T00:00:00.007Z level=info logger=oriond msg=\"link is down\" "
                + "interface.name=eth0 reason=\"no carrier\"")
    }

    @Test(arguments: [
        ("", "\"\""),
        ("plain", "plain"),
        ("a=b", "\"a=b\""),
        ("say \"no\"", "\"say \\\"no\\\"\""),
        ("two\nlines\r", "\"two\\nlines\\r\""),
        ("back\\slash", "\"back\\\\slash\""),
        ("\u{1B}[31mred", "\"\\u{1b}[31mred\""),
        ("\u{202E}reversed\u{0}", "\"\\u{202e}reversed\\u{0}\""),
        ("é 網", "\"é 網\""),
    ]) func `a value that could break the line is quoted and escaped`(value: String, expected: String) {
        #expect(log.line(for: record("m", [("key", value)])).hasSuffix(" msg=m key=" + expected))
    }

    @Test func `a key keeps to printable characters`() {
        #expect(log.line(for: record("m", [("a b=\n\"c", "v")])).hasSuffix(" a_b___c=v"))
    }

    @Test func `a very long value is cut`() {
        let line = log.line(for: record(String(repeating: "x", count: 100_000)))
        #expect(line.utf8.count < 2200 && line.hasSuffix("...\""))
    }

    @Test func `a line arrives whole and once`() throws {
        let pipe = Pipe()
        LineLog(descriptor: pipe.fileHandleForWriting.fileDescriptor).write(record("hello"))
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: try #require(try pipe.fileHandleForReading.readToEnd()), as: UTF8.self)
        #expect(text.hasSuffix("level=info logger=oriond msg=hello\n"))
    }

    @Test func `a closed descriptor is no reason to stop`() {
        LineLog(descriptor: -1).write(record("lost"))
    }
}

@Suite struct DaemonLogHandlerTests {
    @Test func `metadata of the logger, its provider and the event are merged, the event's last`() {
        let recorder = Recorder()
        let output = LogOutput(level: .info, writer: recorder)
        var handler = DaemonLogHandler(label: "a", output: output)
        handler.metadataProvider = Logger.MetadataProvider { ["b": "provided", "c": "provided"] }
        var logger = Logger(label: "a") { _ in handler }
        logger[metadataKey: "a"] = "own"
        logger[metadataKey: "b"] = "own"
        logger.info("m", metadata: ["c": "event", "d": ["x", "y"]])
        let metadata = recorder.records.withLock { $0.first?.metadata.map { "\($0.key)=\($0.value)" } }
        #expect(metadata == ["a=own", "b=provided", "c=event", "d=[\"x\", \"y\"]"])
    }

    @Test func `a changed level reaches loggers made before`() {
        let recorder = Recorder()
        let output = LogOutput(level: .warning, writer: recorder)
        let logger = Logger(label: "a") { DaemonLogHandler(label: $0, output: output) }
        logger.info("unseen")
        output.set(level: .info)
        logger.info("seen")
        output.set(level: .critical)
        logger.error("unseen")
        #expect(recorder.records.withLock { $0.map(\.message) } == ["seen"])
    }

    @Test func `a logger's own level stays its own`() {
        let recorder = Recorder()
        let output = LogOutput(level: .info, writer: recorder)
        var logger = Logger(label: "a") { DaemonLogHandler(label: $0, output: output) }
        logger.logLevel = .error
        output.set(level: .trace)
        logger.warning("unseen")
        #expect(recorder.records.withLock { $0.isEmpty })
    }
}

@Suite struct JournalLogTests {
    @Test func `a record becomes the fields of the journal`() throws {
        let receiver = try DatagramReceiver()
        let fallback = Recorder()
        let log = try #require(JournalLog(socket: receiver.path, fallback: fallback))
        log.write(record("link is down", [("interface.name", "eth0")], level: .warning))
        let datagram = String(decoding: try receiver.receive(), as: UTF8.self)
        #expect(
            datagram == """
                MESSAGE=link is down interface.name=eth0
                PRIORITY=4
                SYSLOG_IDENTIFIER=oriond
                ORION_LOGGER=oriond
                CODE_FILE=F.swift
                CODE_LINE=7
                CODE_FUNC=f()
                ORION_INTERFACE_NAME=eth0

                """)
        #expect(fallback.records.withLock { $0.isEmpty })
    }

    @Test func `a value of several lines is sent with its length, so that it cannot forge a field`() throws {
        let receiver = try DatagramReceiver()
        let log = try #require(JournalLog(socket: receiver.path, fallback: Recorder()))
        log.write(record("one\nPRIORITY=0"))
        let expected = Array("MESSAGE\n".utf8) + [14, 0, 0, 0, 0, 0, 0, 0] + Array("one\nPRIORITY=0\n".utf8)
        let datagram = try receiver.receive()
        #expect(datagram.starts(with: expected))
    }

    @Test func `without a journal the record goes to the fallback`() throws {
        let fallback = Recorder()
        let log = try #require(JournalLog(socket: "/nonexistent/socket", fallback: fallback))
        log.write(record("kept"))
        #expect(fallback.records.withLock { $0.map(\.message) } == ["kept"])
    }

    @Test func `standard error is the journal when JOURNAL_STREAM names its file`() throws {
        var status = stat()
        #expect(fstat(STDIN_FILENO, &status) == 0)
        #expect(JournalLog.isConnected(to: STDIN_FILENO, stream: "\(status.st_dev):\(status.st_ino)"))
        #expect(!JournalLog.isConnected(to: STDIN_FILENO, stream: "\(status.st_dev):\(status.st_ino + 1)"))
        #expect(!JournalLog.isConnected(to: STDIN_FILENO, stream: nil))
    }
}
