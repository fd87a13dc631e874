import SMI

/// The SETs of one connection, from TestSet until the master has ended them, and the answers given, for PDUs that the
/// master sends again (RFC 2741 section 7.3.1).
struct TransactionTable {
    enum State: Sendable {
        case tested
        /// The test failed: there is nothing to release.
        case refused
        case committing
        /// Committed, or tried to.
        case committed
        case undoing
        /// Cleaned up or undone; kept for its answers.
        case released
    }

    /// What the master asked for while a commit was running, to be done after it.
    enum Successor: Sendable {
        case cleanUp
        case undo(PDUHeader)
    }

    struct Answer: Sendable {
        let type: PDUType
        let packetID: UInt32
        let status: ResponseStatus
        let index: UInt16
    }

    struct Record: Sendable {
        var state: State
        /// nil when the test failed.
        let transaction: (any SetTransaction)?
        /// One for each phase at most.
        var answers: [Answer] = []
        /// The request that a running commit or undo is to answer.
        var running: PDUHeader?
        var successor: Successor?
        /// When a PDU of it last arrived, in nanoseconds.
        var touched: Int64

        var isRunning: Bool { state == .committing || state == .undoing }
        /// Whether the master owes a CommitSet, UndoSet or CleanupSet, or we an answer.
        var isOpen: Bool { state != .released && state != .refused }

        func answer(to header: PDUHeader) -> Answer? {
            answers.first { $0.packetID == header.packetID && $0.type == header.type }
        }
    }

    private var records: [UInt32: Record] = [:]
    /// The keys of `records`, oldest first, from `head` on.
    private var order: [UInt32] = []
    private var head = 0
    private let limit: Int
    private let lifetime: Int64
    /// When old records are looked for next; nil while there are none at all.
    private(set) var nextSweep: Int64?

    /// - Parameters:
    ///   - limit: how many are remembered at most.
    ///   - lifetime: how long one is at least after its last PDU, and twice that at most, in nanoseconds.
    init(limit: Int, lifetime: Int64) {
        self.limit = max(1, limit)
        self.lifetime = lifetime
    }

    subscript(_ transactionID: UInt32) -> Record? {
        records[transactionID]
    }

    var isEmpty: Bool { records.isEmpty }
    var hasOpen: Bool { records.values.contains(where: \.isOpen) }

    /// Adds a record, or puts it in the place of an older one with the same number.
    mutating func insert(_ record: Record, for transactionID: UInt32) {
        if records.updateValue(record, forKey: transactionID) == nil { order.append(transactionID) }
        if nextSweep == nil { nextSweep = record.touched + lifetime }
    }

    /// Changes a record; nothing when there is none.
    mutating func update(_ transactionID: UInt32, _ change: (inout Record) -> Void) {
        guard let index = records.index(forKey: transactionID) else { return }
        change(&records.values[index])
    }

    /// Makes room for one more, at the cost of the oldest that has ended.
    ///
    /// - Returns: false when as many as may be are all under way.
    mutating func makeRoom() -> Bool {
        guard records.count >= limit else { return true }
        for _ in head..<order.count {
            let oldest = order[head]
            head += 1
            if records[oldest]?.isOpen == true {
                order.append(oldest)
            } else {
                records[oldest] = nil
            }
            if head * 2 > order.count {
                order.removeFirst(head)
                head = 0
            }
            if records.count < limit { return true }
        }
        return false
    }

    /// Forgets those that the master has left alone for their lifetime.
    ///
    /// - Returns: the transactions among them that have not been released.
    mutating func sweep(at now: Int64) -> [any SetTransaction] {
        guard let nextSweep, nextSweep <= now else { return [] }
        var abandoned: [any SetTransaction] = []
        records = records.filter { _, record in
            guard !record.isRunning, record.touched + lifetime <= now else { return true }
            if record.isOpen, let transaction = record.transaction { abandoned.append(transaction) }
            return false
        }
        order = order[head...].filter { records[$0] != nil }
        head = 0
        self.nextSweep = records.isEmpty ? nil : now + lifetime
        return abandoned
    }

    /// Forgets everything, the connection being gone.
    ///
    /// - Returns: every record there was.
    mutating func removeAll() -> [(UInt32, Record)] {
        defer {
            records = [:]
            order = []
            head = 0
            nextSweep = nil
        }
        return order[head...].compactMap { key in records[key].map { (key, $0) } }
    }
}
