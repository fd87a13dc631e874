import Glibc

/// The form of one line of an audit file, apart from what the record says:
///
///     {"seq":N,...,"mac":"<64 hexadecimal digits>"}\n
///
/// The digest covers the digest of the line before (32 octets) and this line up to `,"mac"`. The first line of the first
/// file follows a digest of zeros.
struct AuditLine {
    let sequence: UInt64
    let digest: [UInt8]
    /// The octets that the digest covers: this many from the beginning of the line.
    let bodyLength: Int

    static let head = Array("{\"seq\":".utf8)
    private static let digestMark = Array(",\"mac\":\"".utf8)
    private static let end = Array("\"}".utf8)
    private static let tailLength = digestMark.count + 64 + end.count
    /// The longest line, without the line feed: a change of ten thousand rules fits.
    static let maximumLength = 16 << 20
    /// What the first line of all follows.
    static let genesis = [UInt8](repeating: 0, count: 32)

    /// nil when `line`, without its line feed, is not of this form. What lies between is not looked at.
    init?(_ line: ArraySlice<UInt8>) {
        guard line.count > Self.head.count + Self.tailLength, line.starts(with: Self.head) else { return nil }
        var position = line.startIndex + Self.head.count
        let start = position
        var sequence: UInt64 = 0
        while position < line.endIndex, (0x30...0x39).contains(line[position]) {
            // Nineteen digits fit into 64 bits.
            guard position - start < 19 else { return nil }
            sequence = sequence * 10 + UInt64(line[position] - 0x30)
            position += 1
        }
        guard position > start, line[start] != 0x30 || position == start + 1, position < line.endIndex,
            line[position] == UInt8(ascii: ",")
        else {
            return nil
        }
        let tail = line.suffix(Self.tailLength)
        guard tail.starts(with: Self.digestMark), tail.suffix(Self.end.count).elementsEqual(Self.end),
            let digest = Hexadecimal.parse(tail.dropFirst(Self.digestMark.count).prefix(64))
        else { return nil }
        self.sequence = sequence
        self.digest = digest
        bodyLength = line.count - Self.tailLength
    }

    /// What follows `,"name":` in a line of a record's own level; nil when it has no such member. Inside a string the
    /// quotation marks would have backslashes, so nothing that a record quotes can be taken for it.
    static func member(_ name: StaticString, of line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        line.withUnsafeBufferPointer { octets in
            guard let base = octets.baseAddress else { return nil }
            let length = name.utf8CodeUnitCount
            var position = 0
            while position < octets.count, let found = memchr(base + position, 0x2C, octets.count - position) {
                // Behind the comma: a quotation mark, the name, a quotation mark and a colon.
                let start = UnsafeRawPointer(found) - UnsafeRawPointer(base) + 1
                position = start
                guard start + length + 3 <= octets.count else { return nil }
                if base[start] == 0x22, memcmp(base + start + 1, name.utf8Start, length) == 0,
                    base[start + 1 + length] == 0x22, base[start + 2 + length] == 0x3A
                {
                    return line[(line.startIndex + start + length + 3)...]
                }
            }
            return nil
        }
    }

    /// Whether a member has a string of plain characters as its value.
    static func has(_ name: StaticString, _ value: String, in line: ArraySlice<UInt8>) -> Bool {
        member(name, of: line)?.starts(with: "\"\(value)\"".utf8) ?? false
    }

    /// The value of a member that is a number of at most nineteen digits.
    static func number(_ name: StaticString, in line: ArraySlice<UInt8>) -> UInt64? {
        guard let digits = member(name, of: line)?.prefix(while: { (0x30...0x39).contains($0) }), digits.count < 20
        else {
            return nil
        }
        return UInt64(String(decoding: digits, as: UTF8.self))
    }

    /// What stands behind the body.
    static func tail(digest: [UInt8]) -> [UInt8] {
        digestMark + Hexadecimal.octets(of: digest) + end + [UInt8(ascii: "\n")]
    }
}
