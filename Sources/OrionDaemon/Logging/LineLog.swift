import Glibc
import Logging

/// Writes each record as one line of `key=value` pairs, as logfmt does, by one write(2).
struct LineLog: LogWriter {
    private let descriptor: Int32
    private let now: @Sendable () -> timespec

    /// Longer values are cut.
    private static let longestValue = 2000

    init(descriptor: Int32 = STDERR_FILENO, now: @escaping @Sendable () -> timespec = realTime) {
        self.descriptor = descriptor
        self.now = now
    }

    func write(_ record: LogRecord) {
        writeLine(line(for: record), to: descriptor)
    }

    func line(for record: LogRecord) -> String {
        var line = "time=\(timestamp(now())) level=\(record.level.rawValue) logger=\(quoted(record.label))"
        line += " msg=\(quoted(record.message))"
        for (key, value) in record.metadata {
            line += " \(name(key))=\(quoted(value))"
        }
        return line
    }

    /// A key without what would end it.
    private func name(_ key: String) -> String {
        let octets = key.utf8.map { octet in
            octet > 0x20 && octet < 0x7F && octet != UInt8(ascii: "=") && octet != UInt8(ascii: "\"")
                ? octet : UInt8(ascii: "_")
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private func quoted(_ value: String) -> String {
        let plain = value.utf8.allSatisfy { octet in
            octet > 0x20 && octet < 0x7F && octet != UInt8(ascii: "\"") && octet != UInt8(ascii: "=")
                && octet != UInt8(ascii: "\\")
        }
        if plain && !value.isEmpty && value.utf8.count <= Self.longestValue { return value }
        var escaped = ""
        for character in printable(value, limit: Self.longestValue).unicodeScalars {
            if character == "\"" { escaped += "\\" }
            escaped.unicodeScalars.append(character)
        }
        return "\"\(escaped)\""
    }

    /// RFC 3339, UTC, milliseconds.
    private func timestamp(_ time: timespec) -> String {
        var seconds = time.tv_sec
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)].map { padded($0, 2) }
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }
        return date.joined(separator: "-") + "T" + clock.joined(separator: ":")
            + "." + padded(time.tv_nsec / 1_000_000, 3) + "Z"
    }

    private func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// Writes a line, by one write(2) where the descriptor takes it whole. What cannot be written is lost: neither a full
/// disk nor a reader that went away may stop the daemon.
func writeLine(_ line: String, to descriptor: Int32) {
    var remaining = Array((line + "\n").utf8)[...]
    while !remaining.isEmpty {
        let written = remaining.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { return }
        remaining = remaining.dropFirst(written)
    }
}

/// The time of day (CLOCK_REALTIME).
@Sendable func realTime() -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time
}
