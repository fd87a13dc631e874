import CLinux
import Glibc
package import NetworkManagement
package import NetworkModel
import Synchronization

/// The audit on disk: files of JSON lines, chained by HMAC-SHA-256, written by a thread of their own that makes everything
/// that waits durable by one write.
///
/// Open it once, and `close` it at the end; what is in the files is described at `AuditLine`, `AuditEncoder` and
/// `AuditDirectory`, and `AuditVerifier` checks it.
package final class AuditLog: AuditStore {
    /// A record that waits for the disk, and who waits for it; nobody when it may be late.
    private struct Pending {
        let item: AuditFileWriter.Item
        let continuation: CheckedContinuation<Result<AuditReceipt, StoreError>, Never>?
    }

    /// The same before the writer's thread has looked at it.
    private struct Submission {
        let record: AuditRecord
        /// nil where the writer's thread is to encode it.
        let encoded: [UInt8]?
        let continuation: CheckedContinuation<Result<AuditReceipt, StoreError>, Never>?
        let isAtLeisure: Bool
    }

    /// What the writer's thread does.
    private enum Sleep {
        case awake
        /// Until there is something, or something has become durable.
        case asleep
        /// Until records that may wait have waited.
        case lingering
    }

    private struct Inbox {
        var pending: [Submission] = []
        /// When the first of `pending` came, as long as all of them may wait; nil otherwise.
        var leisureSince: ContinuousClock.Instant?
        var sleep = Sleep.awake
        var isClosed = false
        var thread: pthread_t?
        var recent = Recent<AuditEntry>()
        var status = AuditStatus()
    }

    /// Records that wait at most: those with somebody waiting, and those without.
    private static let maximumPending = 10_000
    private static let maximumLate = 4096
    /// Outcomes, which nobody waits for, become durable with the next record that somebody does wait for; without one,
    /// after this time, or when there are so many. They are in the file at once: an end of the daemon does not touch them.
    private static let settlingTime: Duration = .milliseconds(20)
    private static let maximumUnsettled = 256
    /// How long records at leisure wait for others, and how many of them.
    private static let leisure: Duration = .milliseconds(10)
    private static let maximumLeisurely = 256
    /// Records of one write at most.
    private static let maximumBatch = 1024

    private let inbox = Mutex(Inbox())
    private let wakeUp: WakeUp
    private let encoder: AuditEncoder
    private let options: AuditOptions
    private let health: @Sendable (StoreError?) -> Void
    private let observer: @Sendable (AuditEntry) -> Void
    /// The writer's thread alone touches it.
    private nonisolated(unsafe) var writer: AuditFileWriter
    /// What was written and is not durable yet, and since when; the writer's thread alone touches both.
    private nonisolated(unsafe) var unsettled: [(Pending, AuditEntry)] = []
    private nonisolated(unsafe) var unsettledSince = ContinuousClock.now
    /// Records that the disk did not take, and that nobody waits for; the writer's thread alone touches it.
    private nonisolated(unsafe) var late: [Pending] = []

    /// Opens the audit in `path`, checks it, and begins to write.
    ///
    /// - Parameters:
    ///   - path: a directory, made when it is not there.
    ///   - sealer: seals secrets; nil to mask them.
    ///   - health: called by the writer's thread with the error when nothing can be written, and with nil when it can
    ///     again.
    ///   - observer: called by the writer's thread with each record once it is durable; must not wait.
    /// - Throws: `.corrupt` with the file and the place when the files are not as they were written, `.wrongKey`, `.busy`.
    package init(
        path: String, keys: KeyRing, sealer: Sealer?, options: AuditOptions = AuditOptions(),
        clock: any MonotonicClock, wallClock: any WallClock, health: @escaping @Sendable (StoreError?) -> Void,
        observer: @escaping @Sendable (AuditEntry) -> Void = { _ in }
    ) throws(StoreError) {
        let opening = try AuditOpening(path, keys: keys, decoder: AuditDecoder(sealer: Sealer(keys: keys)))
        encoder = AuditEncoder(sealer: sealer)
        self.options = options
        self.health = health
        self.observer = observer
        writer = try AuditFileWriter(
            opening, keys: keys, options: options, encoder: encoder, clock: clock, wallClock: wallClock)
        wakeUp = try WakeUp()
        inbox.withLock { inbox in
            // As many octets as they are likely to have had.
            for entry in opening.recent { inbox.recent.append(entry, size: 512) }
            inbox.status.head = opening.last.sequence > 0 ? opening.last : nil
        }
        for record in Self.recoveries(opening) { self.record(record) }
        try start()
    }

    package func append(_ record: AuditRecord) async throws(StoreError) -> AuditReceipt {
        let encoded = try encode(record)
        let result = await withCheckedContinuation { continuation in
            let refusal = submit(
                Submission(record: record, encoded: encoded, continuation: continuation, isAtLeisure: false))
            if let refusal { continuation.resume(returning: .failure(refusal)) }
        }
        return try result.get()
    }

    package func record(_ record: AuditRecord, atLeisure: Bool) {
        let refusal = submit(
            Submission(record: record, encoded: nil, continuation: nil, isAtLeisure: atLeisure))
        if refusal != nil { inbox.withLock { $0.status.lost += 1 } }
    }

    package func newest(_ count: Int) -> [AuditEntry] {
        inbox.withLock { $0.recent.newest(count) }
    }

    package var status: AuditStatus {
        inbox.withLock { $0.status }
    }

    /// Writes what waits, and ends the thread. What is appended later fails.
    package func close() {
        let thread = inbox.withLock { inbox in
            inbox.isClosed = true
            return inbox.thread.take()
        }
        wakeUp.wake()
        if let thread { pthread_join(thread, nil) }
    }

    private func encode(_ record: AuditRecord) throws(StoreError) -> [UInt8] {
        // Nothing is written shorter than it is.
        let size = record.objects.reduce(record.reason.utf8.count + record.result.utf8.count) { $0 + $1.size }
        guard size <= AuditLine.maximumLength else {
            throw StoreError(.failed, "audit: a record of \(size) octets, at most \(AuditLine.maximumLength)")
        }
        let encoded = try encoder.encode(record)
        guard encoded.count <= AuditLine.maximumLength - 1024 else {
            throw StoreError(.failed, "audit: a record of \(encoded.count) octets, at most \(AuditLine.maximumLength)")
        }
        return encoded
    }

    private func submit(_ submission: Submission) -> StoreError? {
        let (refusal, mustWake): (StoreError?, Bool) = inbox.withLock { inbox in
            guard !inbox.isClosed else { return (StoreError(.failed, "audit: closed"), false) }
            guard inbox.pending.count < Self.maximumPending else {
                return (StoreError(.busy, "audit: \(inbox.pending.count) records wait for the disk"), false)
            }
            if !submission.isAtLeisure {
                inbox.leisureSince = nil
            } else if inbox.pending.isEmpty {
                inbox.leisureSince = .now
            }
            inbox.pending.append(submission)
            guard inbox.sleep == .asleep || inbox.sleep == .lingering && inbox.leisureSince == nil else {
                return (nil, false)
            }
            inbox.sleep = .awake
            return (nil, true)
        }
        if mustWake { wakeUp.wake() }
        return refusal
    }

    /// What a sudden end left unsaid.
    private static func recoveries(_ opening: AuditOpening) -> [AuditRecord] {
        var records: [AuditRecord] = []
        if let torn = opening.torn {
            var record = AuditRecord(.recovery, principal: .host, phase: .done)
            record.reason = "cut off \(torn.length) octets of a write that never ended"
            record.objects = [AuditObject(name: "beginning", old: .octets(torn.beginning))]
            records.append(record)
        }
        for (sequence, begun) in opening.unfinished.sorted(by: { $0.key < $1.key }) {
            var record = begun
            record.phase = .interrupted
            record.announcement = sequence
            record.objects = []
            record.reason = "the daemon ended before it recorded an outcome"
            records.append(record)
        }
        return records
    }
}

extension AuditObject {
    /// The octets of what is of any length.
    fileprivate var size: Int {
        [old, new].reduce(name.utf8.count + target.utf8.count) { sum, value in
            switch value {
            case .octets(let octets), .secret(let octets): sum + octets.count
            case .integer, .masked, nil: sum
            }
        }
    }
}

// MARK: - The writer's thread

extension AuditLog {
    private func start() throws(StoreError) {
        let context = Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, runAuditWriter, context)
        guard status == 0 else {
            Unmanaged<AuditLog>.fromOpaque(context).release()
            throw .system("pthread_create", "audit writer", status)
        }
        inbox.withLock { $0.thread = thread }
    }

    fileprivate func run() {
        orion_name_thread("audit")
        while true {
            let (batch, isClosed, failure, lingering) = inbox.withLock { inbox in
                let lingering = Self.lingering(inbox)
                let batch = lingering == nil ? Array(inbox.pending.prefix(Self.maximumBatch)) : []
                inbox.pending.removeFirst(batch.count)
                if inbox.pending.isEmpty { inbox.leisureSince = nil }
                inbox.sleep = !batch.isEmpty || inbox.isClosed ? .awake : lingering == nil ? .asleep : .lingering
                return (batch, inbox.isClosed, inbox.status.failure, lingering)
            }
            if !batch.isEmpty || failure != nil { write(batch.compactMap(pending), failure: failure) }
            guard batch.isEmpty else { continue }
            if isClosed || isSettlingDue { settle() }
            if isClosed { break }
            wakeUp.wait(atMost: lingering.map { patience < 0 ? $0 : min($0, patience) } ?? patience)
        }
        writer.finish()
        inbox.withLock { $0.status.lost += UInt64(late.count) }
    }

    /// Milliseconds that all there is may wait for more; nil when it is to be written now.
    private static func lingering(_ inbox: Inbox) -> Int32? {
        guard let since = inbox.leisureSince, !inbox.isClosed, inbox.pending.count < maximumLeisurely else {
            return nil
        }
        let remaining = since + leisure - ContinuousClock.now
        return remaining > .zero ? Int32(clamping: Int64(remaining / .milliseconds(1)) + 1) : nil
    }

    /// nil, and counted, when there is no way to write it down.
    private func pending(_ submission: Submission) -> Pending? {
        guard let encoded = submission.encoded ?? (try? encode(submission.record)) else {
            inbox.withLock { $0.status.lost += 1 }
            return nil
        }
        let item = AuditFileWriter.Item(record: submission.record, encoded: encoded)
        return Pending(item: item, continuation: submission.continuation)
    }

    private var isSettlingDue: Bool {
        !unsettled.isEmpty && ContinuousClock.now - unsettledSince >= Self.settlingTime
    }

    /// Milliseconds until there is something to do unasked; -1 when there is nothing.
    private var patience: Int32 {
        if !unsettled.isEmpty {
            let remaining = unsettledSince + Self.settlingTime - ContinuousClock.now
            return Int32(clamping: max(0, remaining.components.attoseconds / 1_000_000_000_000_000 + 1))
        }
        return inbox.withLock { $0.status.failure } == nil ? -1 : retryMilliseconds
    }

    private var retryMilliseconds: Int32 {
        let parts = options.retryInterval.components
        return Int32(clamping: max(1, parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000))
    }

    private func write(_ batch: [Pending], failure: StoreError?) {
        guard failure == nil else {
            retry(with: batch)
            return
        }
        let isAwaited = batch.contains { $0.continuation != nil }
        do throws(StoreError) {
            let entries = try writer.write(batch.map(\.item), isReserving: isAwaited)
            if unsettled.isEmpty { unsettledSince = .now }
            unsettled += zip(batch, entries)
        } catch {
            recall(and: batch, because: error)
            return
        }
        if isAwaited || unsettled.count >= Self.maximumUnsettled || isSettlingDue { settle() }
    }

    /// Makes what was written durable, and says so to whoever waits.
    private func settle() {
        guard !unsettled.isEmpty else { return }
        do throws(StoreError) {
            try writer.synchronize()
        } catch {
            recall(and: [], because: error)
            return
        }
        publish(unsettled)
        unsettled = []
        do throws(StoreError) {
            try writer.maintain()
        } catch {
            refuse([], because: error)
        }
    }

    /// What was written since the last time it became durable is not kept.
    private func recall(and batch: [Pending], because error: StoreError) {
        let recalled = unsettled.map(\.0) + batch
        unsettled = []
        refuse(recalled, because: error)
        writeLate()
    }

    /// The disk took nothing the last time. Outcomes go first, which have room set aside; then, together with whoever
    /// asks now, the note that it works again.
    private func retry(with batch: [Pending]) {
        let asking = batch.filter { $0.continuation != nil }
        keep(batch.filter { $0.continuation == nil })
        writeLate()
        do throws(StoreError) {
            let recovery = recovery()
            let item = AuditFileWriter.Item(record: recovery, encoded: try encode(recovery))
            let note = Pending(item: item, continuation: nil)
            try commit([note] + asking, isReserving: true)
        } catch {
            refuse(asking, because: error)
            return
        }
        inbox.withLock { $0.status.failure = nil }
        health(nil)
    }

    private func commit(_ batch: [Pending], isReserving: Bool) throws(StoreError) {
        let entries = try writer.write(batch.map(\.item), isReserving: isReserving)
        try writer.synchronize()
        publish(Array(zip(batch, entries)))
    }

    private func publish(_ records: [(Pending, AuditEntry)]) {
        inbox.withLock { inbox in
            for (pending, entry) in records { inbox.recent.append(entry, size: pending.item.encoded.count) }
            inbox.status.head = writer.last
            inbox.status.commits += 1
        }
        for (pending, entry) in records {
            pending.continuation?.resume(returning: .success(entry.receipt))
        }
        // Whoever waited is on the way already.
        writer.noteHead()
        for (_, entry) in records { observer(entry) }
    }

    private func refuse(_ batch: [Pending], because error: StoreError) {
        let asking = batch.filter { $0.continuation != nil }
        keep(batch.filter { $0.continuation == nil })
        let isNew = inbox.withLock { inbox in
            defer { inbox.status.failure = error }
            inbox.status.refused += UInt64(asking.count)
            return inbox.status.failure == nil
        }
        if isNew { health(error) }
        for pending in asking { pending.continuation?.resume(returning: .failure(error)) }
    }

    /// Keeps outcomes until the disk takes them.
    private func keep(_ batch: [Pending]) {
        late += batch
        let excess = max(0, late.count - Self.maximumLate)
        late.removeLast(excess)
        inbox.withLock { inbox in
            inbox.status.lost += UInt64(excess)
            inbox.status.waiting = late.count
        }
    }

    private func writeLate() {
        while !late.isEmpty {
            let batch = Array(late.prefix(Self.maximumBatch))
            do throws(StoreError) {
                try commit(batch, isReserving: false)
            } catch {
                return
            }
            late.removeFirst(batch.count)
            inbox.withLock { $0.status.waiting = late.count }
        }
    }

    private func recovery() -> AuditRecord {
        let status = status
        var record = AuditRecord(.recovery, principal: .host, phase: .done)
        record.reason = "the audit is written again: " + (status.failure?.description ?? "")
        record.objects = [
            AuditObject(name: "refused", new: .integer(Int64(clamping: status.refused))),
            AuditObject(name: "lost", new: .integer(Int64(clamping: status.lost))),
        ]
        return record
    }
}

// At file scope: a closure literal would inherit an isolation that another thread does not have.
private func runAuditWriter(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<AuditLog>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
