/// Runs through a TOML document for `KeyLines`.
struct KeyScanner {
    let octets: [UInt8]
    var position = 0
    var line = 1
    var lines: [[String]: Int] = [:]
    var refusal: KeyLines.Refusal?
    /// How many arrays and inline tables are open.
    private var nesting = 0
    private let isRecording: Bool
    /// How many tables of each array of tables began so far.
    private var arrays: [String: Int] = [:]

    /// Longer than any number or date needs to be.
    private static let longestPlainValue = 64

    init(octets: [UInt8], isRecording: Bool) {
        self.octets = octets
        self.isRecording = isRecording
    }

    private var next: UInt8? { position < octets.count ? octets[position] : nil }

    private func looking(at text: StaticString) -> Bool {
        let end = position + text.utf8CodeUnitCount
        guard end <= octets.count else { return false }
        return text.withUTF8Buffer { octets[position..<end].elementsEqual($0) }
    }

    private mutating func advance() {
        if next == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    /// Steps over `octet` when it comes next.
    private mutating func take(_ octet: UInt8) -> Bool {
        guard next == octet else { return false }
        advance()
        return true
    }

    private mutating func skipSpaces() {
        while next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") { advance() }
    }

    /// Skips spaces, line ends and comments.
    private mutating func skipBlank() {
        while let octet = next {
            switch octet {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): advance()
            case UInt8(ascii: "#"): skipToEndOfLine()
            default: return
            }
        }
    }

    private mutating func skipToEndOfLine() {
        while let octet = next, octet != UInt8(ascii: "\n") { advance() }
    }

    /// Whether `depth` is allowed; ends the scan when it is not.
    private mutating func allows(depth: Int) -> Bool {
        guard depth > KeyLines.deepest else { return true }
        refuse("expected at most \(KeyLines.deepest) levels of nesting, found more")
        return false
    }

    /// Ends the scan.
    private mutating func refuse(_ reason: String) {
        refusal = refusal ?? KeyLines.Refusal(line: line, reason: reason)
        position = octets.count
    }

    /// Records the section, the item and the key of `path`; no setting is deeper.
    private mutating func record(_ path: [String]) {
        guard isRecording else { return }
        for length in 1...3 where length <= path.count && lines[Array(path[..<length])] == nil {
            lines[Array(path[..<length])] = line
        }
    }

    mutating func scanDocument() {
        // A byte order mark is allowed at the start.
        if looking(at: "\u{FEFF}") { position += 3 }
        var table: [String] = []
        while true {
            skipBlank()
            guard next != nil else { return }
            let before = position
            if take(UInt8(ascii: "[")) {
                skipSpaces()
                let isArray = take(UInt8(ascii: "["))
                skipSpaces()
                // Without a key its parser runs into an assertion, and into undefined behaviour when it is optimised.
                guard let octet = next, beginsKey(octet) else {
                    refuse("expected the name of a table after [, found none")
                    return
                }
                table = scanKey()
                if isArray, let name = table.first, table.count == 1 {
                    table.append(String(arrays[name, default: 0]))
                    arrays[name, default: 0] += 1
                }
                record(table)
                skipToEndOfLine()
            } else {
                scanPair(in: table)
                skipToEndOfLine()
            }
            guard position > before else { return }
        }
    }

    private mutating func scanPair(in table: [String]) {
        let start = position
        let path = table + scanKey()
        guard allows(depth: path.count) else { return }
        record(path)
        skipSpaces()
        guard position > start, take(UInt8(ascii: "=")) else { return }
        skipSpaces()
        scanValue(of: path)
    }

    /// A dotted key.
    private mutating func scanKey() -> [String] {
        var parts: [String] = []
        repeat {
            skipSpaces()
            switch next {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): parts.append(scanString())
            default:
                let start = position
                while let octet = next, isBareKey(octet) { advance() }
                parts.append(String(decoding: octets[start..<position], as: UTF8.self))
            }
            skipSpaces()
        } while take(UInt8(ascii: ".")) && allows(depth: parts.count + 1)
        return parts
    }

    private func beginsKey(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "'") || isBareKey(octet)
    }

    private func isBareKey(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private mutating func scanValue(of path: [String]) {
        nesting += 1
        defer { nesting -= 1 }
        guard allows(depth: nesting) else { return }
        switch next {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): _ = scanString()
        case UInt8(ascii: "["): scanArray(of: path)
        case UInt8(ascii: "{"): scanInlineTable(of: path)
        default: scanPlainValue()
        }
    }

    /// A number, a boolean or a date. The parser trips over some of what only resembles one.
    private mutating func scanPlainValue() {
        let start = position
        while let octet = next, isPlain(octet) || (octet == UInt8(ascii: " ") && isBetweenDateAndTime(since: start)) {
            advance()
        }
        let length = position - start
        if length == 0 {
            refuse("expected a value, found none")
        } else if length > Self.longestPlainValue {
            refuse("expected a value of at most \(Self.longestPlainValue) characters, found a longer one")
        } else if let octet = next, !" \t\r\n,]}#".utf8.contains(octet) {
            refuse("expected a string in quotes, a number, true, false or a date, found something else")
        }
    }

    private func isPlain(_ octet: UInt8) -> Bool {
        isBareKey(octet) || octet == UInt8(ascii: "+") || octet == UInt8(ascii: ".") || octet == UInt8(ascii: ":")
    }

    /// Whether the space that comes next stands for the T of RFC 3339, as in "1979-05-27 07:32:00".
    private func isBetweenDateAndTime(since start: Int) -> Bool {
        guard position - start == 10, octets[start + 4] == UInt8(ascii: "-"), position + 1 < octets.count else {
            return false
        }
        return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octets[position + 1])
    }

    private mutating func scanArray(of path: [String]) {
        advance()
        while true {
            skipBlank()
            let before = position
            if next == nil || take(UInt8(ascii: "]")) { return }
            scanValue(of: path)
            skipBlank()
            _ = take(UInt8(ascii: ","))
            guard position > before else { return }
        }
    }

    private mutating func scanInlineTable(of path: [String]) {
        advance()
        while true {
            skipBlank()
            let before = position
            if next == nil || take(UInt8(ascii: "}")) { return }
            scanPair(in: path)
            skipBlank()
            _ = take(UInt8(ascii: ","))
            guard position > before else { return }
        }
    }

    /// A string of any of the four kinds; the text of a key, where only the short escapes matter.
    private mutating func scanString() -> String {
        guard let quote = next else { return "" }
        let isBasic = quote == UInt8(ascii: "\"")
        if looking(at: "\"\"\"") || looking(at: "'''") {
            skipMultilineString(quote, isBasic: isBasic)
            return ""
        }
        advance()
        var text: [UInt8] = []
        while let octet = next, octet != quote, octet != UInt8(ascii: "\n") {
            advance()
            guard isBasic, octet == UInt8(ascii: "\\"), let escaped = next else {
                text.append(octet)
                continue
            }
            advance()
            text += unescaped(escaped)
        }
        _ = take(quote)
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func skipMultilineString(_ quote: UInt8, isBasic: Bool) {
        position += 3
        while let octet = next {
            if octet == quote, looking(at: isBasic ? "\"\"\"" : "'''") {
                position += 3
                // Up to two quotes may stand directly before the closing three.
                while next == quote { advance() }
                return
            }
            advance()
            if isBasic, octet == UInt8(ascii: "\\") { advance() }
        }
    }

    /// What the escape sequence that begins with `letter` stands for.
    private mutating func unescaped(_ letter: UInt8) -> [UInt8] {
        switch letter {
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "e"): return [0x1B]
        case UInt8(ascii: "u"): return scalar(digits: 4)
        case UInt8(ascii: "U"): return scalar(digits: 8)
        default: return [letter]
        }
    }

    private mutating func scalar(digits: Int) -> [UInt8] {
        let end = min(position + digits, octets.count)
        let text = String(decoding: octets[position..<end], as: UTF8.self)
        guard let value = UInt32(text, radix: 16), let scalar = Unicode.Scalar(value) else { return [] }
        position = end
        return Array(String(Character(scalar)).utf8)
    }
}
