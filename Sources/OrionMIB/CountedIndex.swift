import SMI

/// Reads the strings of an index, each behind its length (RFC 2578 section 7.7).
struct CountedIndex {
    private var rest: ArraySlice<UInt32>

    init(_ tail: ArraySlice<UInt32>) {
        rest = tail
    }

    /// Whether nothing is left.
    var isAtEnd: Bool { rest.isEmpty }

    /// The next string; nil when it is cut short, no string of octets, or of another size.
    mutating func octets(_ sizes: ClosedRange<Int>) -> [UInt8]? {
        guard let count = rest.popFirst().flatMap({ Int(exactly: $0) }), sizes.contains(count), rest.count >= count
        else { return nil }
        let octets = rest.prefix(count).compactMap { UInt8(exactly: $0) }
        rest = rest.dropFirst(count)
        return octets.count == count ? octets : nil
    }

    /// The next sub-identifier as a number; nil when there is none, or another.
    mutating func number(_ range: ClosedRange<UInt32>) -> UInt32? {
        guard let number = rest.popFirst(), range.contains(number) else { return nil }
        return number
    }

    /// The same of a name: UTF-8 without control characters.
    mutating func name(_ sizes: ClosedRange<Int>) -> String? {
        guard let octets = octets(sizes), octets.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        return String(validating: octets, as: UTF8.self)
    }

    /// The sub-identifiers that a string becomes.
    static func words(_ octets: some Collection<UInt8>) -> [UInt32] {
        [UInt32(octets.count)] + octets.map { UInt32($0) }
    }
}
