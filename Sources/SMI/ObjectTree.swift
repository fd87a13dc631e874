/// Scalars and tables in one ordered tree: what an agent serves.
package final class ObjectTree: Sendable {
    /// A scalar, or a table's entry, with everything that lies below it. A class, because a search hands it on often.
    final class Node: Sendable {
        enum Kind: Sendable {
            case scalar(ScalarSource)
            case table(any TableSource, columns: Columns)
        }

        /// The scalar's identifier without instance, or the entry's.
        let oid: OID
        let kind: Kind

        init(oid: OID, kind: Kind) {
            self.oid = oid
            self.kind = kind
        }
    }

    /// A table's columns, as the search needs them.
    struct Columns: Sendable {
        /// The last sub-identifier of each column, ascending.
        let numbers: [UInt32]
        let isReadable: [Bool]
    }

    /// Ascending by identifier; none is the beginning of another.
    let nodes: [Node]

    /// Builds the tree.
    ///
    /// It is our own mistake, and a trap, when two objects overlap or a column does not lie below its entry.
    package init(scalars: [ScalarSource] = [], tables: [any TableSource] = []) {
        let leaves = scalars.map { Node(oid: $0.schema.oid, kind: .scalar($0)) }
        let entries = tables.map { table in
            Node(oid: table.schema.entry, kind: .table(table, columns: Columns(table.schema)))
        }
        nodes = (leaves + entries).sorted { $0.oid < $1.oid }
        for (node, next) in zip(nodes, nodes.dropFirst()) {
            precondition(!next.oid.starts(with: node.oid), "\(next.oid) lies below \(node.oid)")
        }
    }

    /// A reader for one session.
    package func makeReader() -> ObjectTreeReader {
        ObjectTreeReader(self)
    }

    /// The last node at or before `name`; nil when the first lies behind it.
    func lastNode(upTo name: OID) -> Int? {
        var low = 0
        var high = nodes.count
        while low < high {
            let middle = (low + high) / 2
            if name < nodes[middle].oid {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low == 0 ? nil : low - 1
    }
}

extension ObjectTree.Columns {
    init(_ schema: TableSchema) {
        numbers = schema.columns.map { column in
            precondition(
                column.oid.count == schema.entry.count + 1 && column.oid.starts(with: schema.entry),
                "column \(column.name) is not in \(schema.name)"
            )
            return column.oid.words[schema.entry.count]
        }
        isReadable = schema.columns.map(\.access.isReadable)
        precondition(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }, "columns of \(schema.name) not in order")
    }

    /// The first column numbered `number` or higher; the count of columns when there is none.
    func first(from number: UInt32) -> Int {
        var low = 0
        var high = numbers.count
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
