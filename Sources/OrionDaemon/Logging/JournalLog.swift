import Glibc
import Logging

/// Writes each record to systemd's journal with its fields (systemd's "Native Journal Protocol").
struct JournalLog: LogWriter {
    static let socket = "/run/systemd/journal/socket"

    private let sender: DatagramSender
    /// Takes what the journal does not.
    private let fallback: any LogWriter

    /// Longer values are cut, so that the datagram fits the default socket buffer.
    private static let longestValue = 8000

    /// nil when no socket can be made.
    init?(socket: String = Self.socket, fallback: any LogWriter) {
        guard let sender = DatagramSender(path: socket) else { return nil }
        self.sender = sender
        self.fallback = fallback
    }

    /// Whether standard error is connected to the journal, as `JOURNAL_STREAM` says (systemd.exec(5)).
    static func isConnected(to descriptor: Int32, stream: String?) -> Bool {
        var status = stat()
        guard let stream, fstat(descriptor, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }

    func write(_ record: LogRecord) {
        if !sender.send(datagram(for: record)) { fallback.write(record) }
    }

    func datagram(for record: LogRecord) -> [UInt8] {
        var fields: [(String, String)] = [
            ("MESSAGE", text(for: record)),
            ("PRIORITY", String(priority(record.level))),
            ("SYSLOG_IDENTIFIER", "oriond"),
            ("ORION_LOGGER", record.label),
            ("CODE_FILE", record.file),
            ("CODE_LINE", String(record.line)),
            ("CODE_FUNC", record.function),
        ]
        fields += record.metadata.map { ("ORION_" + name($0.key), $0.value) }
        return fields.flatMap(octets)
    }

    /// The message with the values behind it, for readers that show nothing else.
    private func text(for record: LogRecord) -> String {
        record.metadata.reduce(into: record.message) { $0 += " \($1.key)=\($1.value)" }
    }

    private func octets(of name: String, _ value: String) -> [UInt8] {
        let octets = Array(value.utf8.prefix(Self.longestValue))
        guard octets.contains(UInt8(ascii: "\n")) else {
            return Array(name.utf8) + [UInt8(ascii: "=")] + octets + [UInt8(ascii: "\n")]
        }
        let length = withUnsafeBytes(of: UInt64(octets.count).littleEndian) { Array($0) }
        return Array(name.utf8) + [UInt8(ascii: "\n")] + length + octets + [UInt8(ascii: "\n")]
    }

    /// A field's name: capitals, digits and underscores, and at most 64 octets with the prefix.
    private func name(_ key: String) -> String {
        let octets = key.utf8.prefix(58).map { octet -> UInt8 in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): octet - 32
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): octet
            default: UInt8(ascii: "_")
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// syslog(3).
    private func priority(_ level: Logger.Level) -> Int32 {
        switch level {
        case .trace, .debug: LOG_DEBUG
        case .info: LOG_INFO
        case .notice: LOG_NOTICE
        case .warning: LOG_WARNING
        case .error: LOG_ERR
        case .critical: LOG_CRIT
        }
    }
}
