import SMI
import Synchronization

/// A table whose cells are given one by one, and which counts how often it is opened.
final class FakeTable: TableSource {
    private struct Reading: TableReading {
        let rows: RowIndex
        let cells: [[Value?]]

        func value(column: Int, row: Int) -> Value? { cells[row][column] }
    }

    let schema: TableSchema
    private let content: Mutex<(rows: RowIndex, cells: [[Value?]])>
    private let openings = Mutex(0)

    var timesOpened: Int { openings.withLock { $0 } }

    /// - Parameter cells: by row, then by column.
    init(_ schema: TableSchema, rows: RowIndex, cells: [[Value?]]) {
        self.schema = schema
        content = Mutex((rows, cells))
    }

    /// What the next opening sees.
    func replace(rows: RowIndex, cells: [[Value?]]) {
        content.withLock { $0 = (rows, cells) }
    }

    func open() -> any TableReading {
        openings.withLock { $0 += 1 }
        let (rows, cells) = content.withLock { $0 }
        return Reading(rows: rows, cells: cells)
    }
}

func column(_ entry: OID, _ number: UInt32, _ access: Access = .readOnly) -> ObjectSchema {
    ObjectSchema("column\(number)", entry.appending(number), Syntax(.integer), access)
}

func table(_ oid: OID, _ columns: [(number: UInt32, access: Access)]) -> TableSchema {
    let entry = oid.appending(1)
    return TableSchema(
        "table\(oid)", oid, entry: entry, columns: columns.map { column(entry, $0.number, $0.access) }, index: [])
}

func scalar(_ oid: OID, _ access: Access = .readOnly, _ value: Value?) -> ScalarSource {
    ScalarSource(ObjectSchema("scalar\(oid)", oid, Syntax(.integer), access)) { value }
}
