/// One table at one moment: which rows there are, and the values in them. It does not change once opened.
///
/// A class, or a struct of at most three words, is handed over without an allocation.
package protocol TableReading {
    /// The rows, ascending; must not change between calls.
    var rows: RowIndex { get }

    /// The value in a cell; nil when this instance does not exist, which GETNEXT passes over and GET answers with
    /// noSuchInstance.
    ///
    /// - Parameters:
    ///   - column: the position in the schema's `columns`; only of readable columns.
    ///   - row: the position in `rows`.
    func value(column: Int, row: Int) -> Value?
}

/// Where a table comes from.
package protocol TableSource: Sendable {
    /// The table's identifiers, columns and index; the same on every call.
    var schema: TableSchema { get }

    /// The table as it is now. Returns within microseconds and never blocks: it is called at most once for each request.
    func open() -> any TableReading
}

/// Where a scalar comes from.
package struct ScalarSource: Sendable {
    package let schema: ObjectSchema
    let read: @Sendable () -> Value?

    /// - Parameter read: the value now, nil when there is none at the moment; returns within microseconds.
    package init(_ schema: ObjectSchema, _ read: @escaping @Sendable () -> Value?) {
        self.schema = schema
        self.read = read
    }
}
