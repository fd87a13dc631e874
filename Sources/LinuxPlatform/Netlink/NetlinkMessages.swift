import CNetlink

/// One message of a netlink datagram (struct nlmsghdr, linux/netlink.h). Its payload points into the datagram.
struct NetlinkMessage {
    let type: UInt16
    let flags: UInt16
    let sequence: UInt32
    let payload: UnsafeRawBufferPointer
}

/// The messages of one datagram, in order.
///
/// A length that does not fit ends the sequence and sets `isMalformed`; nothing is ever read outside the datagram.
struct NetlinkMessages: Sequence, IteratorProtocol {
    private let datagram: UnsafeRawBufferPointer
    private var position = 0
    private(set) var isMalformed = false

    init(_ datagram: UnsafeRawBufferPointer) {
        self.datagram = datagram
    }

    mutating func next() -> NetlinkMessage? {
        let remaining = datagram.count - position
        guard remaining > 0, !isMalformed else { return nil }
        guard remaining >= MemoryLayout<nlmsghdr>.size else {
            isMalformed = true
            return nil
        }
        let header = datagram.loadUnaligned(fromByteOffset: position, as: nlmsghdr.self)
        let length = Int(header.nlmsg_len)
        guard length >= MemoryLayout<nlmsghdr>.size, length <= remaining else {
            isMalformed = true
            return nil
        }
        let start = position + MemoryLayout<nlmsghdr>.size
        let payload = UnsafeRawBufferPointer(rebasing: datagram[start..<position + length])
        position += Swift.min(netlinkAligned(length), remaining)
        return NetlinkMessage(
            type: header.nlmsg_type, flags: header.nlmsg_flags, sequence: header.nlmsg_seq, payload: payload)
    }
}

/// One attribute (struct nlattr). Its payload points into the message; a payload that is too short reads as nil.
struct NetlinkAttribute {
    /// Without the flag bits (NLA_TYPE_MASK).
    let type: Int
    let payload: UnsafeRawBufferPointer

    var uint8: UInt8? { number() }
    var uint16: UInt16? { number() }
    var uint32: UInt32? { number() }
    var uint64: UInt64? { number() }

    /// The attributes inside.
    var nested: NetlinkAttributes { NetlinkAttributes(payload) }

    /// The octets up to the first NUL, at most `limit`; octets that are not UTF-8 become U+FFFD.
    func text(atMost limit: Int) -> String {
        String(decoding: payload.prefix(limit).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// At most `limit` octets.
    func octets(atMost limit: Int) -> [UInt8] {
        Array(payload.prefix(limit))
    }

    private func number<Number: FixedWidthInteger & BitwiseCopyable>() -> Number? {
        guard payload.count >= MemoryLayout<Number>.size else { return nil }
        return payload.loadUnaligned(as: Number.self)
    }
}

/// The attributes of a message or of a nest, in order. A length that does not fit ends the sequence.
struct NetlinkAttributes: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The attributes after a fixed header of `headerSize` octets; none when the payload is shorter.
    init(_ payload: UnsafeRawBufferPointer, after headerSize: Int) {
        let start = Swift.min(netlinkAligned(headerSize), payload.count)
        bytes = UnsafeRawBufferPointer(rebasing: payload[start...])
    }

    mutating func next() -> NetlinkAttribute? {
        let remaining = bytes.count - position
        guard remaining >= MemoryLayout<nlattr>.size else { return nil }
        let header = bytes.loadUnaligned(fromByteOffset: position, as: nlattr.self)
        let length = Int(header.nla_len)
        guard length >= MemoryLayout<nlattr>.size, length <= remaining else { return nil }
        let start = position + MemoryLayout<nlattr>.size
        let payload = UnsafeRawBufferPointer(rebasing: bytes[start..<position + length])
        position += Swift.min(netlinkAligned(length), remaining)
        return NetlinkAttribute(type: Int(header.nla_type) & typeMask, payload: payload)
    }
}

// NLA_TYPE_MASK is an expression that the importer leaves out.
private let typeMask = 0x3fff

/// `length` rounded up to four octets (NLMSG_ALIGN, NLA_ALIGN).
func netlinkAligned(_ length: Int) -> Int { (length + 3) & ~3 }
