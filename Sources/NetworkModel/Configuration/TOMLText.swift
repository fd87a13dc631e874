/// Writes TOML 1.0.
package enum TOMLText {
    /// A basic string.
    package static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// A key: bare where that is allowed.
    package static func key(_ text: String) -> String {
        let isBare =
            !text.isEmpty
            && text.utf8.allSatisfy { octet in
                (0x30...0x39).contains(octet) || (0x41...0x5A).contains(octet) || (0x61...0x7A).contains(octet)
                    || octet == UInt8(ascii: "_") || octet == UInt8(ascii: "-")
            }
        return isBare ? text : string(text)
    }
}

extension NetworkConfiguration {
    /// The configuration as a file that reads back identically: every setting of the daemon, and what is said of
    /// drivers, interfaces, rules and thresholds.
    package var toml: String {
        var lines: [String] = []
        for section in Setting.sections {
            if !lines.isEmpty { lines.append("") }
            lines.append("[\(section.name)]")
            for setting in Setting.inSection(section.name) {
                lines.append("\(setting.key) = \(setting.value(in: self))")
            }
        }
        for kind in ItemKind.allCases {
            for (name, item) in items(of: kind) {
                if kind.isArray {
                    lines += ["", "[[\(kind.rawValue)]]", "name = \(TOMLText.string(name))"]
                } else {
                    lines += ["", "[\(kind.rawValue).\(TOMLText.key(name))]"]
                }
                for setting in kind.settings {
                    if let value = item[setting.key] { lines.append("\(setting.key) = \(value)") }
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
