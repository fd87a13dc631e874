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
}
