/// A table, opened at most once for a PDU.
final class TableReader: NodeReader {
    private let source: any TableSource
    /// The last sub-identifier of each column, ascending.
    private let numbers: [UInt32]
    private let isReadable: [Bool]

    /// nil until asked for in this PDU.
    private var opened: OpenTable?
    /// Where a name is built that may lie beyond the bound.
    private var candidate: OID = []

    init(_ source: any TableSource) {
        let schema = source.schema
        self.source = source
        numbers = schema.columns.compactMap(\.oid.words.last)
        isReadable = schema.columns.map(\.access.isReadable)
        super.init(schema.entry)
    }

    override func close() {
        opened = nil
    }

    override func value(of name: OID) -> Value {
        guard let column = column(of: name), isReadable[column] else { return .noSuchObject }
        let table = open()
        guard let row = table.rows.row(of: name.words[(oid.count + 1)...]) else { return .noSuchInstance }
        return table.reading.value(column: column, row: row) ?? .noSuchInstance
    }

    override func place(behind name: OID, inclusive: Bool) -> Place {
        guard name.count > oid.count else { return Place() }
        guard let column = column(of: name) else { return Place(column: firstColumn(from: name.words[oid.count])) }
        let row = open().rows.firstRow(from: name.words[(oid.count + 1)...], inclusive: inclusive)
        return Place(column: column, row: row)
    }

    override func scan(from place: inout Place) -> Value? {
        let table = open()
        while place.column < numbers.count {
            if isReadable[place.column] {
                while place.row < table.rowCount {
                    if let value = table.reading.value(column: place.column, row: place.row) { return value }
                    place.row += 1
                }
            }
            place.column += 1
            place.row = 0
        }
        return nil
    }

    override func rename(_ name: inout OID, to place: Place, before end: OID) -> Bool {
        let table = open()
        let last = oid.count + 1
        if case .integers(let rows) = table.rows, name.count == last + 1, name.words[last - 1] == numbers[place.column],
            name.starts(with: oid)
        {
            // From row to row of one column: only the last sub-identifier is another.
            let old = name.words[last]
            name.words[last] = rows[place.row]
            if end.isEmpty || name < end { return true }
            name.words[last] = old
            return false
        }
        candidate.assign(oid, numbers[place.column])
        table.rows.appendTail(ofRow: place.row, to: &candidate)
        guard end.isEmpty || candidate < end else { return false }
        swap(&name, &candidate)
        return true
    }

    override func run(
        _ name: inout OID, from place: inout Place, before end: OID, remaining: inout Int, _ take: (OID, Value) -> Bool
    ) -> RunEnd {
        let table = open()
        guard case .integers(let rows) = table.rows else {
            return super.run(&name, from: &place, before: end, remaining: &remaining, take)
        }
        while place.column < numbers.count {
            if isReadable[place.column], place.row < rows.count {
                let ending = run(
                    Column(number: numbers[place.column], reading: table.reading, rows: rows), &name, &place, end,
                    &remaining, take)
                if ending != .nodeEnd { return ending }
            }
            place.column += 1
            place.row = 0
        }
        return .nodeEnd
    }

    /// What a run through one column needs of the table.
    private struct Column {
        let number: UInt32
        let reading: any TableReading
        let rows: [UInt32]
    }

    /// Runs to the end of the column at `place`: from row to row only the last sub-identifier is another.
    private func run(
        _ column: Column, _ name: inout OID, _ place: inout Place, _ end: OID, _ remaining: inout Int,
        _ take: (OID, Value) -> Bool
    ) -> RunEnd {
        let last = oid.count + 1
        var isNamed = false
        var isFree = end.isEmpty
        while place.row < column.rows.count {
            if let value = column.reading.value(column: place.column, row: place.row) {
                if isNamed && isFree {
                    name.words[last] = column.rows[place.row]
                } else {
                    guard rename(&name, to: place, before: end) else { return .end }
                    isNamed = true
                    // An end outside of the column lies behind all of it.
                    isFree = isFree || end.count < last || !name.words[..<last].elementsEqual(end.words[..<last])
                }
                remaining -= 1
                guard take(name, value), remaining > 0 else { return .enough }
            }
            place.row += 1
        }
        return .nodeEnd
    }

    private func open() -> OpenTable {
        if let opened { return opened }
        let table = OpenTable(source.open())
        assert(table.rows.isAscending, "the rows of \(source.schema.name) are not in order")
        opened = table
        return table
    }

    /// The column that `name` lies in; nil when it lies in none.
    private func column(of name: OID) -> Int? {
        guard name.count > oid.count else { return nil }
        let number = name.words[oid.count]
        let column = firstColumn(from: number)
        return column < numbers.count && numbers[column] == number ? column : nil
    }

    /// The first column numbered `number` or higher; the count of columns when there is none.
    private func firstColumn(from number: UInt32) -> Int {
        numbers.withUnsafeBufferPointer { $0.first(from: number) }
    }
}

/// One table as one PDU sees it. Constant, so that reading a cell copies nothing of it.
private final class OpenTable {
    let reading: any TableReading
    let rows: RowIndex
    let rowCount: Int

    init(_ reading: any TableReading) {
        self.reading = reading
        rows = reading.rows
        rowCount = rows.count
    }
}
