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
        case "udp", "tcp", "dtlsudp", "tlstcp": return SourceAddress(ipv4: String(decoding: rest, as: UTF8.self))
        case "udp6", "tcp6", "dtlsudp6", "tlstcp6":
            guard rest.first == UInt8(ascii: "[") else { return nil }
            return SourceAddress(String(decoding: rest, as: UTF8.self))
        default: return nil
        }
    }
}
