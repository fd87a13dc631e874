/// Swift source as it grows line by line, laid out as swift-format wants it.
struct SwiftText {
    private(set) var text = ""
    private var depth = 0

    private static let width = 120

    private var margin: String { String(repeating: "    ", count: depth) }

    mutating func line(_ content: String = "") {
        text += content.isEmpty ? "\n" : margin + content + "\n"
    }

    /// Lines between braces, one step further in.
    mutating func block(_ opening: String, _ body: (inout SwiftText) -> Void) {
        line(opening + " {")
        indented(body)
        line("}")
    }

    /// Lines one step further in.
    mutating func indented(_ body: (inout SwiftText) -> Void) {
        depth += 1
        body(&self)
        depth -= 1
    }

    /// A documentation comment, its first sentence alone.
    mutating func summary(_ description: String) {
        for content in Self.wrapped(Self.firstSentence(description), to: Self.width - margin.count - 4) {
            line("/// " + content)
        }
    }

    /// `head(a, b)tail`, on one line when it fits, else each part that does not fit filled into lines.
    mutating func call(_ head: String, _ parts: [String], _ tail: String = ")") {
        let joined = head + parts.joined(separator: ", ") + tail
        guard margin.count + joined.count > Self.width else { return line(joined) }
        line(head)
        depth += 1
        fill(parts, closing: "")
        depth -= 1
        line(tail)
    }

    /// `head[a, b]tail`, on one line when it fits, else filled into lines with a comma at the end.
    mutating func array(_ head: String, _ elements: [String], _ tail: String = "") {
        let joined = head + "[" + elements.joined(separator: ", ") + "]" + tail
        guard margin.count + joined.count > Self.width else { return line(joined) }
        line(head + "[")
        depth += 1
        fill(elements, closing: ",")
        depth -= 1
        line("]" + tail)
    }

    private mutating func fill(_ parts: [String], closing: String) {
        var row = ""
        for (position, part) in parts.enumerated() {
            let piece = part + (position == parts.count - 1 ? closing : ",")
            if row.isEmpty {
                row = piece
            } else if margin.count + row.count + 1 + piece.count <= Self.width {
                row += " " + piece
            } else {
                line(row)
                row = piece
            }
        }
        line(row)
    }

    /// The text up to the first full stop that ends a sentence.
    static func firstSentence(_ description: String) -> String {
        var words: [Substring] = []
        for word in description.split(whereSeparator: \.isWhitespace) {
            words.append(word)
            // An abbreviation has a full stop within.
            if word.hasSuffix("."), !word.dropLast().contains(".") { break }
        }
        return words.joined(separator: " ")
    }

    static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        var row = ""
        for word in text.split(whereSeparator: \.isWhitespace) {
            if row.isEmpty {
                row = String(word)
            } else if row.count + 1 + word.count <= width {
                row += " " + word
            } else {
                lines.append(row)
                row = String(word)
            }
        }
        if !row.isEmpty { lines.append(row) }
        return lines
    }

    /// A number with its digits in groups of three, as swift-format wants long ones.
    static func number(_ value: Int64) -> String {
        let digits = String(value.magnitude)
        guard digits.count > 6 else { return String(value) }
        var groups: [Substring] = []
        var rest = digits[...]
        while !rest.isEmpty {
            groups.insert(rest.suffix(3), at: 0)
            rest = rest.dropLast(3)
        }
        return (value < 0 ? "-" : "") + groups.joined(separator: "_")
    }
}
