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
        // By appending, since interpolation makes a string of each part first: a flood of events is logged line by line.
        var line = "time="
        line.reserveCapacity(256)
        line += timestamp(now())
        line += " level="
        line += record.level.rawValue
        line += " logger="
        line += quoted(record.label)
        line += " msg="
        line += quoted(record.message)
        for (key, value) in record.metadata {
            line += " "
            line += name(key)
            line += "="
            line += quoted(value)
        }
        return line
    }

    /// A key without what would end it.
    private func name(_ key: String) -> String {
        if key.utf8.allSatisfy(\.isPlain) { return key }
        let octets = key.utf8.map { octet in
            octet > 0x20 && octet < 0x7F && octet != UInt8(ascii: "=") && octet != UInt8(ascii: "\"")
                ? octet : UInt8(ascii: "_")
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private func quoted(_ value: String) -> String {
        if !value.isEmpty, value.utf8.count <= Self.longestValue {
            if value.utf8.allSatisfy(\.isPlain) { return value }
            if value.utf8.allSatisfy({ $0 == UInt8(ascii: " ") || $0.isPlain }) { return "\"" + value + "\"" }
        }
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
        var text = ""
        append(Int(parts.tm_year) + 1900, 4, "-", to: &text)
        append(Int(parts.tm_mon) + 1, 2, "-", to: &text)
        append(Int(parts.tm_mday), 2, "T", to: &text)
        append(Int(parts.tm_hour), 2, ":", to: &text)
        append(Int(parts.tm_min), 2, ":", to: &text)
        append(Int(parts.tm_sec), 2, ".", to: &text)
        append(time.tv_nsec / 1_000_000, 3, "Z", to: &text)
        return text
    }

    /// Appends at least `width` digits, and what ends them.
    private func append(_ number: Int, _ width: Int, _ end: String, to text: inout String) {
        let digits = String(number)
        for _ in digits.utf8.count..<max(width, digits.utf8.count) { text += "0" }
        text += digits
        text += end
    }
}

extension UInt8 {
    /// Whether a value with this octet in it needs no quotes.
    fileprivate var isPlain: Bool {
        self > 0x20 && self < 0x7F && self != UInt8(ascii: "\"") && self != UInt8(ascii: "=")
            && self != UInt8(ascii: "\\")
    }
}

/// Writes a line, by one write(2) where the descriptor takes it whole. What cannot be written is lost: neither a full
/// disk nor a reader that went away may stop the daemon.
func writeLine(_ line: String, to descriptor: Int32) {
    var line = line + "\n"
    line.withUTF8 { octets in
        var remaining = UnsafeRawBufferPointer(octets)
        while !remaining.isEmpty {
            let written = write(descriptor, remaining.baseAddress, remaining.count)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            remaining = UnsafeRawBufferPointer(rebasing: remaining[written...])
        }
    }
}

/// The time of day (CLOCK_REALTIME).
@Sendable func realTime() -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time
}
