import Synchronization

/// Reads an `ObjectTree` for one session, each table opened at most once for a PDU.
///
/// Allocates nothing once its buffers have grown to the longest name.
package final class ObjectTreeReader: ObjectReader {
    private let tree: ObjectTree
    /// Beside `tree.nodes`.
    private let nodes: [NodeReader]
    /// The positions of the nodes that this PDU has used.
    private var used: [Int] = []
    /// The position of the node that the last name lay in.
    private var latest = 0
    /// Marks the cursors placed in this PDU by this reader: only their places hold.
    private var epoch: UInt64

    init(_ tree: ObjectTree) {
        self.tree = tree
        nodes = tree.nodes.map { node in
            switch node {
            case .scalar(let scalar): ScalarReader(scalar)
            case .table(let table): TableReader(table)
            }
        }
        epoch = nextEpoch()
    }

    package func begin() {
        for position in used { nodes[position].close() }
        used.removeAll(keepingCapacity: true)
        epoch = nextEpoch()
    }

    package func value(of name: OID) -> Value {
        let (position, isInside) = node(at: name)
        return isInside ? use(position).value(of: name) : .noSuchObject
    }

    package func advance(_ cursor: inout ObjectCursor, inclusive: Bool, before end: OID) -> Value {
        var (position, place) = place(behind: cursor, inclusive: inclusive)
        while position < nodes.count {
            guard end.isEmpty || nodes[position].oid < end else { break }
            let node = use(position)
            if let value = node.scan(from: &place) {
                guard node.rename(&cursor.name, to: place, before: end) else { break }
                cursor.place(node: position, column: place.column, row: place.row, epoch: epoch)
                return value
            }
            position += 1
            place = NodeReader.Place()
        }
        return .endOfMIBView
    }

    package func run(
        _ cursor: inout ObjectCursor, inclusive: Bool, before end: OID, atMost limit: Int, _ take: (OID, Value) -> Bool
    ) -> Bool {
        guard limit > 0 else { return false }
        var remaining = limit
        var (position, place) = place(behind: cursor, inclusive: inclusive)
        cursor.forgetPlace()
        while position < nodes.count, end.isEmpty || nodes[position].oid < end {
            switch use(position).run(&cursor.name, from: &place, before: end, remaining: &remaining, take) {
            case .enough:
                cursor.place(node: position, column: place.column, row: place.row, epoch: epoch)
                return false
            case .end: return true
            case .nodeEnd:
                position += 1
                place = NodeReader.Place()
            }
        }
        return true
    }

    /// The node at `position`, noted so that the next PDU sees it anew.
    private func use(_ position: Int) -> NodeReader {
        let node = nodes[position]
        if node.epoch != epoch {
            node.epoch = epoch
            used.append(position)
        }
        return node
    }

    /// The node, and the first place in it, that can hold the instance behind the cursor, or at it when `inclusive`.
    private func place(behind cursor: ObjectCursor, inclusive: Bool) -> (node: Int, NodeReader.Place) {
        if cursor.isPlaced, cursor.epoch == epoch {
            return (cursor.node, .init(column: cursor.column, row: inclusive ? cursor.row : cursor.row + 1))
        }
        let (position, isInside) = node(at: cursor.name)
        return (position, isInside ? use(position).place(behind: cursor.name, inclusive: inclusive) : .init())
    }

    /// The node that `name` lies in, or else the first behind it; the count of nodes when there is none.
    private func node(at name: OID) -> (position: Int, isInside: Bool) {
        // Mostly the one that the last name lay in; no two can hold the same name.
        if latest < nodes.count, name.starts(with: nodes[latest].oid) { return (latest, true) }
        guard let position = tree.lastNode(upTo: name) else { return (0, false) }
        guard name.starts(with: nodes[position].oid) else { return (position + 1, false) }
        latest = position
        return (position, true)
    }
}

/// No two PDUs of any reader share an epoch, so a cursor may pass from one reader to another.
private func nextEpoch() -> UInt64 {
    lastEpoch.add(1, ordering: .relaxed).newValue
}

private let lastEpoch = Atomic<UInt64>(0)
