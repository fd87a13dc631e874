import Glibc
import NetworkManagement

/// How far the audit goes: the sequence and the digest of the newest durable record, kept beside the log so that a log
/// cut at its end shows.
///
/// The file has two places of 512 octets, written in turn, each a line sealed by an HMAC of its own; the newer sound one
/// counts, so that a write torn by a power cut costs nothing.
struct AuditHead: Equatable {
    var sequence: UInt64
    var digest: [UInt8]

    private static let placeLength = 512

    /// What the file says.
    enum Reading: Equatable {
        case absent
        case damaged
        /// Sealed under a key that is not in the ring, by its identifier.
        case unknownKey([UInt8])
        case head(AuditHead)
    }

    static func read(_ path: String, keys: KeyRing) throws(StoreError) -> Reading {
        guard Directory.exists(path) else { return .absent }
        let octets = try File(path, O_RDONLY).contents(atMost: 2 * placeLength)
        var newest = Reading.damaged
        for place in 0..<2 {
            let line = octets.dropFirst(place * placeLength).prefix(placeLength)
            let reading = try parse(line, keys: keys)
            switch (newest, reading) {
            case (.head(let old), .head(let new)): if new.sequence >= old.sequence { newest = reading }
            case (.head, _): break
            default: if reading != .damaged { newest = reading }
            }
        }
        return newest
    }

    /// The octets of one place.
    func octets(key: KeyRing.Key) throws(StoreError) -> [UInt8] {
        var json = JSONWriter()
        json.raw("{")
        json.integer("seq", sequence)
        json.string("digest", Hexadecimal.text(of: digest))
        json.string("key", Hexadecimal.text(of: key.identifier))
        let mac = try AuditChain(key: key.head).digest(after: AuditLine.genesis, json.octets[...])
        let line = json.octets + AuditLine.tail(digest: mac)
        let padding = [UInt8](repeating: UInt8(ascii: " "), count: Self.placeLength - line.count)
        return line.dropLast() + padding + [UInt8(ascii: "\n")]
    }

    /// Where the head that is written as the `number`th goes: each to the place that the one before is not in.
    static func offset(ofWrite number: UInt64) -> Int64 {
        Int64(number % 2) * Int64(placeLength)
    }

    private static func parse(_ place: ArraySlice<UInt8>, keys: KeyRing) throws(StoreError) -> Reading {
        guard place.count == placeLength, place.last == UInt8(ascii: "\n") else { return .damaged }
        let end = place.dropLast().lastIndex { $0 != UInt8(ascii: " ") }.map { $0 + 1 } ?? place.startIndex
        let text = place[place.startIndex..<end]
        guard let line = AuditLine(text), let fields = JSONValue(text)?.object,
            let digest = fields["digest"]?.string.flatMap({ Hexadecimal.parse(Array($0.utf8)) }), digest.count == 32,
            let identifier = fields["key"]?.string.flatMap({ Hexadecimal.parse(Array($0.utf8)) })
        else { return .damaged }
        guard let key = keys.key(identifier) else { return .unknownKey(identifier) }
        let mac = try AuditChain(key: key.head).digest(after: AuditLine.genesis, text.prefix(line.bodyLength))
        guard Cryptography.isEqual(mac, line.digest) else { return .damaged }
        return .head(AuditHead(sequence: line.sequence, digest: digest))
    }
}
