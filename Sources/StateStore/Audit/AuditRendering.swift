package import NetworkManagement
import NetworkModel

/// Audit records and findings as text. A secret is never shown.
package enum AuditRendering {
    package enum Format: String, Sendable, CaseIterable {
        /// One line for a record and one for each of its objects, under a heading.
        case table
        /// One JSON object for each record and line, with the keys of the audit file.
        case json
    }

    /// Ends with a line feed unless there is nothing to show.
    package static func text(_ entries: [AuditEntry], _ format: Format) throws(StoreError) -> String {
        switch format {
        case .table: return table(entries)
        case .json:
            var text = ""
            for entry in entries { text += try json(entry) + "\n" }
            return text
        }
    }

    /// A verification: each finding on a line, and a summary.
    package static func text(_ verification: AuditVerification) -> String {
        var lines = verification.findings.map(\.description)
        let files = verification.files.count == 1 ? "1 file" : "\(verification.files.count) files"
        let verdict =
            switch verification.findings.count {
            case 0: "sound"
            case 1: "1 finding"
            default: "\(verification.findings.count) findings"
            }
        lines.append("\(files), \(verification.soundRecords) sound records: \(verdict)")
        return lines.joined(separator: "\n") + "\n"
    }

    private static let headings = ["SEQ", "TIME", "EVENT", "PHASE", "RESULT", "USER", "LEVEL", "SOURCE", "REASON"]

    private static func table(_ entries: [AuditEntry]) -> String {
        guard !entries.isEmpty else { return "" }
        let rows = [headings] + entries.map(cells)
        // The last column is as wide as it is.
        let widths = headings.indices.dropLast().map { column in rows.map { $0[column].count }.max() ?? 0 }
        var text = ""
        for (position, row) in rows.enumerated() {
            let padded = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            text += trimmed((padded + [row[headings.count - 1]]).joined(separator: "  ")) + "\n"
            guard position > 0 else { continue }
            for object in entries[position - 1].record.objects { text += "      " + line(object) + "\n" }
        }
        return text
    }

    private static func cells(_ entry: AuditEntry) -> [String] {
        let record = entry.record
        return [
            "\(entry.receipt.sequence)", TimeText.text(of: entry.time), record.event.description,
            record.phase.description + (record.announcement.map { " (\($0))" } ?? ""),
            PrintableOctets.text(of: record.result.utf8), record.principal.printableName,
            record.principal.level.description, record.principal.source.description,
            PrintableOctets.text(of: record.reason.utf8),
        ]
    }

    private static func line(_ object: AuditObject) -> String {
        let target = object.target.isEmpty ? "" : " of \(PrintableOctets.text(of: object.target.utf8))"
        let old = object.old.map { "\($0)" } ?? "-"
        let new = object.new.map { "\($0)" } ?? "-"
        return "\(PrintableOctets.text(of: object.name.utf8))\(target): \(old) -> \(new)"
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }

    private static func json(_ entry: AuditEntry) throws(StoreError) -> String {
        var octets = AuditEncoder.opening(
            sequence: entry.receipt.sequence, time: entry.time, uptime: entry.uptime)
        // Without a sealer secrets are masked.
        octets += try AuditEncoder(sealer: nil).encode(entry.record)
        octets += AuditLine.tail(digest: entry.receipt.digest).dropLast()
        return String(decoding: octets, as: UTF8.self)
    }
}
