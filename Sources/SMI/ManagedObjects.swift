/// Where an agent session finds values: the objects of every registered subtree at one moment.
///
/// The session makes one reader, and calls `begin()` before each PDU: within a PDU every answer comes from the same
/// snapshots. All calls come from the session's thread.
package protocol ObjectReader: AnyObject {
    /// Forgets the snapshots of the previous PDU.
    func begin()

    /// The value of exactly `name`, or noSuchObject or noSuchInstance.
    func value(of name: OID) -> Value

    /// Moves `cursor` to the first instance behind its name (at it, when `inclusive`) that lies before `end`, and returns
    /// the value there; endOfMibView, the cursor unmoved, when there is none.
    ///
    /// - Parameter end: exclusive; empty for no bound (RFC 2741 section 5.2).
    func advance(_ cursor: inout ObjectCursor, inclusive: Bool, before end: OID) -> Value

    /// Moves `cursor` on `limit` times, as `advance` does, and hands `take` each name and value it comes to; ends early when
    /// `take` returns false, and then the cursor is anywhere.
    ///
    /// - Returns: whether it came to where nothing is left before `end`; `take` does not hear of that.
    func run(
        _ cursor: inout ObjectCursor, inclusive: Bool, before end: OID, atMost limit: Int, _ take: (OID, Value) -> Bool
    ) -> Bool
}

/// A place in the tree that GETNEXT and GETBULK move along.
///
/// Besides the name it remembers where the reader found it, so that the next step needs no search.
package struct ObjectCursor: Sendable {
    /// The full instance name.
    package internal(set) var name: OID = []
    /// Set by the reader: the node, column and row of `name`; meaningless when `isPlaced` is false.
    package private(set) var node = 0
    package private(set) var column = 0
    package private(set) var row = 0
    /// Set by the reader: which of its snapshots the place belongs to.
    package private(set) var epoch: UInt64 = 0
    package private(set) var isPlaced = false

    package init() {}

    package init(_ name: OID) {
        self.name = name
    }

    /// Edits the name in place, keeping its storage, and forgets the place.
    package mutating func withName<Failure>(_ edit: (inout OID) throws(Failure) -> Void) throws(Failure) {
        isPlaced = false
        try edit(&name)
    }

    /// Moves to an instance found at (node, column, row) of the snapshots that `epoch` stands for.
    package mutating func place(node: Int, column: Int, row: Int, epoch: UInt64, _ edit: (inout OID) -> Void) {
        edit(&name)
        place(node: node, column: column, row: row, epoch: epoch)
    }

    /// Says that `name` may become another than the one that was found.
    mutating func forgetPlace() {
        isPlaced = false
    }

    /// Says where `name` was found.
    mutating func place(node: Int, column: Int, row: Int, epoch: UInt64) {
        self.node = node
        self.column = column
        self.row = row
        self.epoch = epoch
        isPlaced = true
    }
}

/// Why a SET is refused: the error-status and which variable binding it is about.
package struct SetFailure: Error, Sendable, Hashable {
    package let status: ErrorStatus
    /// 1 for the first variable binding; 0 when it is about none.
    package let index: Int

    package init(_ status: ErrorStatus, index: Int) {
        self.status = status
        self.index = index
    }
}

/// A SET as it arrives in a TestSet PDU.
package struct SetRequest: Sendable {
    /// Names one SNMP message on one connection: h.transactionID, and the count of connections made so far.
    package let transaction: UInt32
    package let connection: Int
    /// The AgentX context field; empty for the default context.
    package let context: OctetString
    package let bindings: [VarBind]

    package init(transaction: UInt32, connection: Int, context: OctetString, bindings: [VarBind]) {
        self.transaction = transaction
        self.connection = connection
        self.context = context
        self.bindings = bindings
    }
}

/// Accepts SETs: the test phase (RFC 2741 section 7.2.4.1).
package protocol ObjectWriter: Sendable {
    /// Checks every binding against the syntax, the access rules and the present state, and prepares the changes.
    /// Nothing observable happens yet. Returns within microseconds and never blocks.
    func test(_ request: SetRequest) throws(SetFailure) -> any SetTransaction
}

/// A prepared SET. The session calls `commit` at most once; then `undo` or `cleanUp`, or, when the test of another
/// subagent failed, `cleanUp` alone. After `undo` comes nothing more.
package protocol SetTransaction: Sendable {
    /// Makes every change or none. Runs on the session's executor; returns within milliseconds.
    func commit() async throws(SetFailure)
    /// Restores what was before `commit`. Called after a commit that succeeded, or that failed here or elsewhere.
    func undo() async throws(SetFailure)
    /// Releases what `test` reserved.
    func cleanUp()
}
