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

    /// What stands behind the body.
    static func tail(digest: [UInt8]) -> [UInt8] {
        digestMark + Hexadecimal.octets(of: digest) + end + [UInt8(ascii: "\n")]
    }
}
