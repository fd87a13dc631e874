/// What is wrong with a configuration file: every problem found, in the order of the lines.
package struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    package let problems: [ConfigurationProblem]
    /// How many more problems there were than are told.
    package let omitted: Int

    /// More than a screen of problems helps nobody.
    private static let limit = 20

    init(_ problems: [ConfigurationProblem]) {
        let ordered = problems.sorted { ($0.line ?? 0, $0.key ?? "") < ($1.line ?? 0, $1.key ?? "") }
        self.problems = Array(ordered.prefix(Self.limit))
        omitted = max(0, ordered.count - Self.limit)
    }

    package var description: String {
        var lines = problems.map(\.description)
        if omitted > 0 { lines.append("and \(omitted) more") }
        return lines.joined(separator: "\n")
    }
}

/// One problem of a configuration file, on one line: `FILE:LINE: [section] key: what was expected, what was found`.
package struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
    package let file: String
    /// From 1; nil when the whole file is meant.
    package let line: Int?
    package let section: String?
    package let key: String?
    package let reason: String

    init(file: String, line: Int? = nil, section: String? = nil, key: String? = nil, reason: String) {
        self.file = file
        self.line = line
        self.section = section
        self.key = key
        self.reason = reason
    }

    package var description: String {
        var text = printable(file)
        if let line { text += ":\(line)" }
        text += ": "
        if let section { text += "[\(printable(section))]" }
        if let key { text += (section == nil ? "" : " ") + printable(key) }
        if section != nil || key != nil { text += ": " }
        return text + reason
    }
}
