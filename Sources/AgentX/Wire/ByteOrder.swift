/// The order of the octets in a PDU's numbers, which each PDU states for itself (RFC 2741 section 6.1, the
/// NETWORK_BYTE_ORDER flag).
package enum ByteOrder: Sendable, Hashable, CaseIterable {
    /// Most significant octet first.
    case network
    /// Least significant octet first.
    case littleEndian

    /// Between a number and its octets in this order, either way.
    @inline(__always)
    func convert<Number: FixedWidthInteger>(_ number: Number) -> Number {
        self == .network ? Number(bigEndian: number) : Number(littleEndian: number)
    }
}
