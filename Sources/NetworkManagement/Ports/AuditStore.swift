package import NetworkModel

/// Keeps the audit: an append-only, tamper-evident list of records.
package protocol AuditStore: Sendable {
    /// Appends `record`; durable when this returns. Concurrent calls share one write to disk.
    ///
    /// - Throws: `.full`, `.readOnly` or `.failed` when it is not kept; then nothing of it is.
    func append(_ record: AuditRecord) async throws(StoreError) -> AuditReceipt

    /// Takes over `record` and appends it as soon as it can: for the outcome of what was announced by `append`. Returns
    /// at once. While the disk takes nothing, such records wait, at most 4,096; what does not fit is counted in
    /// `AuditStatus.lost`.
    ///
    /// - Parameter atLeisure: it may stay in memory for some milliseconds, so that many such records are one write: for
    ///   what ends with the daemon anyway.
    func record(_ record: AuditRecord, atLeisure: Bool)

    /// The newest records, ascending by sequence, at most `count`; from memory, at most 1,000.
    func newest(_ count: Int) -> [AuditEntry]

    var status: AuditStatus { get }
}

extension AuditStore {
    package func record(_ record: AuditRecord) { self.record(record, atLeisure: false) }
}

/// Where in the audit a record is.
package struct AuditReceipt: Sendable, Hashable {
    /// From 1, without gaps, over all files.
    package let sequence: UInt64
    /// The link of the chain: 32 octets, HMAC-SHA-256 over the previous digest and the record.
    package let digest: [UInt8]

    package init(sequence: UInt64, digest: [UInt8]) {
        self.sequence = sequence
        self.digest = digest
    }
}

/// A record as it is kept.
package struct AuditEntry: Sendable, Hashable {
    package let receipt: AuditReceipt
    /// When it was written: for people. The sequence alone says what came first.
    package let time: WallTime
    package let uptime: MonotonicTime
    package let record: AuditRecord

    package init(receipt: AuditReceipt, time: WallTime, uptime: MonotonicTime, record: AuditRecord) {
        self.receipt = receipt
        self.time = time
        self.uptime = uptime
        self.record = record
    }
}

/// The state of an audit store.
package struct AuditStatus: Sendable, Equatable {
    /// The newest durable record; nil before the first.
    package var head: AuditReceipt?
    /// Why nothing can be appended at present; nil when all is well.
    package var failure: StoreError?
    /// Appends that were refused, and outcomes that were lost for want of room.
    package var refused: UInt64 = 0
    package var lost: UInt64 = 0
    /// Outcomes that wait for the disk.
    package var waiting = 0
    /// Writes to disk, each of one or more records.
    package var commits: UInt64 = 0

    package init() {}
}
