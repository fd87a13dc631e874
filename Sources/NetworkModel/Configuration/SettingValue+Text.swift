extension SettingValue: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else {
            self = .list(try container.decode([String].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        }
    }
}

extension SettingValue {
    /// As a console writes it: text without quotes, the elements of a list between commas.
    package var plainText: String {
        switch self {
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .text(let value): value
        case .list(let values): values.joined(separator: ",")
        }
    }
}

extension SettingSyntax {
    /// The value that `plainText` wrote; nil when the syntax takes none that is written so.
    package func value(plainText text: String) -> SettingValue? {
        let value: SettingValue? =
            switch self {
            case .boolean: text == "true" ? .boolean(true) : text == "false" ? .boolean(false) : nil
            case .integer: text.hasPrefix("+") ? nil : Int64(text).map { .integer($0) }
            case .list: .list(text.isEmpty ? [] : text.split(separator: ",").map { trimmed($0) })
            default: .text(text)
            }
        return value.flatMap { accepts($0) ? $0 : nil }
    }

    private func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
