/// A link-layer address: 0..32 octets (MAX_ADDR_LEN of linux/netdevice.h); six on Ethernet, none on a tunnel without one.
package struct MACAddress: Sendable, Hashable, CustomStringConvertible {
    package let octets: [UInt8]

    @inlinable
    package init(_ octets: some Sequence<UInt8>) {
        self.octets = Array(octets)
    }

    /// Parses colon-separated hexadecimal octets; nil when it is not that.
    package init?(_ text: String) {
        var octets: [UInt8] = []
        for part in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard part.count == 2, let octet = UInt8(part, radix: 16) else { return nil }
            octets.append(octet)
        }
        self.octets = octets
    }

    /// What every Ethernet interface takes.
    package static let ethernetBroadcast = MACAddress([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])

    package var isEmpty: Bool { octets.isEmpty }

    package var description: String {
        octets.map { octet in
            let hex = String(octet, radix: 16)
            return hex.count == 1 ? "0" + hex : hex
        }.joined(separator: ":")
    }
}
