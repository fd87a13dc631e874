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

    /// How far the log goes.
    private struct Position {
        /// The newest record; sequence 0 and zeros before the first.
        var last: AuditReceipt
        /// Octets of `audit.log`.
        var length: Int64
        /// Beginnings without an outcome.
        var unfinished: Set<UInt64>
    }

    /// What has been written, and what of it is durable. After a failure the former becomes the latter.
    private var written: Position
    private var durable: Position
    /// Whether `audit.log` is there, and how it begins.
    private var hasCurrent: Bool
    private var firstSequence: UInt64
    private var keyIdentifier: [UInt8]
    private var begun: WallTime
    private var opened: MonotonicTime
    private var mustTruncate: Bool
    private var mustSynchronizeDirectory = false
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
        written = Position(
            last: opening.last, length: opening.current?.length ?? 0, unfinished: Set(opening.unfinished.keys))
        durable = written
        hasCurrent = opening.hasCurrent
        firstSequence = opening.current?.firstSequence ?? opening.last.sequence + 1
        keyIdentifier = opening.current?.key.identifier ?? keys.current.identifier
        begun = opening.current?.begun ?? wallClock.now()
        opened = clock.now()
        mustTruncate = opening.torn != nil
    }

    /// The newest durable record; sequence 0 before the first.
    var last: AuditReceipt { durable.last }

    /// Appends `items` in their order, as one write; durable after `synchronize`. When either throws, nothing is kept of
    /// what was written since the last `synchronize`.
    ///
    /// - Parameter isReserving: whether there has to be room for the outcomes too.
    mutating func write(_ items: [Item], isReserving: Bool) throws(StoreError) -> [AuditEntry] {
        do {
            try prepare()
            let isNew = written.length == 0
            let opening = isNew ? [try item(opening)] : []
            let (octets, entries) = try lines(opening + items)
            guard let file else { return [] }
            if isReserving { try reserve(octets.count, in: file) }
            try file.write(octets, at: written.length)
            accept(entries, length: octets.count, isNew: isNew)
            return Array(entries.dropFirst(opening.count))
        } catch {
            abandon(error)
            throw error
        }
    }

    /// Makes what was written durable.
    mutating func synchronize() throws(StoreError) {
        do {
            try file?.synchronizeData()
            if mustSynchronizeDirectory { try Directory.synchronize(directory.path) }
        } catch {
            abandon(error)
            throw error
        }
        mustSynchronizeDirectory = false
        durable = written
    }

    /// Lets the head say how far the log goes. One that cannot be written now is behind until the next time, which is no
    /// less right; it is never ahead of the log.
    mutating func noteHead() {
        try? writeHead()
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
        _ = try write([], isReserving: false)
        try synchronize()
        try removeOldest()
        noteHead()
    }

    /// Makes the head durable, as before the end.
    mutating func finish() {
        // What a crash would leave is what is left then: the head of an earlier write, which is no less right.
        try? headFile?.synchronize()
        try? file?.truncate(to: durable.length)
        file = nil
        headFile = nil
        lock = nil
    }
}

// MARK: - One write

extension AuditFileWriter {
    private var opening: AuditRecord {
        FileOpening.record(previous: written.last.digest, key: keys.current, unfinished: written.unfinished)
    }

    private func item(_ record: AuditRecord) throws(StoreError) -> Item {
        Item(record: record, encoded: try encoder.encode(record))
    }

    private func lines(_ items: [Item]) throws(StoreError) -> ([UInt8], [AuditEntry]) {
        var octets: [UInt8] = []
        var entries: [AuditEntry] = []
        var receipt = written.last
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
        let needed = written.length + Int64(count) + options.reserve
        guard needed > reservedUpTo else { return }
        // Twice the reserve at a time, so that it is not asked for at each write.
        try file.reserve(Int64(count) + 2 * options.reserve, at: written.length)
        reservedUpTo = written.length + Int64(count) + 2 * options.reserve
    }

    private mutating func accept(_ entries: [AuditEntry], length added: Int, isNew: Bool) {
        if isNew, let first = entries.first {
            firstSequence = first.receipt.sequence
            begun = first.time
            opened = first.uptime
            keyIdentifier = keys.current.identifier
        }
        written.length += Int64(added)
        for entry in entries {
            if entry.record.phase == .begun {
                written.unfinished.insert(entry.receipt.sequence)
            } else if let announcement = entry.record.announcement {
                written.unfinished.remove(announcement)
            }
            written.last = entry.receipt
        }
    }

    private mutating func writeHead() throws(StoreError) {
        let head = AuditHead(sequence: durable.last.sequence, digest: durable.last.digest)
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

    /// Makes sure that `file` is `audit.log`, ready to take what follows.
    private mutating func prepare() throws(StoreError) {
        if let interference { throw interference }
        if hasCurrent, written.length > 0, keyIdentifier != keys.current.identifier { try closeCurrent() }
        if let file {
            try checkUntouched(file)
            return
        }
        if hasCurrent {
            try reopen()
        } else {
            file = try File(directory.current, O_RDWR | O_CREAT | O_EXCL)
            hasCurrent = true
            mustSynchronizeDirectory = true
        }
        reservedUpTo = 0
    }

    private mutating func reopen() throws(StoreError) {
        let file = try File(directory.current, O_RDWR)
        let size = Int64(try file.status().st_size)
        let length = durable.length
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
        guard status.st_size == off_t(written.length) else {
            throw StoreError(
                .corrupt, "\(directory.current): \(status.st_size) octets, though \(written.length) were written")
        }
    }

    private mutating func abandon(_ error: StoreError) {
        // What lies behind the durable end, if anything does, is of the write that failed.
        if file != nil { mustTruncate = true }
        written = durable
        if error.code == .corrupt { interference = error }
        file = nil
        headFile = nil
    }
}

// MARK: - From file to file

extension AuditFileWriter {
    private var isDue: Bool {
        guard hasCurrent, durable.length > 0 else { return false }
        // An outcome shall stand in the file of its beginning, unless that would grow for ever.
        guard durable.unfinished.isEmpty || durable.length >= 2 * options.maximumFileSize else { return false }
        let age = Duration.seconds(wallClock.now().seconds - begun.seconds)
        return durable.length >= options.maximumFileSize || age >= options.maximumFileAge
            || clock.now() - opened >= options.maximumFileAge
    }

    /// Only while everything that was written is durable.
    private mutating func closeCurrent() throws(StoreError) {
        if file == nil { try reopen() }
        // The blocks set aside go back.
        try file?.truncate(to: durable.length)
        try file?.synchronize()
        try writeHead()
        try headFile?.synchronize()
        let closed = directory.closed(firstSequence: firstSequence)
        guard !Directory.exists(closed) else { throw StoreError(.corrupt, "\(closed): is there already") }
        try Directory.rename(directory.current, to: closed)
        file = nil
        hasCurrent = false
        written.length = 0
        durable.length = 0
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
            _ = try write([item], isReserving: false)
            try synchronize()
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
