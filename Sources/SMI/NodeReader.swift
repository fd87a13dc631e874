/// What a reader keeps of one node of the tree: a scalar, or a table as the present PDU sees it.
///
/// Reading it allocates nothing.
class NodeReader {
    /// Where in a node to look for an instance.
    struct Place {
        var column = 0
        /// A scalar has one row.
        var row = 0
    }

    /// Why a run through a node ended.
    enum RunEnd {
        /// Nothing remains to be taken, or nobody takes more; `place` is that of the last instance handed over.
        case enough
        /// What comes next is not before the end.
        case end
        /// The node has no more.
        case nodeEnd
    }

    /// The scalar's identifier without instance, or the entry's.
    let oid: OID
    /// Of the PDU that last used it.
    var epoch: UInt64 = 0

    init(_ oid: OID) {
        self.oid = oid
    }

    /// Forgets what the last PDU saw.
    func close() {}

    /// The value of exactly `name`, which begins with `oid`.
    func value(of name: OID) -> Value { .noSuchObject }

    /// The first place that can hold the instance behind `name`, or at it when `inclusive`; `name` begins with `oid`.
    func place(behind name: OID, inclusive: Bool) -> Place { Place() }

    /// Moves `place` to the first instance that exists, at it or behind it in the node; nil when there is none.
    func scan(from place: inout Place) -> Value? { nil }

    /// Makes `name` that of the instance at `place`.
    ///
    /// - Returns: false when that is not before `end`; then `name` is what it was.
    func rename(_ name: inout OID, to place: Place, before end: OID) -> Bool { false }

    /// Hands over the instances from `place` on, until none of `remaining` is left.
    func run(
        _ name: inout OID, from place: inout Place, before end: OID, remaining: inout Int, _ take: (OID, Value) -> Bool
    ) -> RunEnd {
        while let value = scan(from: &place) {
            guard rename(&name, to: place, before: end) else { return .end }
            remaining -= 1
            guard take(name, value), remaining > 0 else { return .enough }
            place.row += 1
        }
        return .nodeEnd
    }
}

/// A scalar.
final class ScalarReader: NodeReader {
    private let source: ScalarSource
    private let isReadable: Bool
    private let instance: OID

    init(_ source: ScalarSource) {
        self.source = source
        isReadable = source.schema.access.isReadable
        instance = source.schema.oid.appending(0)
        super.init(source.schema.oid)
    }

    override func value(of name: OID) -> Value {
        guard isReadable else { return .noSuchObject }
        guard name == instance else { return .noSuchInstance }
        return source.read() ?? .noSuchInstance
    }

    override func place(behind name: OID, inclusive: Bool) -> Place {
        Place(row: name < instance || inclusive && name == instance ? 0 : 1)
    }

    override func scan(from place: inout Place) -> Value? {
        place.row == 0 && isReadable ? source.read() : nil
    }

    override func rename(_ name: inout OID, to place: Place, before end: OID) -> Bool {
        guard end.isEmpty || instance < end else { return false }
        name.assign(oid, 0)
        return true
    }
}
