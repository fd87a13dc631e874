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
    private let limit: Int
    private let lifetime: Int64

    /// - Parameters:
    ///   - limit: how many are remembered at most.
    ///   - lifetime: how long one is after its last PDU, in nanoseconds.
    init(limit: Int, lifetime: Int64) {
        self.limit = limit
        self.lifetime = lifetime
    }

    subscript(_ transactionID: UInt32) -> Record? {
        get { records[transactionID] }
        set { records[transactionID] = newValue }
    }

    var isEmpty: Bool { records.isEmpty }
    var hasOpen: Bool { records.values.contains(where: \.isOpen) }

    /// Makes room for one more.
    ///
    /// - Returns: false when as many as may be are all under way.
    mutating func makeRoom() -> Bool {
        guard records.count >= limit else { return true }
        let oldest = records.filter { !$0.value.isOpen }.min { $0.value.touched < $1.value.touched }
        guard let oldest else { return false }
        records[oldest.key] = nil
        return true
    }

    /// Forgets those that the master has left alone for their lifetime.
    ///
    /// - Returns: the transactions among them that have not been released.
    mutating func expire(at now: Int64) -> [any SetTransaction] {
        var abandoned: [any SetTransaction] = []
        records = records.filter { _, record in
            guard !record.isRunning, record.touched + lifetime <= now else { return true }
            if record.isOpen, let transaction = record.transaction { abandoned.append(transaction) }
            return false
        }
        return abandoned
    }

    /// When the next one expires; nil when none will.
    var nextExpiry: Int64? {
        records.values.filter { !$0.isRunning }.map { $0.touched + lifetime }.min()
    }

    /// Forgets everything, the connection being gone.
    ///
    /// - Returns: every record there was.
    mutating func removeAll() -> [(UInt32, Record)] {
        defer { records = [:] }
        return records.map { ($0.key, $0.value) }
    }
}
