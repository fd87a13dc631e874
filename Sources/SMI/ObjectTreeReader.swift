import Synchronization

/// Reads an `ObjectTree` for one session, each table opened at most once for a PDU.
///
/// Allocates nothing once its buffers have grown to the longest name.
package final class ObjectTreeReader: ObjectReader {
    /// A table as it was when this PDU first asked for it. Kept from PDU to PDU, so that opening allocates nothing.
    private final class OpenTable {
        var reading: (any TableReading)?
        var rows = RowIndex.empty
    }

    private let tree: ObjectTree
    /// By node; those of scalars are never opened.
    private let tables: [OpenTable]
    /// The tables that are open.
    private var openTables: [OpenTable] = []
    /// Marks the cursors placed in this PDU by this reader: only their places hold.
    private var epoch: UInt64
    /// Where the next name is built, so that a cursor stays where it is when that name lies beyond the bound.
    private var candidate: OID = []

    init(_ tree: ObjectTree) {
        self.tree = tree
        tables = tree.nodes.map { _ in OpenTable() }
        epoch = nextEpoch()
    }

    package func begin() {
        for table in openTables {
            table.reading = nil
            table.rows = .empty
        }
        openTables.removeAll(keepingCapacity: true)
        epoch = nextEpoch()
    }

    package func value(of name: OID) -> Value {
        guard let node = tree.lastNode(upTo: name), name.starts(with: tree.nodes[node].oid) else {
            return .noSuchObject
        }
        let depth = tree.nodes[node].oid.count
        switch tree.nodes[node].kind {
        case .scalar(let scalar):
            guard scalar.schema.access.isReadable else { return .noSuchObject }
            guard name.count == depth + 1, name.words[depth] == 0 else { return .noSuchInstance }
            return scalar.read() ?? .noSuchInstance
        case .table(let source, let columns):
            guard name.count > depth else { return .noSuchObject }
            let column = columns.first(from: name.words[depth])
            guard column < columns.numbers.count, columns.numbers[column] == name.words[depth],
                columns.isReadable[column]
            else { return .noSuchObject }
            let table = open(source, at: node)
            guard let row = table.rows.row(of: name.words[(depth + 1)...]) else { return .noSuchInstance }
            return table.reading?.value(column: column, row: row) ?? .noSuchInstance
        }
    }

    package func advance(_ cursor: inout ObjectCursor, inclusive: Bool, before end: OID) -> Value {
        var place = place(behind: cursor, inclusive: inclusive)
        while place.node < tree.nodes.count {
            let node = tree.nodes[place.node]
            guard end.isEmpty || node.oid < end else { break }
            let found =
                switch node.kind {
                case .scalar(let scalar): place.row == 0 && scalar.schema.access.isReadable ? scalar.read() : nil
                case .table(let source, let columns): scan(open(source, at: place.node), columns, from: &place)
                }
            if let found {
                name(place)
                guard end.isEmpty || candidate < end else { break }
                cursor.place(node: place.node, column: place.column, row: place.row, epoch: epoch) {
                    swap(&$0, &candidate)
                }
                return found
            }
            place = Place(node: place.node + 1, column: 0, row: 0)
        }
        return .endOfMIBView
    }
}

// MARK: - Places

extension ObjectTreeReader {
    /// Where to look next. A scalar has one row.
    private struct Place {
        var node: Int
        var column: Int
        var row: Int
    }

    /// The first place that can hold the instance behind the cursor, or at it when `inclusive`.
    private func place(behind cursor: ObjectCursor, inclusive: Bool) -> Place {
        if cursor.isPlaced, cursor.epoch == epoch {
            return Place(node: cursor.node, column: cursor.column, row: inclusive ? cursor.row : cursor.row + 1)
        }
        let name = cursor.name
        guard let node = tree.lastNode(upTo: name) else { return Place(node: 0, column: 0, row: 0) }
        guard name.starts(with: tree.nodes[node].oid) else { return Place(node: node + 1, column: 0, row: 0) }
        let depth = tree.nodes[node].oid.count
        guard name.count > depth else { return Place(node: node, column: 0, row: 0) }
        switch tree.nodes[node].kind {
        case .scalar:
            let isAtInstance = name.count == depth + 1 && name.words[depth] == 0
            return Place(node: node, column: 0, row: isAtInstance && inclusive ? 0 : 1)
        case .table(let source, let columns):
            let column = columns.first(from: name.words[depth])
            guard column < columns.numbers.count, columns.numbers[column] == name.words[depth] else {
                return Place(node: node, column: column, row: 0)
            }
            let rows = open(source, at: node).rows
            let row = rows.firstRow(from: name.words[(depth + 1)...], inclusive: inclusive)
            return Place(node: node, column: column, row: row)
        }
    }

    /// Moves `place` to the first instance that exists, at it or behind it in the table; nil when there is none.
    private func scan(_ table: OpenTable, _ columns: ObjectTree.Columns, from place: inout Place) -> Value? {
        guard let reading = table.reading else { return nil }
        let rowCount = table.rows.count
        while place.column < columns.numbers.count {
            if columns.isReadable[place.column] {
                while place.row < rowCount {
                    if let value = reading.value(column: place.column, row: place.row) { return value }
                    place.row += 1
                }
            }
            place.column += 1
            place.row = 0
        }
        return nil
    }

    /// Builds the instance name of a place in `candidate`.
    private func name(_ place: Place) {
        let node = tree.nodes[place.node]
        switch node.kind {
        case .scalar:
            candidate.assign(node.oid, 0)
        case .table(_, let columns):
            candidate.assign(node.oid, columns.numbers[place.column])
            tables[place.node].rows.appendTail(ofRow: place.row, to: &candidate)
        }
    }

    private func open(_ source: any TableSource, at node: Int) -> OpenTable {
        let table = tables[node]
        if table.reading != nil { return table }
        let reading = source.open()
        table.reading = reading
        table.rows = reading.rows
        assert(table.rows.isAscending, "the rows of \(source.schema.name) are not in order")
        openTables.append(table)
        return table
    }
}

/// No two PDUs of any reader share an epoch, so a cursor may pass from one reader to another.
private func nextEpoch() -> UInt64 {
    lastEpoch.add(1, ordering: .relaxed).newValue
}

private let lastEpoch = Atomic<UInt64>(0)
