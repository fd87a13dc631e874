/// Where a request came from, as snmpd's transport says.
package enum SourceAddress: Sendable, Hashable {
    /// The address as a number in host order, and the port.
    case ipv4(UInt32, port: UInt16)
    /// Sixteen octets as two halves in host order, the zone (interface name; empty when there is none), and the port.
    case ipv6(high: UInt64, low: UInt64, zone: String, port: UInt16)
    /// A unix socket; the path is empty for an unnamed one, as a client's usually is.
    case unix(path: [UInt8])
    /// On the host itself, not through snmpd.
    case local
    /// snmpd did not say, or uses a transport with another kind of address; the octets are what it said.
    case other([UInt8])
}

extension SourceAddress {
    /// The address without the port, for comparing hosts.
    package var host: SourceAddress {
        switch self {
        case .ipv4(let address, _): .ipv4(address, port: 0)
        case .ipv6(let high, let low, let zone, _): .ipv6(high: high, low: low, zone: zone, port: 0)
        default: self
        }
    }
}

extension SourceAddress: CustomStringConvertible {
    /// `192.0.2.1:161`, `[2001:db8::1%eth0]:161`, `unix:/run/x`, `local`, or what snmpd said, printable.
    package var description: String {
        switch self {
        case .ipv4(let address, let port): "\(IPAddressText.ipv4(address)):\(port)"
        case .ipv6(let high, let low, let zone, let port):
            "[\(IPAddressText.ipv6(high: high, low: low))\(zone.isEmpty ? "" : "%\(zone)")]:\(port)"
        case .unix(let path): "unix:\(PrintableOctets.text(of: path))"
        case .local: "local"
        case .other(let octets): "other:\(PrintableOctets.text(of: octets))"
        }
    }

    /// What `description` wrote; nil when it did not.
    package init?(_ text: some StringProtocol) {
        if text == "local" {
            self = .local
        } else if text.hasPrefix("unix:") {
            guard let path = PrintableOctets.octets(from: text.dropFirst(5)) else { return nil }
            self = .unix(path: path)
        } else if text.hasPrefix("other:") {
            guard let octets = PrintableOctets.octets(from: text.dropFirst(6)) else { return nil }
            self = .other(octets)
        } else if text.hasPrefix("["), let end = text.lastIndex(of: "]") {
            self.init(ipv6: text[text.index(after: text.startIndex)..<end], port: text[text.index(after: end)...])
        } else {
            self.init(ipv4: text)
        }
    }

    /// `A.B.C.D:PORT`.
    package init?(ipv4 text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddressText.parseIPv4(parts[0]), let port = Self.port(parts[1]) else {
            return nil
        }
        self = .ipv4(address, port: port)
    }

    /// `ADDRESS` or `ADDRESS%ZONE`, and `:PORT`. A zone is an interface's name of 1..15 printable octets.
    private init?(ipv6 text: some StringProtocol, port: some StringProtocol) {
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first, let (high, low) = IPAddressText.parseIPv6(address) else { return nil }
        let zone = parts.count == 2 ? String(parts[1]) : ""
        guard parts.count == 1 || (1...15).contains(zone.utf8.count),
            zone.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }),
            port.hasPrefix(":"), let port = Self.port(port.dropFirst())
        else { return nil }
        self = .ipv6(high: high, low: low, zone: zone, port: port)
    }

    private static func port(_ text: some StringProtocol) -> UInt16? {
        IPAddressText.decimal(text).flatMap { UInt16(exactly: $0) }
    }
}
