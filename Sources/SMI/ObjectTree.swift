/// Scalars and tables in one ordered tree: what an agent serves.
package final class ObjectTree: Sendable {
    /// A scalar, or a table with everything that lies below its entry.
    enum Node: Sendable {
        case scalar(ScalarSource)
        case table(any TableSource)

        /// The scalar's identifier without instance, or the entry's.
        var oid: OID {
            switch self {
            case .scalar(let scalar): scalar.schema.oid
            case .table(let table): table.schema.entry
            }
        }
    }

    /// Ascending by identifier; none is the beginning of another.
    let nodes: [Node]
    /// The identifiers of `nodes`, one behind the other: `words[starts[n]..<starts[n + 1]]` is that of node `n`.
    private let words: [UInt32]
    private let starts: [Int]

    /// Builds the tree.
    ///
    /// It is our own mistake, and a trap, when two objects overlap or a column does not lie below its entry.
    package init(scalars: [ScalarSource] = [], tables: [any TableSource] = []) {
        nodes = (scalars.map { .scalar($0) } + tables.map { .table($0) }).sorted { $0.oid < $1.oid }
        for (node, next) in zip(nodes, nodes.dropFirst()) {
            precondition(!next.oid.starts(with: node.oid), "\(next.oid) lies below \(node.oid)")
        }
        for case .table(let table) in nodes { Self.check(table.schema) }
        words = nodes.flatMap(\.oid.words)
        starts = nodes.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.oid.count) }
    }

    private static func check(_ schema: TableSchema) {
        for column in schema.columns {
            precondition(
                column.oid.count == schema.entry.count + 1 && column.oid.starts(with: schema.entry),
                "column \(column.name) is not in \(schema.name)")
        }
        precondition(
            zip(schema.columns, schema.columns.dropFirst()).allSatisfy { $0.oid < $1.oid },
            "columns of \(schema.name) not in order")
    }

    /// A reader for one session.
    package func makeReader() -> ObjectTreeReader {
        ObjectTreeReader(self)
    }

    /// The last node at or before `name`; nil when the first lies behind it.
    func lastNode(upTo name: OID) -> Int? {
        name.words.withUnsafeBufferPointer { name in
            words.withUnsafeBufferPointer { words in
                var low = 0
                var high = starts.count - 1
                while low < high {
                    let middle = (low + high) / 2
                    if name.precedes(.init(rebasing: words[starts[middle]..<starts[middle + 1]])) {
                        high = middle
                    } else {
                        low = middle + 1
                    }
                }
                return low == 0 ? nil : low - 1
            }
        }
    }
}
