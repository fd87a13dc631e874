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
    /// As a console writes it: text without quotes, the elements of a list between commas. An element that has a comma,
    /// begins with a quote, or begins or ends with a space stands in quotes, where a quote or a backslash has a backslash
    /// before it.
    package var plainText: String {
        switch self {
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .text(let value): value
        case .list(let values): values.map(Self.element).joined(separator: ",")
        }
    }

    /// The longest text of a value that a console can be shown, and can set (OrionSettingValue of ORION-CONFIG-MIB).
    package static let maximumTextOctets = 16_384

    private static func element(_ text: String) -> String {
        let isPlain =
            !text.isEmpty && text.first != "\"" && text.first != " " && text.last != " "
            && !text.utf8.contains(UInt8(ascii: ","))
        guard !isPlain else { return text }
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }
}

extension SettingSyntax {
    /// The value that `plainText` wrote; nil when the syntax takes none that is written so.
    package func value(plainText text: String) -> SettingValue? {
        let value: SettingValue? =
            switch self {
            case .boolean: text == "true" ? .boolean(true) : text == "false" ? .boolean(false) : nil
            case .integer: text.hasPrefix("+") ? nil : Int64(text).map { .integer($0) }
            case .list: Self.elements(of: text).map { .list($0) }
            default: .text(text)
            }
        return value.flatMap { accepts($0) ? $0 : nil }
    }

    /// What stands between commas, without the spaces around it; nil when a quote is not closed, or something follows
    /// one that is.
    private static func elements(of text: String) -> [String]? {
        var elements: [String] = []
        var rest = text.unicodeScalars[...]
        while true {
            rest = rest.drop { $0 == " " }
            if rest.first == "\"" {
                guard let element = quoted(&rest) else { return nil }
                elements.append(element)
                rest = rest.drop { $0 == " " }
                guard rest.isEmpty || rest.first == "," else { return nil }
            } else {
                let end = rest.firstIndex(of: ",") ?? rest.endIndex
                var element = rest[..<end]
                while element.last == " " { element.removeLast() }
                if !element.isEmpty { elements.append(String(element)) }
                rest = rest[end...]
            }
            guard rest.popFirst() != nil else { return elements }
        }
    }

    /// Takes an element in quotes off the front.
    private static func quoted(_ rest: inout Substring.UnicodeScalarView) -> String? {
        var element = String.UnicodeScalarView()
        rest.removeFirst()
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"": return String(element)
            case "\\":
                guard let next = rest.popFirst(), next == "\"" || next == "\\" else { return nil }
                element.append(next)
            default: element.append(scalar)
            }
        }
        return nil
    }
}
