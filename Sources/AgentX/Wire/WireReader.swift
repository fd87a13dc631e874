import SMI

/// Takes the fields of a payload one after the other. Every read is checked against the end.
///
/// It borrows the octets, and must not outlive them.
struct WireReader {
    private let bytes: UnsafeRawBufferPointer
    private let order: ByteOrder
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer, _ order: ByteOrder) {
        self.bytes = bytes
        self.order = order
    }

    /// Octets not read yet.
    var remaining: Int { bytes.count - position }

    mutating func byte() throws(AgentXError) -> UInt8 {
        try require(1)
        defer { position += 1 }
        return bytes[position]
    }

    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) throws(AgentXError) -> Number {
        let size = MemoryLayout<Number>.size
        try require(size)
        defer { position += size }
        return order.convert(bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
    }

    /// Passes over reserved octets, whatever they hold.
    mutating func skip(_ count: Int) throws(AgentXError) {
        try require(count)
        position += count
    }

    /// RFC 2741 section 5.1, in place.
    ///
    /// - Returns: the include octet, which has a meaning at the start of a SearchRange only.
    mutating func identifier(into name: inout OID) throws(AgentXError) -> Bool {
        try require(4)
        let count = Int(bytes[position])
        let prefix = bytes[position + 1]
        let include = bytes[position + 2] != 0
        position += 4
        let skipped = prefix == 0 ? 0 : 5
        guard skipped + count <= OID.maximumLength else {
            throw AgentXError(.badIdentifier, "\(count) sub-identifiers; there may be \(OID.maximumLength)")
        }
        try require(count * 4)
        name.overwrite(count: skipped + count) { words in
            if prefix != 0 {
                words[0] = 1
                words[1] = 3
                words[2] = 6
                words[3] = 1
                words[4] = UInt32(prefix)
            }
            // Both are there: `require` has seen to the source, `overwrite` to the target.
            if count > 0, let source = bytes.baseAddress, let target = words.baseAddress {
                order.copy(count, from: source + position, to: target + skipped)
            }
        }
        position += count * 4
        return include
    }

    mutating func identifier() throws(AgentXError) -> OID {
        var name: OID = []
        _ = try identifier(into: &name)
        return name
    }

    /// RFC 2741 section 5.3: a length, the octets, and zeros up to a multiple of four.
    mutating func octetsInPlace() throws(AgentXError) -> UnsafeRawBufferPointer {
        let length = Int(try number(UInt32.self))
        // The length itself first: rounded up, a hostile one could pass.
        try require(length)
        let padded = (length + 3) & ~3
        try require(padded)
        defer { position += padded }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + length)])
    }

    mutating func octets() throws(AgentXError) -> [UInt8] {
        Array(try octetsInPlace())
    }

    /// - Throws: `trailingBytes` unless everything has been read.
    func finish() throws(AgentXError) {
        guard remaining == 0 else { throw AgentXError(.trailingBytes, "\(remaining) octets behind the last field") }
    }

    @inline(__always)
    private func require(_ count: Int) throws(AgentXError) {
        guard count <= remaining else { throw truncated(count) }
    }

    // Apart, so that the check itself is a comparison.
    @inline(never)
    private func truncated(_ count: Int) -> AgentXError {
        AgentXError(.truncated, "a field of \(count) octets at \(position), where \(remaining) are left")
    }
}
