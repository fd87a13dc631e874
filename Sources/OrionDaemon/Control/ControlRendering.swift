import NetworkModel

/// The daemon's answers as text.
enum ControlRendering {
    enum Format: String, CaseIterable {
        case table, json, toml
    }

    static func text(_ reply: ControlReply, as format: Format) -> String {
        switch format {
        case .json: String(decoding: ControlCoding.encode(reply), as: UTF8.self)
        case .toml: toml(reply)
        case .table: table(reply)
        }
    }

    private static func toml(_ reply: ControlReply) -> String {
        if let toml = reply.toml {
            // What is in force for a time alone says so without being another configuration.
            let remark = reply.secondsLeft.map { "# unconfirmed: taken back in \($0) seconds\n" } ?? ""
            return remark + toml
        }
        var lines: [String] = []
        func line(_ key: String, _ value: String?) {
            if let value { lines.append("\(key) = \(TOMLText.string(value))") }
        }
        line("error", reply.error)
        if let revision = reply.revision { lines.append("revision = \(revision)") }
        if let seconds = reply.secondsLeft { lines.append("seconds_left = \(seconds)") }
        if let microseconds = reply.microseconds { lines.append("microseconds = \(microseconds)") }
        if let microseconds = reply.kernelMicroseconds { lines.append("kernel_microseconds = \(microseconds)") }
        if let steps = reply.steps {
            lines.append("steps = [\(steps.map { TOMLText.string($0) }.joined(separator: ", "))]")
        }
        if let unlocked = reply.unlocked { lines.append("unlocked = \(SettingValue.list(unlocked))") }
        for revision in reply.revisions ?? [] {
            lines += ["", "[[revisions]]", "number = \(revision.number)"]
            line("time", revision.time)
            line("principal", revision.principal)
            line("origin", revision.origin)
            line("state", revision.state)
            lines.append("changes = \(revision.changes)")
            line("comment", revision.comment)
            line("digest", revision.digest)
            line("reason", revision.reason)
        }
        for difference in reply.differences ?? [] {
            lines += ["", "[[differences]]"]
            line("setting", difference.setting)
            line("old", difference.old)
            line("new", difference.new)
        }
        for finding in reply.findings ?? [] {
            lines += ["", "[[findings]]"]
            line("severity", finding.severity)
            line("setting", finding.setting)
            line("text", finding.text)
            if finding.step > 0 { lines.append("step = \(finding.step)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func table(_ reply: ControlReply) -> String {
        var lines: [String] = []
        if let revisions = reply.revisions {
            let rows = revisions.map { revision in
                [
                    "\(revision.number)", "\(revision.time.prefix(19))Z", revision.principal, revision.origin,
                    revision.state, "\(revision.changes)", revision.comment, revision.reason,
                ]
            }
            lines += columns([["revision", "time", "by", "origin", "state", "changes", "comment", "reason"]] + rows)
        } else if let differences = reply.differences {
            lines += columns(differences.map { [$0.setting, $0.old ?? "-", "->", $0.new ?? "-"] })
            if differences.isEmpty { lines.append("no difference") }
        } else if let unlocked = reply.unlocked {
            lines += unlocked.isEmpty ? ["nothing was locked"] : unlocked.map { "session \"\($0)\" is unlocked" }
        } else if let settings = reply.settings {
            lines += columns(settings.map { [$0.setting, $0.new ?? ""] })
        } else {
            for finding in reply.findings ?? [] {
                let step = finding.step > 0 ? " step \(finding.step)" : ""
                lines.append("\(finding.severity)\(step) \(finding.setting): \(finding.text)")
            }
            for step in reply.steps ?? [] where reply.error == nil { lines.append("  " + step) }
            if let revision = reply.revision, reply.error == nil { lines.append("revision \(revision) is in force") }
        }
        if let seconds = reply.secondsLeft { lines.append("unconfirmed: taken back in \(seconds) seconds") }
        return lines.map { printable($0, limit: 4096) + "\n" }.joined()
    }

    private static func columns(_ rows: [[String]]) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: max(0, $1 - $0.count)) }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
