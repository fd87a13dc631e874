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
    /// Beginnings without an outcome: what the announcing records said.
    var unfinished: [UInt64: AuditRecord] = [:]
    /// Beginnings in the files before, whose outcome had not come when this one was begun, and has not come here.
    var carried: Set<UInt64> = []
    /// The newest records, ascending.
    var recent = RecentAuditEntries()
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
            let failure: String
            if let next = AuditLine(line.octets), line.isComplete, let entry = decoder.decode(line.octets) {
                if state == nil {
                    guard let opening = try FileOpening(entry, keys: keys, path: path) else {
                        return (nil, .foreign(line: 1, offset: 0, reason: "no audit file begins so"))
                    }
                    chain = try AuditChain(key: opening.key.chain)
                    let digest = try chain?.digest(after: opening.previous, line.octets.prefix(next.bodyLength))
                    if digest == next.digest {
                        state = AuditFileState(
                            firstSequence: next.sequence, last: entry.receipt, begun: entry.time,
                            length: line.offset + Int64(line.octets.count) + 1, key: opening.key,
                            carried: opening.unfinished)
                        state?.note(entry, head: head, size: line.octets.count)
                        continue
                    }
                    failure = "the digest is wrong"
                } else if next.sequence != state.map({ $0.last.sequence + 1 }) {
                    failure = "record \(next.sequence) does not follow"
                } else if let previous = state?.last.digest,
                    try chain?.digest(after: previous, line.octets.prefix(next.bodyLength)) == next.digest
                {
                    state?.last = entry.receipt
                    state?.length = line.offset + Int64(line.octets.count) + 1
                    state?.note(entry, head: head, size: line.octets.count)
                    continue
                } else {
                    failure = "the digest is wrong"
                }
            } else {
                failure = "not a record"
            }
            return (state, try remainder(from: line, &scanner, failure))
        }
        return (state, .nothing)
    }

    private mutating func note(_ entry: AuditEntry, head: AuditHead, size: Int) {
        recent.append(entry, size: size)
        if entry.receipt.sequence == head.sequence { digestAtHead = entry.receipt.digest }
        if entry.record.phase == .begun {
            unfinished[entry.receipt.sequence] = entry.record
        } else if let announcement = entry.record.announcement {
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
