/// The order of the octets in a PDU's numbers, which each PDU states for itself (RFC 2741 section 6.1, the
/// NETWORK_BYTE_ORDER flag).
package enum ByteOrder: Sendable, Hashable, CaseIterable {
    /// Most significant octet first.
    case network
    /// Least significant octet first.
    case littleEndian

    /// That of this machine.
    package static var host: ByteOrder { UInt32(bigEndian: 1) == 1 ? .network : .littleEndian }

    /// Between a number and its octets in this order, either way.
    @inline(__always)
    func convert<Number: FixedWidthInteger>(_ number: Number) -> Number {
        self == .network ? Number(bigEndian: number) : Number(littleEndian: number)
    }

    /// Copies `count` 32-bit numbers between a PDU and a place that holds them as we do, either way. Neither needs to be
    /// aligned.
    @inline(__always)
    func copy(_ count: Int, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
        if convert(UInt32(1)) == 1 { return target.copyMemory(from: source, byteCount: count * 4) }
        for position in 0..<count {
            let number = source.loadUnaligned(fromByteOffset: position * 4, as: UInt32.self)
            target.storeBytes(of: number.byteSwapped, toByteOffset: position * 4, as: UInt32.self)
        }
    }
}
