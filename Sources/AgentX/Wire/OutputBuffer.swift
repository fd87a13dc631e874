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
        let place = claim(PDUHeader.length)
        place.storeBytes(of: PDUHeader.version, as: UInt8.self)
        place.storeBytes(of: header.type.rawValue, toByteOffset: 1, as: UInt8.self)
        place.storeBytes(of: header.flags.rawValue, toByteOffset: 2, as: UInt8.self)
        place.storeBytes(of: 0, toByteOffset: 3, as: UInt8.self)
        place.storeBytes(of: order.convert(header.sessionID), toByteOffset: 4, as: UInt32.self)
        place.storeBytes(of: order.convert(header.transactionID), toByteOffset: 8, as: UInt32.self)
        place.storeBytes(of: order.convert(header.packetID), toByteOffset: 12, as: UInt32.self)
        place.storeBytes(of: 0, toByteOffset: 16, as: UInt32.self)
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
        claim(MemoryLayout<Number>.size).storeBytes(of: order.convert(number), as: Number.self)
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
            let place = claim(4 + count * 4)
            place.storeBytes(of: UInt8(truncatingIfNeeded: count), as: UInt8.self)
            place.storeBytes(of: isInternet ? UInt8(truncatingIfNeeded: words[4]) : 0, toByteOffset: 1, as: UInt8.self)
            place.storeBytes(of: include ? 1 : 0, toByteOffset: 2, as: UInt8.self)
            place.storeBytes(of: 0, toByteOffset: 3, as: UInt8.self)
            if let source = words.baseAddress { order.copy(count, from: source + skipped, to: place + 4) }
        }
    }

    /// RFC 2741 section 5.3.
    func put(octets: UnsafeRawBufferPointer) {
        let padded = (octets.count + 3) & ~3
        let place = claim(4 + padded)
        place.storeBytes(of: order.convert(UInt32(truncatingIfNeeded: octets.count)), as: UInt32.self)
        guard let source = octets.baseAddress, padded > 0 else { return }
        // The padding lies in the last four octets: zeros first, then what there is over them.
        place.storeBytes(of: 0, toByteOffset: padded, as: UInt32.self)
        (place + 4).copyMemory(from: source, byteCount: octets.count)
    }

    func put(_ octets: OctetString) {
        octets.withBytes { put(octets: UnsafeRawBufferPointer($0)) }
    }

    /// Room for `count` octets behind what was written; the caller writes each of them.
    @inline(__always)
    private func claim(_ count: Int) -> UnsafeMutableRawPointer {
        if end + count > capacity { grow(count) }
        defer { end += count }
        return memory + end
    }

    private func grow(_ count: Int) {
        capacity = max(capacity * 2, end + count)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        larger.copyMemory(from: memory, byteCount: end)
        memory.deallocate()
        memory = larger
    }
}
