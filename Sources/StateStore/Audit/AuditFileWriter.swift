import Glibc
import NetworkManagement
import NetworkModel

/// Writes the files of an audit; for one thread.
///
/// It opens what it needs when it needs it, and after any failure opens it anew: so it works again as soon as the disk
/// does. What was durable before a failure stays; what a failed write left behind is cut off before the next.
struct AuditFileWriter {
    /// A record on its way, encoded but for its place and time.
    struct Item {
        let record: AuditRecord
        let encoded: [UInt8]
    }

    private let directory: AuditDirectory
    private let keys: KeyRing
    private let options: AuditOptions
    private let encoder: AuditEncoder
    private let clock: any MonotonicClock
    private let wallClock: any WallClock
    /// Keeps others out; let go at the end.
    private var lock: File?

    /// The newest durable record; sequence 0 and zeros before the first.
    private(set) var last: AuditReceipt
    /// Whether `audit.log` is there, and what is in it.
    private var hasCurrent: Bool
    private var firstSequence: UInt64
    private var length: Int64
    private var keyIdentifier: [UInt8]
    private var begun: WallTime
    private var opened: MonotonicTime
    private var unfinished: Set<UInt64>
    private var mustTruncate: Bool
    /// What somebody else did to the file: nothing is written any more, until a start has checked everything.
    private var interference: StoreError?

    private var file: File?
    private var chain: AuditChain
    private var reservedUpTo: Int64 = 0
    private var headFile: File?
    private var headWrites: UInt64 = 0

    init(
        _ opening: AuditOpening, keys: KeyRing, options: AuditOptions, encoder: AuditEncoder,
        clock: any MonotonicClock, wallClock: any WallClock
    ) throws(StoreError) {
        directory = opening.directory
        lock = opening.lock
        self.keys = keys
        self.options = options
        self.encoder = encoder
        self.clock = clock
        self.wallClock = wallClock
        chain = try AuditChain(key: keys.current.chain)
        last = opening.last
        hasCurrent = opening.hasCurrent
        firstSequence = opening.current?.firstSequence ?? opening.last.sequence + 1
        length = opening.current?.length ?? 0
        keyIdentifier = opening.current?.key.identifier ?? keys.current.identifier
        begun = opening.current?.begun ?? wallClock.now()
        opened = clock.now()
        unfinished = Set(opening.unfinished.keys)
        mustTruncate = opening.torn != nil
    }

    /// Appends `items` in their order, as one write; durable when this returns.
    ///
    /// - Parameter isReserving: whether there has to be room for the outcomes too.
    mutating func append(_ items: [Item], isReserving: Bool) throws(StoreError) -> [AuditEntry] {
        do {
            try prepare()
            let isNew = length == 0
            let opening = isNew ? [try item(opening)] : []
            let (octets, entries) = try lines(opening + items)
            guard let file else { return [] }
            if isReserving { try reserve(octets.count, in: file) }
            try file.write(octets, at: length)
            try file.synchronizeData()
            if isNew { try Directory.synchronize(directory.path) }
            accept(entries, length: octets.count, isNew: isNew)
            return Array(entries.dropFirst(opening.count))
        } catch {
            abandon(error)
            throw error
        }
    }

    /// Closes the file when it is long or old enough, and removes what is beyond the number to keep.
    mutating func maintain() throws(StoreError) {
        guard isDue else { return }
        do {
            try closeCurrent()
        } catch {
            abandon(error)
            throw error
        }
        // The new file is begun at once.
        _ = try append([], isReserving: false)
        try removeOldest()
    }

    /// Makes the head durable, as before the end.
    mutating func finish() {
        // What a crash would leave is what is left then: the head of an earlier write, which is no less right.
        try? headFile?.synchronize()
        try? file?.truncate(to: length)
        file = nil
        headFile = nil
        lock = nil
    }
}

// MARK: - One write

extension AuditFileWriter {
    private var opening: AuditRecord {
        FileOpening.record(previous: last.digest, key: keys.current, unfinished: unfinished)
    }

    private func item(_ record: AuditRecord) throws(StoreError) -> Item {
        Item(record: record, encoded: try encoder.encode(record))
    }

    private func lines(_ items: [Item]) throws(StoreError) -> ([UInt8], [AuditEntry]) {
        var octets: [UInt8] = []
        var entries: [AuditEntry] = []
        var receipt = last
        for item in items {
            let time = wallClock.now()
            let uptime = clock.now()
            let start = octets.count
            let sequence = receipt.sequence + 1
            octets += AuditEncoder.opening(sequence: sequence, time: time, uptime: uptime)
            octets += item.encoded
            let digest = try chain.digest(after: receipt.digest, octets[start...])
            octets += AuditLine.tail(digest: digest)
            receipt = AuditReceipt(sequence: sequence, digest: digest)
            entries.append(AuditEntry(receipt: receipt, time: time, uptime: uptime, record: item.record))
        }
        return (octets, entries)
    }

    private mutating func reserve(_ count: Int, in file: File) throws(StoreError) {
        let needed = length + Int64(count) + options.reserve
        guard needed > reservedUpTo else { return }
        // Twice the reserve at a time, so that it is not asked for at each write.
        try file.reserve(Int64(count) + 2 * options.reserve, at: length)
        reservedUpTo = length + Int64(count) + 2 * options.reserve
    }

    private mutating func accept(_ entries: [AuditEntry], length added: Int, isNew: Bool) {
        if isNew, let first = entries.first {
            firstSequence = first.receipt.sequence
            begun = first.time
            opened = first.uptime
            keyIdentifier = keys.current.identifier
        }
        length += Int64(added)
        for entry in entries {
            if entry.record.phase == .begun {
                unfinished.insert(entry.receipt.sequence)
            } else if let announcement = entry.record.announcement {
                unfinished.remove(announcement)
            }
            last = entry.receipt
        }
        // The records are durable. A head that cannot be written now is behind until the next write, which is no less
        // right; it is never ahead of the log.
        try? writeHead()
    }

    private mutating func writeHead() throws(StoreError) {
        let head = AuditHead(sequence: last.sequence, digest: last.digest)
        let octets = try head.octets(key: keys.current)
        let file: File
        if let headFile {
            file = headFile
        } else {
            file = try File(directory.head, O_RDWR)
            headFile = file
        }
        headWrites += 1
        try file.write(octets, at: AuditHead.offset(ofWrite: headWrites))
    }

    /// Makes sure that `file` is `audit.log`, ready to take what follows `length`.
    private mutating func prepare() throws(StoreError) {
        if let interference { throw interference }
        if hasCurrent, length > 0, keyIdentifier != keys.current.identifier { try closeCurrent() }
        if let file {
            try checkUntouched(file)
            return
        }
        if hasCurrent {
            try reopen()
        } else {
            file = try File(directory.current, O_RDWR | O_CREAT | O_EXCL)
            hasCurrent = true
            length = 0
        }
        reservedUpTo = 0
    }

    private mutating func reopen() throws(StoreError) {
        let file = try File(directory.current, O_RDWR)
        let size = Int64(try file.status().st_size)
        guard size >= length else {
            throw StoreError(
                .corrupt, "\(directory.current): cut to \(size) octets, though \(length) were written and durable")
        }
        if size > length {
            guard mustTruncate else {
                throw StoreError(.corrupt, "\(directory.current): another process wrote behind octet \(length)")
            }
            try file.truncate(to: length)
            try file.synchronizeData()
        }
        mustTruncate = false
        self.file = file
    }

    /// Refuses to go on where somebody renamed, removed, cut or lengthened the file.
    private func checkUntouched(_ file: File) throws(StoreError) {
        let status = try file.status()
        var present = stat()
        guard lstat(directory.current, &present) == 0, present.st_ino == status.st_ino, present.st_dev == status.st_dev
        else { throw StoreError(.corrupt, "\(directory.current): removed, or another file is in its place") }
        guard status.st_size == off_t(length) else {
            throw StoreError(
                .corrupt, "\(directory.current): \(status.st_size) octets, though \(length) were written and durable")
        }
    }

    private mutating func abandon(_ error: StoreError) {
        // What lies behind `length`, if anything does, is of the write that failed.
        if file != nil { mustTruncate = true }
        if error.code == .corrupt { interference = error }
        file = nil
        headFile = nil
    }
}

// MARK: - From file to file

extension AuditFileWriter {
    private var isDue: Bool {
        guard hasCurrent, length > 0 else { return false }
        // An outcome shall stand in the file of its beginning, unless that would grow for ever.
        guard unfinished.isEmpty || length >= 2 * options.maximumFileSize else { return false }
        let age = Duration.seconds(wallClock.now().seconds - begun.seconds)
        return length >= options.maximumFileSize || age >= options.maximumFileAge
            || clock.now() - opened >= options.maximumFileAge
    }

    private mutating func closeCurrent() throws(StoreError) {
        if file == nil { try reopen() }
        // The blocks set aside go back.
        try file?.truncate(to: length)
        try file?.synchronize()
        try writeHead()
        try headFile?.synchronize()
        let closed = directory.closed(firstSequence: firstSequence)
        guard !Directory.exists(closed) else { throw StoreError(.corrupt, "\(closed): is there already") }
        try Directory.rename(directory.current, to: closed)
        file = nil
        hasCurrent = false
        length = 0
        try Directory.synchronize(directory.path)
    }

    private mutating func removeOldest() throws(StoreError) {
        guard let kept = options.closedFilesKept else { return }
        var closed = try Directory.names(in: directory.path).filter { AuditDirectory.firstSequence(of: $0) != nil }
        while closed.count > max(kept, 1) {
            let name = closed.removeFirst()
            // The file behind it names its last digest.
            guard let next = try Self.opening(of: directory.path + "/" + closed[0]) else { return }
            let item = try item(RemovedFile(name: name, last: next).record)
            _ = try append([item], isReserving: false)
            try Directory.remove(directory.path + "/" + name)
        }
    }

    /// The receipt that the first line of a file follows; nil when it is no opening.
    private static func opening(of path: String) throws(StoreError) -> AuditReceipt? {
        var scanner = try AuditFileScanner(path)
        guard let line = try scanner.next(), let entry = AuditDecoder(sealer: nil).decode(line.octets),
            let fields = FileOpening.fields(of: entry)
        else { return nil }
        return AuditReceipt(sequence: entry.receipt.sequence - 1, digest: fields.previous)
    }
}
