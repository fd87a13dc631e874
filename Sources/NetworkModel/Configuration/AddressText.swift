extension MACAddress {
    /// A unicast Ethernet address of six pairs of hexadecimal digits between colons; nil when it is none.
    package init?(unicast text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts.allSatisfy({ $0.utf8.count == 2 && !$0.hasPrefix("+") && !$0.hasPrefix("-") })
        else { return nil }
        let octets = parts.compactMap { UInt8($0, radix: 16) }
        guard octets.count == 6, octets[0] & 1 == 0, octets.contains(where: { $0 != 0 }) else { return nil }
        self.init(octets)
    }

}

extension InterfaceAddress {
    /// "192.0.2.1/24" or "2001:db8::1/64"; nil when it is neither.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let length = IPAddressText.decimal(parts[1]) else { return nil }
        if let address = IPAddressText.parseIPv4(parts[0]), length <= 32 {
            self.init(octets: Self.octets(address), prefixLength: UInt8(length))
        } else if let (high, low) = IPAddressText.parseIPv6(parts[0]), length <= 128 {
            self.init(octets: Self.octets(high) + Self.octets(low), prefixLength: UInt8(length))
        } else {
            return nil
        }
    }

    /// What `init(_:)` reads, in the one form that RFC 5952 gives an address.
    package var text: String {
        let number = { (range: Range<Int>) in octets[range].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        let address =
            octets.count == 4
            ? IPAddressText.ipv4(UInt32(truncatingIfNeeded: number(0..<4)))
            : IPAddressText.ipv6(high: number(0..<8), low: number(8..<16))
        return "\(address)/\(prefixLength)"
    }

    /// fe80::/10: the kernel makes these itself.
    package var isLinkLocal: Bool { octets.count == 16 && octets[0] == 0xFE && octets[1] & 0xC0 == 0x80 }

    package var isIPv6: Bool { octets.count == 16 }

    /// Whether both are addresses of one network, of the same prefix length.
    package func isInSubnet(of other: InterfaceAddress) -> Bool {
        guard octets.count == other.octets.count, prefixLength == other.prefixLength else { return false }
        let (whole, rest) = Int(prefixLength).quotientAndRemainder(dividingBy: 8)
        guard octets[..<whole] == other.octets[..<whole] else { return false }
        return rest == 0 || (octets[whole] ^ other.octets[whole]) >> (8 - UInt8(rest)) == 0
    }

    private static func octets<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
