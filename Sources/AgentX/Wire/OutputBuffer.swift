import SMI

/// PDUs on their way out: encoders append at one end, the socket takes from the other, and the memory is reused.
final class OutputBuffer {
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    /// What has been sent, and what has been written, from the beginning of `memory`.
    private var start = 0
    private var end = 0
    /// The order of the PDU being written.
    private(set) var order = ByteOrder.network

    init(capacity: Int = 4096) {
        self.capacity = capacity
        memory = .allocate(byteCount: capacity, alignment: 8)
    }

    deinit {
        memory.deallocate()
    }

    /// Octets not taken yet.
    var count: Int { end - start }

    /// The octets not taken yet.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory + start, count: count) }

    /// Forgets the first octets, which have been sent.
    func drop(_ count: Int) {
        start += count
        if start == end { removeAll() }
    }

    func removeAll() {
        start = 0
        end = 0
    }

    // MARK: PDUs

    /// Begins a PDU; `header.payloadLength` is filled in by `finish`.
    ///
    /// - Returns: a mark to finish or take back the PDU with, good until octets are dropped.
    func begin(_ header: PDUHeader) -> Int {
        let mark = end
        order = header.order
        put(PDUHeader.version)
        put(header.type.rawValue)
        put(header.flags.rawValue)
        put(UInt8(0))
        put(header.sessionID)
        put(header.transactionID)
        put(header.packetID)
        put(UInt32(0))
        return mark
    }

    /// Octets behind the header of the PDU begun at `mark`.
    func payloadLength(since mark: Int) -> Int {
        end - mark - PDUHeader.length
    }

    func finish(_ mark: Int) {
        let length = UInt32(truncatingIfNeeded: payloadLength(since: mark))
        (memory + mark + 16).storeBytes(of: order.convert(length), as: UInt32.self)
    }

    /// Where the next octet goes, to come back to with `truncate`.
    var mark: Int { end }

    /// Takes back everything written since `mark`.
    func truncate(to mark: Int) {
        end = mark
    }

    // MARK: Fields

    @inline(__always)
    func put<Number: FixedWidthInteger>(_ number: Number) {
        let size = MemoryLayout<Number>.size
        reserve(size)
        (memory + end).storeBytes(of: order.convert(number), as: Number.self)
        end += size
    }

    /// Overwrites a 16-bit number written before.
    func replace(at mark: Int, with number: UInt16) {
        (memory + mark).storeBytes(of: order.convert(number), as: UInt16.self)
    }

    /// RFC 2741 section 5.1, compressed whenever that is possible.
    func put(_ name: OID, include: Bool = false) {
        name.words.withUnsafeBufferPointer { words in
            let isInternet =
                words.count >= 5 && words[0] == 1 && words[1] == 3 && words[2] == 6 && words[3] == 1
                && (1...255).contains(words[4])
            let skipped = isInternet ? 5 : 0
            // Longer identifiers exist nowhere; one that did would be cut rather than corrupt the PDU.
            let count = min(words.count - skipped, OID.maximumLength - skipped)
            reserve(4 + count * 4)
            put(UInt8(truncatingIfNeeded: count))
            put(isInternet ? UInt8(truncatingIfNeeded: words[4]) : 0)
            put(UInt8(include ? 1 : 0))
            put(UInt8(0))
            for position in skipped..<(skipped + count) {
                (memory + end).storeBytes(of: order.convert(words[position]), as: UInt32.self)
                end += 4
            }
        }
    }

    /// RFC 2741 section 5.3.
    func put(octets: UnsafeRawBufferPointer) {
        put(UInt32(truncatingIfNeeded: octets.count))
        let padded = (octets.count + 3) & ~3
        reserve(padded)
        if let source = octets.baseAddress { (memory + end).copyMemory(from: source, byteCount: octets.count) }
        for position in octets.count..<padded { (memory + end + position).storeBytes(of: 0, as: UInt8.self) }
        end += padded
    }

    func put(_ octets: OctetString) {
        octets.withBytes { put(octets: UnsafeRawBufferPointer($0)) }
    }

    @inline(__always)
    private func reserve(_ count: Int) {
        if end + count > capacity { grow(count) }
    }

    private func grow(_ count: Int) {
        capacity = max(capacity * 2, end + count)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        larger.copyMemory(from: memory, byteCount: end)
        memory.deallocate()
        memory = larger
    }
}
