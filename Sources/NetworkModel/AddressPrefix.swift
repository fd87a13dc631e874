/// A range of source addresses: an IPv4 or IPv6 prefix (CIDR), or everything that came through a unix socket.
package enum AddressPrefix: Sendable, Hashable {
    /// The bits behind `length` are zero; length 0..32.
    case ipv4(UInt32, length: UInt8)
    /// The bits behind `length` are zero; length 0..128.
    case ipv6(high: UInt64, low: UInt64, length: UInt8)
    /// Any unix socket of the host.
    case unix
}

extension AddressPrefix {
    /// Parses `192.0.2.0/24`, `2001:db8::/32`, an address without a length (that address alone), or `unix`.
    ///
    /// nil when it is none of these, the length is out of range, or bits behind the length are set: a prefix that says
    /// more than it means is a mistake better told.
    package init?(_ text: some StringProtocol) {
        if text == "unix" {
            self = .unix
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = parts.first else { return nil }
        if let ipv4 = IPAddressText.parseIPv4(address) {
            guard let length = Self.length(parts, atMost: 32), ipv4 & ~Self.mask32(length) == 0 else { return nil }
            self = .ipv4(ipv4, length: length)
        } else if let (high, low) = IPAddressText.parseIPv6(address) {
            guard let length = Self.length(parts, atMost: 128) else { return nil }
            let mask = Self.mask128(length)
            guard high & ~mask.high == 0, low & ~mask.low == 0 else { return nil }
            self = .ipv6(high: high, low: low, length: length)
        } else {
            return nil
        }
    }

    /// Whether `source` lies in it. An IPv4 address that arrived on an IPv6 socket (::ffff:0:0/96) counts as IPv4 too.
    package func contains(_ source: SourceAddress) -> Bool {
        switch (self, source) {
        case (.unix, .unix): return true
        case (.ipv4(let prefix, let length), .ipv4(let address, _)):
            return address & Self.mask32(length) == prefix
        case (.ipv4(let prefix, let length), .ipv6(0, let low, _, _)) where low >> 32 == 0xFFFF:
            return UInt32(truncatingIfNeeded: low) & Self.mask32(length) == prefix
        case (.ipv6(let high, let low, let length), .ipv6(let sourceHigh, let sourceLow, _, _)):
            let mask = Self.mask128(length)
            return sourceHigh & mask.high == high && sourceLow & mask.low == low
        default: return false
        }
    }

    /// Whether everything in `other` lies in it.
    package func covers(_ other: AddressPrefix) -> Bool {
        switch (self, other) {
        case (.unix, .unix): true
        case (.ipv4(_, let length), .ipv4(let address, let otherLength)):
            length <= otherLength && contains(.ipv4(address, port: 0))
        case (.ipv6(_, _, let length), .ipv6(let high, let low, let otherLength)):
            length <= otherLength && contains(.ipv6(high: high, low: low, zone: "", port: 0))
        default: false
        }
    }

    private static func length(_ parts: [some StringProtocol], atMost limit: Int) -> UInt8? {
        guard parts.count == 2 else { return UInt8(limit) }
        guard let length = IPAddressText.decimal(parts[1]), length <= limit else { return nil }
        return UInt8(length)
    }

    private static func mask32(_ length: UInt8) -> UInt32 {
        length == 0 ? 0 : ~0 << (32 - UInt32(length))
    }

    private static func mask128(_ length: UInt8) -> (high: UInt64, low: UInt64) {
        let high: UInt64 = length == 0 ? 0 : length >= 64 ? ~0 : ~0 << (64 - UInt64(length))
        let low: UInt64 = length <= 64 ? 0 : ~0 << (128 - UInt64(length))
        return (high, low)
    }
}

extension AddressPrefix: CustomStringConvertible {
    /// What `init(_:)` reads.
    package var description: String {
        switch self {
        case .ipv4(let address, let length): "\(IPAddressText.ipv4(address))/\(length)"
        case .ipv6(let high, let low, let length): "\(IPAddressText.ipv6(high: high, low: low))/\(length)"
        case .unix: "unix"
        }
    }
}
