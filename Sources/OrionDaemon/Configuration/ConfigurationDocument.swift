import NetworkModel

/// The settings as documents: the annotated default file and the reference.
package enum ConfigurationDocument {
    /// A configuration file that sets every key to its default and explains it.
    package static var defaultFile: String {
        var lines = [
            "# The configuration of oriond: every setting with its default.",
            "# Check a changed file with `oriond config check FILE`; SIGHUP makes a running oriond read it again.",
        ]
        for section in Setting.sections {
            lines += ["", "# \(section.summary)", "[\(section.name)]"]
            for setting in Setting.inSection(section.name) {
                lines.append("")
                lines += wrapped(setting.summary + " " + setting.terms, width: 98).map { "# " + $0 }
                lines.append("\(setting.key) = \(setting.defaultValue)")
            }
        }
        for kind in ItemKind.allCases { lines += itemLines(of: kind) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What can be said of one item, as comments: nothing of it is said by default.
    private static func itemLines(of kind: ItemKind) -> [String] {
        var lines = ["", ""]
        lines += wrapped(kind.summary, width: 98).map { "# " + $0 }
        lines.append("# " + kind.header)
        for setting in kind.settings {
            lines.append("#")
            lines += wrapped("\(setting.summary) \(setting.terms)", width: 98).map { "# " + $0 }
            lines.append("# \(setting.key) = \(setting.defaultValue ?? setting.syntax.example)")
        }
        lines.remove(at: 0)
        return lines
    }

    /// The reference of all settings in Markdown.
    package static var reference: String {
        var lines = [
            "# Configuration",
            "",
            "`oriond` reads `/etc/orion/oriond.toml`, or the file that `--config` names, a TOML 1.0 document in UTF-8 of at most",
            "16 MiB. Without a file it runs with the defaults. `Config/oriond.toml` holds every setting with its default;",
            "`oriond config default` prints the same, and `oriond config check FILE` checks a file without starting anything.",
            "",
            "Unknown sections and keys, wrong types and values out of range are errors, each told as",
            "`FILE:LINE: [section] key: what was expected, what was found`; `oriond` then refuses to start with exit status 78.",
            "",
            "SIGHUP reads the file again and commits it, as `oriond config apply FILE` does: whole or not at all",
            "([transactions.md](transactions.md)). What the tables below mark *reload* takes effect at once, and the log names",
            "what needs a restart. If the file is bad, nothing changes and the log says why.",
            "",
            "The options `--agentx-socket` and `--log-level` come before the file.",
        ]
        for section in Setting.sections {
            lines += ["", "## [\(section.name)]", "", section.summary, ""]
            lines += ["| key | default | takes | effect | meaning |", "| --- | --- | --- | --- | --- |"]
            for setting in Setting.inSection(section.name) {
                let cells = [
                    "`\(setting.key)`", "`\(setting.defaultValue)`", setting.syntax.expectation,
                    setting.effect == .reload ? "reload" : "restart", setting.summary,
                ]
                lines.append("| " + cells.joined(separator: " | ") + " |")
            }
        }
        for kind in ItemKind.allCases {
            lines += ["", "## \(kind.header)", "", kind.summary, ""]
            lines += ["| key | where not said | takes | meaning |", "| --- | --- | --- | --- |"]
            if kind.isArray { lines.append("| `name` | required | \(kind.nameExpectation) | Its name. |") }
            for setting in kind.settings {
                let absent =
                    setting.isRequired ? "required" : setting.defaultValue.map { "`\($0)`" } ?? "left as it is"
                let cells = ["`\(setting.key)`", absent, setting.syntax.expectation, setting.summary]
                lines.append("| " + cells.joined(separator: " | ") + " |")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `text` in lines of at most `width` characters, broken at spaces.
    private static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}

extension Setting {
    /// What it takes and when a change takes effect, as a sentence.
    fileprivate var terms: String {
        let expectation = syntax.expectation
        let sentence = expectation.prefix(1).uppercased() + expectation.dropFirst()
        return "\(sentence). A change takes effect " + (effect == .reload ? "on reload." : "after a restart.")
    }
}

extension ItemSetting {
    /// What it takes, as a sentence.
    fileprivate var terms: String {
        let expectation = syntax.expectation
        return expectation.prefix(1).uppercased() + expectation.dropFirst() + "."
    }
}

extension SettingSyntax {
    /// A value that it takes.
    fileprivate var example: SettingValue {
        switch self {
        case .boolean: .boolean(true)
        case .integer(let range, _): .integer(range.lowerBound)
        case .choice(let choices): .text(choices.first ?? "")
        case .absolutePath: .text("/")
        case .userName: .text("root")
        case .text, .interfaceNameOrNone: .text("")
        case .interfaceName: .text("eth0")
        case .macAddress: .text("02:00:5e:10:00:01")
        case .ipAddress: .text("192.0.2.1")
        case .principalPattern: .text("name:*")
        case .targetPattern: .text("any")
        case .sourcePrefix: .text("192.0.2.0/24")
        case .list: .list([])
        }
    }
}
