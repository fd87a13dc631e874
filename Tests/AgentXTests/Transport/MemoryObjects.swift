import SMI
import Synchronization

/// A table of numbers and a writable scalar, in memory.
final class MemoryObjects: ObjectWriter {
    static let root: OID = [1, 3, 6, 1, 4, 1, 32473, 77]
    static let scalarName = root.appending([1, 0])
    static let schema: TableSchema = {
        let oid = root.appending(2)
        let entry = oid.appending(1)
        let columns = [
            ObjectSchema("index", entry.appending(1), Syntax(.integer), .notAccessible),
            ObjectSchema("name", entry.appending(2), Syntax(.octetString), .readOnly),
            ObjectSchema("octets", entry.appending(3), Syntax(.counter64), .readOnly),
        ]
        return TableSchema("table", oid, entry: entry, columns: columns, index: [IndexSchema("index", .integer)])
    }()

    struct State {
        var number: Int32 = 1
        var commits = 0
        var undos = 0
        var failsCommit = false
        /// How long a commit takes.
        var delay = Duration.zero
    }

    let state = Mutex(State())
    let rows: Int

    init(rows: Int) {
        self.rows = rows
    }

    func makeTree() -> ObjectTree {
        let number = ObjectSchema("number", Self.root.appending(1), Syntax(.integer), .readWrite)
        return ObjectTree(
            scalars: [ScalarSource(number) { [self] in .integer(state.withLock { $0.number }) }],
            tables: [Table(rows: rows)])
    }

    func test(_ request: SetRequest) throws(SetFailure) -> any SetTransaction {
        for (position, binding) in request.bindings.enumerated() {
            guard binding.name == Self.scalarName else { throw SetFailure(.notWritable, index: position + 1) }
            guard case .integer(let number) = binding.value else { throw SetFailure(.wrongType, index: position + 1) }
            guard number >= 0 else { throw SetFailure(.wrongValue, index: position + 1) }
            return Change(objects: self, number: number, before: state.withLock { $0.number })
        }
        throw SetFailure(.genErr, index: 0)
    }

    private struct Change: SetTransaction {
        let objects: MemoryObjects
        let number: Int32
        let before: Int32

        func commit() async throws(SetFailure) {
            let delay = objects.state.withLock { $0.delay }
            if delay > .zero { try? await ContinuousClock().sleep(for: delay) }
            let fails = objects.state.withLock { state in
                state.commits += 1
                if !state.failsCommit { state.number = number }
                return state.failsCommit
            }
            if fails { throw SetFailure(.commitFailed, index: 1) }
        }

        func undo() async throws(SetFailure) {
            objects.state.withLock { state in
                state.undos += 1
                state.number = before
            }
        }

        func cleanUp() {}
    }

    private final class Table: TableSource, TableReading {
        let schema = MemoryObjects.schema
        let rows: RowIndex
        private let names: [String]

        init(rows: Int) {
            self.rows = .integers((0..<rows).map { UInt32($0 + 1) })
            names = (0..<rows).map { "row \($0 + 1)" }
        }

        func open() -> any TableReading { self }

        func value(column: Int, row: Int) -> Value? {
            column == 1 ? .text(names[row]) : .counter64(UInt64(row + 1) << 33)
        }
    }
}
