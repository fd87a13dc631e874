import NetworkManagement
import NetworkModel

/// An audit record as a syslog message (RFC 5424).
enum SyslogMessage {
    /// Facility authpriv (10): it goes where only administrators read.
    private static let facility = 10
    /// The most octets of one value; what is longer ends in "...". A receiver need not take more than 2048 in all
    /// (RFC 5424 section 6.1).
    private static let maximumValue = 255

    /// - Parameters:
    ///   - host: HOSTNAME, as gethostname(2) gives it.
    ///   - enterprise: the enterprise number behind the at sign of the structured data.
    static func text(_ entry: AuditEntry, host: String, process: Int32, enterprise: UInt32) -> String {
        let record = entry.record
        var data = ["seq=\"\(entry.receipt.sequence)\"", "phase=\"\(record.phase)\""]
        let fields: [(String, String)] = [
            ("user", record.principal.printableName), ("level", record.principal.level.description),
            ("source", record.principal.source.description), ("result", PrintableOctets.text(of: record.result.utf8)),
            ("announcement", record.announcement.map { "\($0)" } ?? ""),
        ]
        for (name, value) in fields where !value.isEmpty { data.append("\(name)=\"\(escaped(value))\"") }
        let time = TimeText.text(of: entry.time)
        // TIME-SECFRAC has at most six digits.
        let stamp = time.dropLast(4) + "Z"
        return "<\(facility * 8 + severity(record.phase))>1 \(stamp) \(name(host, 255)) oriond \(process)"
            + " \(name(record.event.description, 32)) [audit@\(enterprise) \(data.joined(separator: " "))] "
            + message(record)
    }

    /// RFC 5424 section 6.2.1: 4 warning, 5 notice, 6 informational.
    private static func severity(_ phase: AuditPhase) -> Int {
        switch phase {
        case .refused, .failed, .interrupted: 4
        case .undone: 5
        case .begun, .tested, .committed, .done: 6
        }
    }

    private static func message(_ record: AuditRecord) -> String {
        let objects = record.objects.prefix(8).map { object in
            let name = PrintableOctets.text(of: object.name.utf8)
            let target = object.target.isEmpty ? "" : " of \(PrintableOctets.text(of: object.target.utf8))"
            return "\(name)\(target) \(object.old.map { shortened("\($0)") } ?? "-")"
                + " -> \(object.new.map { shortened("\($0)") } ?? "-")"
        }
        let more = record.objects.count > 8 ? ["\(record.objects.count - 8) more"] : []
        let reason = record.reason.isEmpty ? [] : [shortened(PrintableOctets.text(of: record.reason.utf8))]
        return (["\(record.event) \(record.phase)"] + objects + more + reason).joined(separator: "; ")
    }

    /// PRINTUSASCII without blanks; "-" for nothing.
    private static func name(_ text: String, _ limit: Int) -> String {
        let octets = text.utf8.prefix(limit).map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "_") }
        return octets.isEmpty ? "-" : String(decoding: octets, as: UTF8.self)
    }

    private static func shortened(_ text: String) -> String {
        text.count <= maximumValue ? text : text.prefix(maximumValue - 3) + "..."
    }

    /// PARAM-VALUE: `"`, `\` and `]` take a backslash (RFC 5424 section 6.3.3).
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in shortened(text) {
            if character == "\"" || character == "\\" || character == "]" { escaped.append("\\") }
            escaped.append(character)
        }
        return escaped
    }
}
