import NetworkManagement
import NetworkModel

/// What one audit file holds, found by checking every line of it from the beginning.
struct AuditFileState {
    /// The first record's sequence, and the digest that it follows.
    var firstSequence: UInt64
    /// The newest record.
    var last: AuditReceipt
    /// The time in the first record.
    var begun: WallTime
    /// Octets up to the end of the newest record.
    var length: Int64
    var key: KeyRing.Key
    /// Beginnings without an outcome: the lines of the announcing records.
    var unfinished: [UInt64: [UInt8]] = [:]
    /// Beginnings in the files before, whose outcome had not come when this one was begun, and has not come here.
    var carried: Set<UInt64> = []
    /// The newest lines, ascending.
    var recent = Recent<[UInt8]>()
    /// The digest of the record that the head file names, when it is in this file.
    var digestAtHead: [UInt8]?

    /// What follows the last sound line.
    enum Remainder: Equatable {
        case nothing
        /// The beginning of a record that was never finished, or blocks that were never written.
        case torn(length: Int64)
        /// Lines that no interrupted write leaves behind.
        case foreign(line: Int, offset: Int64, reason: String)
    }
}

extension AuditFileState {
    /// Checks the file at `path`.
    ///
    /// - Parameter head: what the head file says; its record's digest is noted.
    /// - Returns: the state up to the last sound line, nil when not even the first is; and what follows.
    static func scan(
        _ path: String, keys: KeyRing, head: AuditHead, decoder: AuditDecoder
    ) throws(StoreError) -> (AuditFileState?, Remainder) {
        var scanner = try AuditFileScanner(path)
        var state: AuditFileState?
        var chain: AuditChain?
        while let line = try scanner.next() {
            guard line.isComplete, let next = AuditLine(line.octets) else {
                return (state, try remainder(from: line, &scanner, "not a record"))
            }
            let body = line.octets.prefix(next.bodyLength)
            if let previous = state?.last {
                guard next.sequence == previous.sequence + 1 else {
                    return (state, try remainder(from: line, &scanner, "record \(next.sequence) does not follow"))
                }
                guard try chain?.digest(after: previous.digest, body) == next.digest else {
                    return (state, try remainder(from: line, &scanner, "the digest is wrong"))
                }
            } else {
                guard let entry = decoder.decode(line.octets),
                    let opening = try FileOpening(entry, keys: keys, path: path)
                else { return (nil, try remainder(from: line, &scanner, "no audit file begins so")) }
                chain = try AuditChain(key: opening.key.chain)
                guard try chain?.digest(after: opening.previous, body) == next.digest else {
                    return (nil, try remainder(from: line, &scanner, "the digest is wrong"))
                }
                state = AuditFileState(
                    firstSequence: next.sequence, last: entry.receipt, begun: entry.time, length: 0, key: opening.key,
                    carried: opening.unfinished)
            }
            state?.accept(line, next, head: head)
        }
        return (state, .nothing)
    }

    private mutating func accept(_ line: AuditFileScanner.Line, _ frame: AuditLine, head: AuditHead) {
        last = AuditReceipt(sequence: frame.sequence, digest: frame.digest)
        length = line.offset + Int64(line.octets.count) + 1
        recent.append(Array(line.octets), size: line.octets.count)
        if frame.sequence == head.sequence { digestAtHead = frame.digest }
        if AuditLine.has("phase", AuditPhase.begun.description, in: line.octets) {
            unfinished[frame.sequence] = Array(line.octets)
        } else if let announcement = AuditLine.number("announcement", in: line.octets) {
            unfinished[announcement] = nil
            carried.remove(announcement)
        }
    }

    /// A torn end is one line without a line feed; or, after a power cut on a file system that had noted the new length
    /// but not written the blocks, anything with zeros in it. No record holds a zero octet.
    private static func remainder(
        from first: AuditFileScanner.Line, _ scanner: inout AuditFileScanner, _ reason: String
    ) throws(StoreError) -> Remainder {
        var hasZeros = first.octets.contains(0)
        var end = first.offset + Int64(first.octets.count) + (first.isComplete ? 1 : 0)
        var isOneLine = !first.isComplete
        while let line = try scanner.next() {
            isOneLine = false
            hasZeros = hasZeros || line.octets.contains(0)
            end = line.offset + Int64(line.octets.count) + (line.isComplete ? 1 : 0)
        }
        guard isOneLine || hasZeros else { return .foreign(line: first.number, offset: first.offset, reason: reason) }
        return .torn(length: end - first.offset)
    }
}

/// What the first record of a file says of the file: which digest it follows, which key its chain is under, and which
/// beginnings in earlier files have no outcome yet.
struct FileOpening {
    let previous: [UInt8]
    let key: KeyRing.Key
    let unfinished: Set<UInt64>

    static let previousName = "previous"
    static let keyName = "key"
    private static let unfinishedName = "unfinished"

    /// nil when `entry` begins no file.
    /// - Throws: `.wrongKey` when the key is not in the ring.
    init?(_ entry: AuditEntry, keys: KeyRing, path: String) throws(StoreError) {
        guard let (previous, identifier) = Self.fields(of: entry) else { return nil }
        guard let key = keys.key(identifier) else {
            throw StoreError(
                .wrongKey,
                "\(path): chained under key \(Hexadecimal.text(of: identifier)), which is not in the key file")
        }
        self.previous = previous
        self.key = key
        unfinished = Self.unfinished(in: entry.record)
    }

    /// The digest that the file follows, and the identifier of its key; nil when `entry` begins no file.
    static func fields(of entry: AuditEntry) -> (previous: [UInt8], key: [UInt8])? {
        guard entry.record.event == .fileBegin,
            let previous = hexadecimal(previousName, in: entry.record), previous.count == 32,
            let identifier = hexadecimal(keyName, in: entry.record)
        else { return nil }
        return (previous, identifier)
    }

    /// The record that begins a file.
    static func record(previous: [UInt8], key: KeyRing.Key, unfinished: Set<UInt64>) -> AuditRecord {
        var record = AuditRecord(.fileBegin, principal: .host, phase: .done)
        record.objects = [
            AuditObject(name: previousName, new: .octets(Hexadecimal.octets(of: previous))),
            AuditObject(name: keyName, new: .octets(Hexadecimal.octets(of: key.identifier))),
        ]
        if !unfinished.isEmpty {
            let text = unfinished.sorted().map { String($0) }.joined(separator: " ")
            record.objects.append(AuditObject(name: unfinishedName, new: .text(text)))
        }
        return record
    }

    private static func unfinished(in record: AuditRecord) -> Set<UInt64> {
        guard case .octets(let text) = record.objects.first(where: { $0.name == unfinishedName })?.new else {
            return []
        }
        return Set(String(decoding: text, as: UTF8.self).split(separator: " ").compactMap { UInt64($0) })
    }

    private static func hexadecimal(_ name: String, in record: AuditRecord) -> [UInt8]? {
        guard case .octets(let text) = record.objects.first(where: { $0.name == name })?.new else { return nil }
        return Hexadecimal.parse(text)
    }
}
