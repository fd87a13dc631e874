import SMI
import Synchronization

/// A reader over a plain sorted list.
final class FakeReader: ObjectReader {
    let instances: [VarBind]
    private(set) var timesBegun = 0

    init(_ instances: [VarBind]) {
        self.instances = instances.sorted { $0.name < $1.name }
    }

    func begin() {
        timesBegun += 1
    }

    func value(of name: OID) -> Value {
        instances.first { $0.name == name }?.value ?? .noSuchInstance
    }

    func advance(_ cursor: inout ObjectCursor, inclusive: Bool, before end: OID) -> Value {
        let name = cursor.name
        let next = instances.first { inclusive ? !($0.name < name) : name < $0.name }
        guard let next, end.isEmpty || next.name < end else { return .endOfMIBView }
        cursor.place(node: 0, column: 0, row: 0, epoch: 0) { $0 = next.name }
        return next.value
    }

    func run(
        _ cursor: inout ObjectCursor, inclusive: Bool, before end: OID, atMost limit: Int, _ take: (OID, Value) -> Bool
    ) -> Bool {
        for step in 0..<limit {
            let value = advance(&cursor, inclusive: inclusive && step == 0, before: end)
            if case .endOfMIBView = value { return true }
            if !take(cursor.name, value) { return false }
        }
        return false
    }
}

/// A writer that notes what it is told, and fails or waits when it is told to.
final class FakeWriter: ObjectWriter {
    enum Call: Hashable, Sendable {
        case test(UInt32, context: OctetString, [VarBind])
        case commit(UInt32)
        case undo(UInt32)
        case cleanUp(UInt32)
    }

    struct State {
        var calls: [Call] = []
        var testFailure: SetFailure?
        var commitFailure: SetFailure?
        var undoFailure: SetFailure?
        var isHeld = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    let state = Mutex(State())

    var calls: [Call] { state.withLock { $0.calls } }

    /// The calls since the last test, without it.
    var phases: [Call] {
        calls.filter { if case .test = $0 { false } else { true } }
    }

    func test(_ request: SetRequest) throws(SetFailure) -> any SetTransaction {
        let failure = state.withLock { state in
            state.calls.append(.test(request.transaction, context: request.context, request.bindings))
            return state.testFailure
        }
        if let failure { throw failure }
        return Transaction(number: request.transaction, writer: self)
    }

    /// Commits wait from now on, until `release`.
    func hold() {
        state.withLock { $0.isHeld = true }
    }

    func release() {
        let waiting = state.withLock { state in
            state.isHeld = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    private struct Transaction: SetTransaction {
        let number: UInt32
        let writer: FakeWriter

        func commit() async throws(SetFailure) {
            await withCheckedContinuation { continuation in
                let isHeld = writer.state.withLock { state in
                    state.calls.append(.commit(number))
                    if state.isHeld { state.waiting.append(continuation) }
                    return state.isHeld
                }
                if !isHeld { continuation.resume() }
            }
            if let failure = writer.state.withLock({ $0.commitFailure }) { throw failure }
        }

        func undo() async throws(SetFailure) {
            let failure = writer.state.withLock { state in
                state.calls.append(.undo(number))
                return state.undoFailure
            }
            if let failure { throw failure }
        }

        func cleanUp() {
            writer.state.withLock { $0.calls.append(.cleanUp(number)) }
        }
    }
}
