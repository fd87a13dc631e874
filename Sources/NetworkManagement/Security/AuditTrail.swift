package import NetworkModel

/// Writes the records of one thing after another: what was refused, what begins, and how it ended.
///
/// The scheme: before anything is touched, `begin` makes durable that it is about to be; afterwards the ticket says how
/// it ended, which need not be waited for. So whatever was answered is in the audit, and after a sudden end a beginning
/// without an outcome says how far it got; the store marks it `interrupted` when it is opened again.
package struct AuditTrail: Sendable {
    private let store: (any AuditStore)?
    private let clock: any MonotonicClock

    /// - Parameter store: nil when auditing is switched off; then nothing is written, and nothing fails.
    package init(store: (any AuditStore)?, clock: any MonotonicClock) {
        self.store = store
        self.clock = clock
    }

    /// Whether anything is written at all: records need not be made up otherwise.
    package var isKept: Bool { store != nil }

    /// Why nothing may begin at present; nil when it may. Looked at before a SET is accepted: its commit would fail.
    package var failure: StoreError? { store?.status.failure }

    /// Records that something begins; durable when this returns.
    ///
    /// - Parameter started: when the request was first looked at; outcomes count their duration from there.
    /// - Throws: when it could not be made durable; then it must not begin.
    package func begin(_ record: AuditRecord, started: MonotonicTime) async throws(StoreError) -> AuditTicket {
        var record = record
        record.phase = .begun
        let receipt = try await store?.append(record)
        record.announcement = receipt?.sequence
        // The beginning has named them.
        record.objects = []
        return AuditTicket(store: store, clock: clock, record: record, started: started, isFleeting: false)
    }

    /// For what ends with the daemon, as edits that nobody has committed yet: its outcome is recorded, and nothing before,
    /// so that nothing waits for the disk.
    package func promise(_ record: AuditRecord, started: MonotonicTime) -> AuditTicket {
        AuditTicket(store: store, clock: clock, record: record, started: started, isFleeting: true)
    }

    /// Records something that is complete, without waiting for the disk: a refusal, an event.
    package func record(_ record: AuditRecord) {
        store?.record(record)
    }
}

/// The right to say how something ended that `AuditTrail.begin` announced, or that was begun without an announcement.
package struct AuditTicket: Sendable {
    private let store: (any AuditStore)?
    private let clock: any MonotonicClock
    private let record: AuditRecord
    private let started: MonotonicTime
    private let isFleeting: Bool

    init(
        store: (any AuditStore)?, clock: any MonotonicClock, record: AuditRecord, started: MonotonicTime,
        isFleeting: Bool
    ) {
        self.isFleeting = isFleeting
        self.store = store
        self.clock = clock
        self.record = record
        self.started = started
    }

    /// The sequence of the record that announced it; nil when auditing is off.
    package var announcement: UInt64? { record.announcement }

    /// Records an outcome without waiting for the disk. May come more than once, as when a commit is undone later: the
    /// last one holds.
    ///
    /// - Parameters:
    ///   - objects: values that were not known at the beginning; usually none.
    package func end(
        _ phase: AuditPhase, result: String, reason: String = "", objects: [AuditObject] = []
    ) {
        var record = record
        record.phase = phase
        record.result = result
        record.reason = reason
        if !objects.isEmpty { record.objects = objects }
        record.duration = clock.now() - started
        store?.record(record, atLeisure: isFleeting)
    }
}
