package import NetworkModel
import TOMLKit

/// Turns a TOML document into a `NetworkConfiguration`, or says precisely what is wrong with it.
package enum ConfigurationReader {
    /// Reads a file.
    ///
    /// - Throws: `ConfigurationError` with every problem found.
    package static func read(file: String) throws(ConfigurationError) -> NetworkConfiguration {
        try read(ConfigurationFile.text(of: file), file: file)
    }

    /// Reads a document; `file` is what the messages call it.
    package static func read(_ text: String, file: String) throws(ConfigurationError) -> NetworkConfiguration {
        let lines = KeyLines(text)
        if let refusal = lines.refusal {
            throw ConfigurationError([
                ConfigurationProblem(file: file, line: refusal.line, reason: refusal.reason)
            ])
        }
        let table = try parse(text, file: file)
        var reading = Reading(file: file, lines: lines)
        reading.take(root: table)
        guard reading.problems.isEmpty else { throw ConfigurationError(reading.problems) }
        return reading.configuration
    }

    private static func parse(_ text: String, file: String) throws(ConfigurationError) -> TOMLTable {
        // The parser hands strings over as C strings: a NUL, however written, would cut them short.
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        where line.contains("\\u0000") || line.contains("\\U00000000") {
            throw ConfigurationError([
                ConfigurationProblem(file: file, line: number + 1, reason: "expected text, found an escaped NUL")
            ])
        }
        do {
            return try TOMLTable(string: text)
        } catch {
            let parseError = error as? TOMLParseError
            let reason = parseError?.description ?? "\(error)"
            throw ConfigurationError([
                ConfigurationProblem(
                    file: file, line: parseError?.source.begin.line, reason: "expected TOML: " + printable(reason))
            ])
        }
    }
}

/// What one pass over a document has found.
private struct Reading {
    let file: String
    let lines: KeyLines
    var configuration = NetworkConfiguration()
    var problems: [ConfigurationProblem] = []

    mutating func take(root: TOMLTable) {
        for name in root.keys {
            guard Setting.sections.contains(where: { $0.name == name }) else {
                reportUnknown(name, in: root)
                continue
            }
            guard let value = root[name] else { continue }
            guard let table = value.table else {
                report(section: name, "expected a table, found \(described(value))")
                continue
            }
            take(section: name, table)
        }
    }

    private mutating func reportUnknown(_ name: String, in root: TOMLTable) {
        let sections = Setting.sections.map { "[\($0.name)]" }.joined(separator: ", ")
        if root[name]?.type == .table {
            report(section: name, "expected one of the sections \(sections), found an unknown section")
        } else {
            report(key: name, "expected a section (\(sections)), found a key outside of any")
        }
    }

    private mutating func take(section: String, _ table: TOMLTable) {
        for key in table.keys {
            guard let value = table[key] else { continue }
            guard let setting = Setting.named(section: section, key: key) else {
                report(
                    section: section, key: key,
                    "expected a key of this section\(hint(key, in: section)), found an unknown key")
                continue
            }
            if let found = settingValue(value), setting.set(found, in: &configuration) { continue }
            report(
                section: section, key: key, "expected \(setting.syntax.expectation), found \(described(value))")
        }
    }

    private func hint(_ key: String, in section: String) -> String {
        // Each costs a while, and nobody reads that many.
        guard problems.count < 100 else { return "" }
        let distances = Setting.all.filter { $0.section == section }.map { ($0.key, editDistance(key, $0.key)) }
        guard let (name, distance) = distances.min(by: { $0.1 < $1.1 }), distance * 3 <= key.utf8.count else {
            return ""
        }
        return " (did you mean \(name)?)"
    }

    private mutating func report(section: String? = nil, key: String? = nil, _ reason: String) {
        let line = lines.line(of: [section, key].compactMap(\.self))
        problems.append(
            ConfigurationProblem(file: file, line: line, section: section, key: key, reason: reason))
    }

    private func settingValue(_ value: any TOMLValueConvertible) -> SettingValue? {
        switch value.type {
        case .bool: value.bool.map(SettingValue.boolean)
        case .int: value.int.map { .integer(Int64($0)) }
        case .string: value.string.map(SettingValue.text)
        default: nil
        }
    }

    private func described(_ value: any TOMLValueConvertible) -> String {
        switch value.type {
        case .bool: "the boolean \(value.bool ?? false)"
        case .int: "the integer \(value.int ?? 0)"
        case .double: "the number \(value.double ?? 0)"
        case .string: "the string \"\(printable(value.string ?? "", limit: 60))\""
        case .array: "an array"
        case .table: "a table"
        case .date, .time, .dateTime: "a date or time"
        }
    }
}

/// How many letters must be inserted, removed or replaced to make one word of the other, both cut to 64 octets.
private func editDistance(_ left: String, _ right: String) -> Int {
    let left = Array(left.utf8.prefix(64))
    let right = Array(right.utf8.prefix(64))
    var row = Array(0...right.count)
    for (number, octet) in left.enumerated() {
        var diagonal = row[0]
        row[0] = number + 1
        for (column, other) in right.enumerated() {
            let substituted = diagonal + (octet == other ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(substituted, diagonal + 1, row[column] + 1)
        }
    }
    return row[right.count]
}
