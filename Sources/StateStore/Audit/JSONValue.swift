/// A JSON value of the kinds that audit lines have: no fractions, no null, no escapes but `\"` and `\\`.
enum JSONValue: Equatable {
    case integer(Int64)
    case boolean(Bool)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// How deep values may lie in each other.
    private static let maximumDepth = 8

    /// nil when `octets` are anything but one such value.
    init?(_ octets: ArraySlice<UInt8>) {
        var parser = Parser(octets: octets)
        guard let value = parser.value(depth: 0), parser.octets.isEmpty else { return nil }
        self = value
    }

    var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    var string: String? { if case .string(let value) = self { value } else { nil } }
    var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }

    private struct Parser {
        var octets: ArraySlice<UInt8>

        mutating func value(depth: Int) -> JSONValue? {
            guard depth < maximumDepth, let first = octets.first else { return nil }
            switch first {
            case UInt8(ascii: "{"): return object(depth: depth)
            case UInt8(ascii: "["): return array(depth: depth)
            case UInt8(ascii: "\""): return string().map(JSONValue.string)
            case UInt8(ascii: "t"): return take("true") ? .boolean(true) : nil
            case UInt8(ascii: "f"): return take("false") ? .boolean(false) : nil
            default: return integer()
            }
        }

        private mutating func object(depth: Int) -> JSONValue? {
            var members: [String: JSONValue] = [:]
            guard take("{") else { return nil }
            if take("}") { return .object(members) }
            repeat {
                guard let key = string(), take(":"), let value = value(depth: depth + 1),
                    members.updateValue(value, forKey: key) == nil
                else { return nil }
            } while take(",")
            return take("}") ? .object(members) : nil
        }

        private mutating func array(depth: Int) -> JSONValue? {
            var elements: [JSONValue] = []
            guard take("[") else { return nil }
            if take("]") { return .array(elements) }
            repeat {
                guard let value = value(depth: depth + 1) else { return nil }
                elements.append(value)
            } while take(",")
            return take("]") ? .array(elements) : nil
        }

        private mutating func string() -> String? {
            guard take("\"") else { return nil }
            var text: [UInt8] = []
            while let octet = octets.popFirst() {
                switch octet {
                case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let next = octets.popFirst(), next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\") else {
                        return nil
                    }
                    text.append(next)
                case 0..<0x20: return nil
                default: text.append(octet)
                }
            }
            return nil
        }

        private mutating func integer() -> JSONValue? {
            let digits = octets.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
            guard let number = Int64(String(decoding: digits, as: UTF8.self)), String(number).utf8.elementsEqual(digits)
            else { return nil }
            octets = octets.dropFirst(digits.count)
            return .integer(number)
        }

        private mutating func take(_ text: String) -> Bool {
            guard octets.starts(with: text.utf8) else { return false }
            octets = octets.dropFirst(text.utf8.count)
            return true
        }
    }
}
