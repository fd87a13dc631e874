/// IP addresses as text: RFC 5952 for IPv6, four decimal parts for IPv4.
package enum IPAddressText {
    package static func ipv4(_ address: UInt32) -> String {
        "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
    }

    package static func ipv6(high: UInt64, low: UInt64) -> String {
        var groups: [UInt16] = []
        for half in [high, low] {
            for shift in [48, 32, 16, 0] { groups.append(UInt16(truncatingIfNeeded: half >> UInt64(shift))) }
        }
        // The longest run of zero groups, the first of equal ones, and never a single group.
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = max(end, start + 1)
        }
        let text = { (range: Range<Int>) in
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        return best.isEmpty ? text(0..<8) : text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
    }

    /// nil unless `text` is four decimal numbers 0..255 without leading zeros.
    package static func parseIPv4(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let number = decimal(part), number <= 255 else { return nil }
            address = address << 8 | UInt32(number)
        }
        return address
    }

    /// nil unless `text` is an IPv6 address without zone (RFC 4291 section 2.2, the mixed form included).
    package static func parseIPv6(_ text: some StringProtocol) -> (high: UInt64, low: UInt64)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.count <= 9 else { return nil }
        var before: [UInt16] = []
        var after: [UInt16] = []
        var isCompressed = false
        for (position, part) in parts.enumerated() {
            if part.isEmpty {
                // "::" is one empty part in the middle, or two at either end.
                let isEdge = position == 0 || position == parts.count - 1
                if isEdge {
                    let neighbour = position == 0 ? parts[1] : parts[parts.count - 2]
                    guard neighbour.isEmpty else { return nil }
                } else {
                    guard !isCompressed else { return nil }
                    isCompressed = true
                }
                continue
            }
            var groups: [UInt16] = []
            if position == parts.count - 1, part.contains(".") {
                guard let address = parseIPv4(part) else { return nil }
                groups = [UInt16(address >> 16), UInt16(truncatingIfNeeded: address)]
            } else {
                guard part.utf8.count <= 4, part.utf8.allSatisfy(isHexadecimal), let group = UInt16(part, radix: 16)
                else {
                    return nil
                }
                groups = [group]
            }
            if isCompressed { after += groups } else { before += groups }
        }
        let count = before.count + after.count
        guard isCompressed ? count <= 7 : count == 8 else { return nil }
        let groups = before + Array(repeating: 0, count: 8 - count) + after
        let half = { (range: Range<Int>) in groups[range].reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
        return (half(0..<4), half(4..<8))
    }

    /// A decimal number of at most five digits without sign or leading zero; nil when it is none.
    package static func decimal(_ text: some StringProtocol) -> Int? {
        let digits = text.utf8
        guard (1...5).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard digits.count == 1 || digits.first != 0x30 else { return nil }
        return Int(text)
    }

    private static func isHexadecimal(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
