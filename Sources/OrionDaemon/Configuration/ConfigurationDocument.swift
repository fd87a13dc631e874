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
            for setting in Setting.all where setting.section == section.name {
                lines.append("")
                lines += wrapped(setting.summary + " " + setting.terms, width: 98).map { "# " + $0 }
                lines.append("\(setting.key) = \(setting.defaultValue)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The reference of all settings in Markdown.
    package static var reference: String {
        var lines = [
            "# Configuration",
            "",
            "`oriond` reads `/etc/orion/oriond.toml`, or the file that `--config` names, a TOML 1.0 document in UTF-8 of at most",
            "1 MiB. Without a file it runs with the defaults. `Config/oriond.toml` holds every setting with its default;",
            "`oriond config default` prints the same, and `oriond config check FILE` checks a file without starting anything.",
            "",
            "Unknown sections and keys, wrong types and values out of range are errors, each told as",
            "`FILE:LINE: [section] key: what was expected, what was found`; `oriond` then refuses to start with exit status 78.",
            "",
            "SIGHUP reads the file again. If it is good, what the tables below mark *reload* takes effect at once, and the log",
            "names what needs a restart. If it is bad, nothing changes and the log says why.",
            "",
            "The options `--agentx-socket` and `--log-level` come before the file.",
        ]
        for section in Setting.sections {
            lines += ["", "## [\(section.name)]", "", section.summary, ""]
            lines += ["| key | default | takes | effect | meaning |", "| --- | --- | --- | --- | --- |"]
            for setting in Setting.all where setting.section == section.name {
                let cells = [
                    "`\(setting.key)`", "`\(setting.defaultValue)`", setting.syntax.expectation,
                    setting.effect == .reload ? "reload" : "restart", setting.summary,
                ]
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
