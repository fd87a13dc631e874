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
        // Which key stands on which line is only asked of a document that is wrong.
        let lines = KeyLines(text, recordingLines: false)
        if let refusal = lines.refusal {
            throw ConfigurationError([
                ConfigurationProblem(file: file, line: refusal.line, reason: refusal.reason)
            ])
        }
        let table = try parse(text, file: file)
        var reading = Reading()
        reading.take(root: table)
        guard !reading.problems.isEmpty else { return reading.configuration }
        throw ConfigurationError(located(reading.problems, in: text, file: file))
    }

    private static func located(
        _ problems: [Reading.Problem], in text: String, file: String
    ) -> [ConfigurationProblem] {
        let lines = KeyLines(text)
        return problems.map { problem in
            ConfigurationProblem(
                file: file, line: lines.line(of: problem.path), section: problem.section, key: problem.key,
                reason: problem.reason)
        }
    }

    private static func lineOfEscapedNUL(in text: String) -> Int? {
        // Hardly any document has an escape, and looking through its text takes longer than reading it.
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.firstIndex { $0.contains("\\u0000") || $0.contains("\\U00000000") }.map { $0 + 1 }
    }

    private static func parse(_ text: String, file: String) throws(ConfigurationError) -> TOMLTable {
        // The parser hands strings over as C strings: a NUL, however written, would cut them short.
        if let line = lineOfEscapedNUL(in: text) {
            throw ConfigurationError([
                ConfigurationProblem(file: file, line: line, reason: "expected text, found an escaped NUL")
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
    struct Problem {
        /// Where it stands: the tables it is in, by name or by number in an array, then the key.
        let path: [String]
        let section: String?
        let key: String?
        let reason: String
    }

    var configuration = NetworkConfiguration()
    var problems: [Problem] = []

    mutating func take(root: TOMLTable) {
        for name in root.keys {
            guard let value = root[name] else { continue }
            if let kind = ItemKind(rawValue: name) {
                take(kind, value)
                continue
            }
            guard Setting.sections.contains(where: { $0.name == name }) else {
                reportUnknown(name, value)
                continue
            }
            guard let table = value.table else {
                report([name], section: name, "expected a table, found \(described(value))")
                continue
            }
            take(section: name, table)
        }
    }

    private mutating func reportUnknown(_ name: String, _ value: any TOMLValueConvertible) {
        let sections = (Setting.sections.map { "[\($0.name)]" } + ItemKind.allCases.map(\.header)).joined(
            separator: ", ")
        if value.type == .table {
            report([name], section: name, "expected one of the sections \(sections), found an unknown section")
        } else {
            report([name], key: name, "expected a section (\(sections)), found a key outside of any")
        }
    }

    private mutating func take(section: String, _ table: TOMLTable) {
        for key in table.keys {
            guard let value = table[key] else { continue }
            guard let setting = Setting.named(section: section, key: key) else {
                let hint = hint(key, among: Setting.inSection(section).map(\.key))
                report(
                    [section, key], section: section, key: key,
                    "expected a key of this section\(hint), found an unknown key")
                continue
            }
            if let found = settingValue(value), setting.set(found, in: &configuration) { continue }
            report(
                [section, key], section: section, key: key,
                "expected \(setting.syntax.expectation), found \(described(value))")
        }
    }

    // MARK: items

    private mutating func take(_ kind: ItemKind, _ value: any TOMLValueConvertible) {
        var items: [String: ConfigurationItem] = [:]
        if kind.isArray {
            guard let array = value.array, value.type == .array else {
                report([kind.rawValue], section: kind.rawValue, "expected \(kind.header), found \(described(value))")
                return
            }
            for (position, element) in array.enumerated() { takeElement(kind, position, element, into: &items) }
        } else {
            guard let table = value.table else {
                report([kind.rawValue], section: kind.rawValue, "expected a table, found \(described(value))")
                return
            }
            for name in table.keys {
                guard let value = table[name] else { continue }
                takeNamed(kind, name, value, into: &items)
            }
        }
        if !items.isEmpty { configuration.items[kind] = items }
    }

    private mutating func takeNamed(
        _ kind: ItemKind, _ name: String, _ value: any TOMLValueConvertible,
        into items: inout [String: ConfigurationItem]
    ) {
        let section = "\(kind.rawValue).\(name)"
        let path = [kind.rawValue, name]
        guard let table = value.table else {
            report(
                path, section: kind.rawValue, key: name, "expected a table \(kind.header), found \(described(value))")
            return
        }
        guard kind.accepts(name: name) else {
            report(path, section: section, "expected \(kind.nameExpectation), found another name")
            return
        }
        let item = read(kind, table, section: section, path: path)
        // A section without a key says nothing.
        if !item.isEmpty { items[name] = item }
    }

    private mutating func takeElement(
        _ kind: ItemKind, _ position: Int, _ element: any TOMLValueConvertible,
        into items: inout [String: ConfigurationItem]
    ) {
        let path = [kind.rawValue, String(position)]
        guard let table = element.table else {
            report([kind.rawValue], section: kind.rawValue, "expected \(kind.header), found \(described(element))")
            return
        }
        guard let found = table["name"] else {
            report(path, section: kind.rawValue, key: "name", "expected \(kind.nameExpectation), found none")
            return
        }
        guard let name = settingValue(found)?.text, kind.accepts(name: name) else {
            report(
                path + ["name"], section: kind.rawValue, key: "name",
                "expected \(kind.nameExpectation), found \(described(found))")
            return
        }
        guard items[name] == nil else {
            report(
                path + ["name"], section: kind.rawValue, key: "name",
                "expected a name that no other has, found the string \"\(printable(name, limit: 60))\" again")
            return
        }
        items[name] = read(kind, table, section: kind.rawValue, path: path)
    }

    private mutating func read(
        _ kind: ItemKind, _ table: TOMLTable, section: String, path: [String]
    ) -> ConfigurationItem {
        var item = ConfigurationItem()
        for key in table.keys {
            if kind.isArray, key == "name" { continue }
            guard let value = table[key] else { continue }
            guard let setting = kind.setting(key) else {
                let hint = hint(key, among: kind.settings.map(\.key))
                report(
                    path + [key], section: section, key: key,
                    "expected a key of this section\(hint), found an unknown key")
                continue
            }
            if let found = settingValue(value), setting.syntax.accepts(found) {
                item[key] = found
            } else {
                report(
                    path + [key], section: section, key: key,
                    "expected \(setting.syntax.expectation), found \(described(value))")
            }
        }
        for setting in kind.settings where setting.isRequired && table[setting.key] == nil {
            report(path, section: section, key: setting.key, "expected \(setting.syntax.expectation), found none")
        }
        return item
    }

    // MARK: problems

    private func hint(_ key: String, among keys: [String]) -> String {
        // Each costs a while, and nobody reads that many.
        guard problems.count < 100 else { return "" }
        let distances = keys.map { ($0, editDistance(key, $0)) }
        guard let (name, distance) = distances.min(by: { $0.1 < $1.1 }), distance * 3 <= key.utf8.count else {
            return ""
        }
        return " (did you mean \(name)?)"
    }

    private mutating func report(_ path: [String], section: String? = nil, key: String? = nil, _ reason: String) {
        problems.append(Problem(path: path, section: section, key: key, reason: reason))
    }

    private func settingValue(_ value: any TOMLValueConvertible) -> SettingValue? {
        switch value.type {
        case .bool: return value.bool.map(SettingValue.boolean)
        case .int: return value.int.map { .integer(Int64($0)) }
        case .string: return value.string.map(SettingValue.text)
        case .array:
            guard let array = value.array else { return nil }
            let texts = array.compactMap { $0.type == .string ? $0.string : nil }
            return texts.count == array.count ? .list(texts) : nil
        default: return nil
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
