package import NetworkModel

extension SourceAddress {
    /// Reads the peer address of a principal record: `udp:A.B.C.D:PORT`, `udp6:[ADDRESS%ZONE]:PORT` (tcp, dtls and tls
    /// alike), `unix:PATH`. Whatever else a transport says is kept as it is: it names the peer in the audit, and no
    /// source prefix matches it.
    package init(peer octets: [UInt8]) {
        self = Self.parse(octets) ?? .other(octets)
    }

    private static func parse(_ octets: [UInt8]) -> SourceAddress? {
        guard let colon = octets.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let rest = octets[octets.index(after: colon)...]
        switch String(decoding: octets[..<colon], as: UTF8.self) {
        case "unix": return .unix(path: Array(rest))
        case "udp", "tcp", "dtlsudp", "tlstcp":
            let parts = String(decoding: rest, as: UTF8.self).split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let address = IPAddressText.parseIPv4(parts[0]), let port = port(parts[1]) else {
                return nil
            }
            return .ipv4(address, port: port)
        case "udp6", "tcp6", "dtlsudp6", "tlstcp6":
            let text = String(decoding: rest, as: UTF8.self)
            guard text.hasPrefix("["), let end = text.lastIndex(of: "]") else { return nil }
            let inside = text[text.index(after: text.startIndex)..<end]
            let behind = text[text.index(after: end)...]
            let parts = inside.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
            guard behind.hasPrefix(":"), let port = port(behind.dropFirst()), let first = parts.first,
                let (high, low) = IPAddressText.parseIPv6(first)
            else { return nil }
            return .ipv6(high: high, low: low, zone: parts.count == 2 ? String(parts[1]) : "", port: port)
        default: return nil
        }
    }

    private static func port(_ text: some StringProtocol) -> UInt16? {
        IPAddressText.decimal(text).flatMap { UInt16(exactly: $0) }
    }
}
