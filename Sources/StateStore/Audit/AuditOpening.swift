import Glibc
import NetworkManagement
import NetworkModel

/// An audit found on disk, checked, and locked against a second writer. Nothing has been written yet, but in an empty
/// directory the head.
struct AuditOpening {
    let directory: AuditDirectory
    let lock: File
    /// The newest record; sequence 0 and zeros when there is none.
    let last: AuditReceipt
    /// Whether `audit.log` is there, be it without a sound record.
    let hasCurrent: Bool
    /// What `audit.log` holds; nil when it holds no sound record.
    let current: AuditFileState?
    /// Beginnings without an outcome, in whatever file.
    let unfinished: [UInt64: AuditRecord]
    /// The newest records of the newest file.
    let recent: [AuditEntry]
    /// What an interrupted write left behind the newest record: how much, and the first of it. nil when nothing.
    let torn: (length: Int64, beginning: [UInt8])?

    /// As much of a torn end as is kept in the audit.
    private static let tornKept = 4096

    /// - Throws: `.corrupt` with the file and the place when anything is there that neither was written so nor can be
    ///   left by an interruption; `.wrongKey`; `.busy` when a daemon has it open.
    init(
        _ path: String, keys: KeyRing, decoder: AuditDecoder
    ) throws(StoreError) {
        try Directory.create(path)
        directory = AuditDirectory(path: path)
        lock = try File(directory.lock, O_RDONLY | O_CREAT)
        try lock.lock()
        let closed = try Directory.names(in: path).filter { AuditDirectory.firstSequence(of: $0) != nil }
        hasCurrent = Directory.exists(directory.current)
        let head = try Self.head(directory, keys: keys, isNew: closed.isEmpty && !hasCurrent)

        var current: AuditFileState?
        var remainder = AuditFileState.Remainder.nothing
        if hasCurrent {
            (current, remainder) = try AuditFileState.scan(directory.current, keys: keys, head: head, decoder: decoder)
            if case .foreign(let line, let offset, let reason) = remainder {
                throw StoreError(
                    .corrupt, "\(directory.current): line \(line), octet \(offset): \(reason)" + Self.advice)
            }
        }
        // Without a sound record in audit.log, the closed file before it is the end of the chain.
        var previous: AuditFileState?
        if current == nil, let name = closed.last {
            let path = path + "/" + name
            let (state, rest) = try AuditFileState.scan(path, keys: keys, head: head, decoder: decoder)
            guard let state, rest == .nothing else {
                throw StoreError(.corrupt, "\(path): a closed file with a damaged end" + Self.advice)
            }
            previous = state
        }
        let newest = current ?? previous
        last = newest?.last ?? AuditReceipt(sequence: 0, digest: AuditLine.genesis)
        self.current = current
        recent = newest?.recent.newest(.max).compactMap { decoder.decode($0[...]) } ?? []
        unfinished = try Self.unfinished(newest, closed: closed.map { path + "/" + $0 }, decoder: decoder)
        try Self.compare(head, with: newest, last: last, in: directory)
        if case .torn(let length) = remainder {
            let offset = current?.length ?? 0
            let beginning = try File(directory.current, O_RDONLY).read(
                Int(min(length, Int64(Self.tornKept))), at: offset)
            torn = (length, beginning)
        } else {
            torn = nil
        }
    }

    private static let advice =
        "; run \"oriond audit verify\", and move the directory away to begin a new audit"

    private static func head(
        _ directory: AuditDirectory, keys: KeyRing, isNew: Bool
    ) throws(StoreError) -> AuditHead {
        switch try AuditHead.read(directory.head, keys: keys) {
        case .head(let head): return head
        case .unknownKey(let identifier):
            throw StoreError(
                .wrongKey,
                "\(directory.head): sealed under key \(Hexadecimal.text(of: identifier)), which is not in the key file")
        case .damaged: throw StoreError(.corrupt, "\(directory.head): damaged" + advice)
        case .absent:
            guard isNew else { throw StoreError(.corrupt, "\(directory.head): missing" + advice) }
            let head = AuditHead(sequence: 0, digest: AuditLine.genesis)
            try Directory.replace(directory.head, with: head.octets(key: keys.current), mode: 0o600)
            return head
        }
    }

    /// The beginnings that the newest file knows of, with what their records say: some may be in the files before it.
    private static func unfinished(
        _ newest: AuditFileState?, closed: [String], decoder: AuditDecoder
    ) throws(StoreError) -> [UInt64: AuditRecord] {
        guard let newest else { return [:] }
        var unfinished = newest.unfinished.compactMapValues { decoder.decode($0[...])?.record }
        var carried = newest.carried
        for path in closed.reversed() {
            guard !carried.isEmpty else { break }
            var scanner = try AuditFileScanner(path)
            while let line = try scanner.next() {
                guard let sequence = AuditLine(line.octets)?.sequence, carried.contains(sequence),
                    let record = decoder.decode(line.octets)?.record
                else { continue }
                unfinished[sequence] = record
                carried.remove(sequence)
            }
        }
        // A file that is not there any more: the number says which it was.
        for sequence in carried { unfinished[sequence] = AuditRecord(.set, principal: .unknown, phase: .begun) }
        return unfinished
    }

    /// The head is written after the log, and made durable before a file is closed: so it is never ahead of the log, and
    /// never behind the newest file's beginning.
    private static func compare(
        _ head: AuditHead, with newest: AuditFileState?, last: AuditReceipt, in directory: AuditDirectory
    ) throws(StoreError) {
        guard head.sequence <= last.sequence else {
            throw StoreError(
                .corrupt,
                "\(directory.path): records \(last.sequence + 1) to \(head.sequence) are missing at the end" + advice)
        }
        guard let newest else { return }
        let isRight =
            if head.sequence >= newest.firstSequence {
                newest.digestAtHead == head.digest
            } else {
                head.sequence + 1 == newest.firstSequence
            }
        guard isRight else {
            throw StoreError(
                .corrupt, "\(directory.head): names record \(head.sequence), which is not that of the log" + advice)
        }
    }
}
