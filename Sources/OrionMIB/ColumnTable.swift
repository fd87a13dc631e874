import SMI

/// A table that is read by column and by the row's position.
///
/// `Column` is the entry's of OrionSchema: its raw values are the positions in the schema's columns.
struct ColumnTable<Column: RawRepresentable<Int> & Sendable>: TableSource {
    /// The value of a column in the row at a position.
    typealias Cell = (Column, Int) -> Value?

    let schema: TableSchema
    private let content: @Sendable () -> (RowIndex, Cell)

    /// - Parameter content: the rows as they are now, and what is in them; called once for each request.
    init(_ schema: TableSchema, _ content: @escaping @Sendable () -> (RowIndex, Cell)) {
        self.schema = schema
        self.content = content
    }

    func open() -> any TableReading {
        let (rows, cell) = content()
        return Reading(rows: rows, cell: cell)
    }

    private struct Reading: TableReading {
        let rows: RowIndex
        let cell: Cell

        func value(column: Int, row position: Int) -> Value? {
            Column(rawValue: column).flatMap { cell($0, position) }
        }
    }
}
