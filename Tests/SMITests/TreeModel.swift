import RandomTesting
import SMI

/// A random tree, and the same instances as a plain sorted list.
struct TreeModel {
    private(set) var tree = ObjectTree()
    private(set) var instances: [VarBind] = []
    /// The scalars and columns that can be read.
    private var objects: [OID] = []

    init(using random: inout SeededGenerator) {
        var scalars: [ScalarSource] = []
        var tables: [FakeTable] = []
        let root: OID = [1, 3]
        for arc: UInt32 in 1...UInt32.random(in: 2...9, using: &random) {
            let oid = root.appending(arc * 2)
            if Bool.random(using: &random) {
                let access: Access = Int.random(in: 0..<8, using: &random) == 0 ? .accessibleForNotify : .readOnly
                let value: Value? = Int.random(in: 0..<6, using: &random) == 0 ? nil : .counter32(arc)
                scalars.append(scalar(oid, access, value))
                guard access.isReadable else { continue }
                objects.append(oid)
                if let value { instances.append(VarBind(oid.appending(0), value)) }
            } else {
                tables.append(addTable(oid, using: &random))
            }
        }
        instances.sort { $0.name < $1.name }
        tree = ObjectTree(scalars: scalars.shuffled(using: &random), tables: tables.shuffled(using: &random))
    }

    private mutating func addTable(_ oid: OID, using random: inout SeededGenerator) -> FakeTable {
        var columns: [(number: UInt32, access: Access)] = []
        for number: UInt32 in 1...7 where Bool.random(using: &random) {
            columns.append((number, Int.random(in: 0..<4, using: &random) == 0 ? .notAccessible : .readWrite))
        }
        let isInteger = Bool.random(using: &random)
        var tails: Set<[UInt32]> = []
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let length = isInteger ? 1 : Int.random(in: 1...3, using: &random)
            tails.insert((0..<length).map { _ in UInt32.random(in: 0...5, using: &random) })
        }
        let sorted = tails.sorted { OID($0) < OID($1) }
        let rows = isInteger ? RowIndex.integers(sorted.flatMap(\.self)) : RowIndex(sorted)
        var cells: [[Value?]] = []
        for tail in sorted {
            var row: [Value?] = []
            for column in columns {
                let isHole = Int.random(in: 0..<4, using: &random) == 0
                let value: Value? = isHole ? nil : .gauge32(UInt32.random(in: 0...UInt32.max, using: &random))
                row.append(value)
                let name = oid.appending([1, column.number]).appending(tail)
                if let value, column.access.isReadable { instances.append(VarBind(name, value)) }
            }
            cells.append(row)
        }
        for column in columns where column.access.isReadable { objects.append(oid.appending([1, column.number])) }
        return FakeTable(table(oid, columns), rows: rows, cells: cells)
    }

    func value(of name: OID) -> Value {
        if let instance = instances.first(where: { $0.name == name }) { return instance.value }
        return objects.contains { name.starts(with: $0) } ? .noSuchInstance : .noSuchObject
    }

    func next(from name: OID, inclusive: Bool, before end: OID) -> VarBind? {
        let next = instances.first { inclusive ? !($0.name < name) : name < $0.name }
        guard let next, end.isEmpty || next.name < end else { return nil }
        return next
    }

    /// A name at, near or far from an instance.
    func someName(using random: inout SeededGenerator) -> OID {
        var words = (instances.randomElement(using: &random)?.name ?? [1, 3, 2]).words
        switch Int.random(in: 0..<6, using: &random) {
        case 0: break
        case 1: words.removeLast(Int.random(in: 0...words.count, using: &random))
        case 2: words.append(UInt32.random(in: 0...2, using: &random))
        case 3:
            let position = Int.random(in: 0..<words.count, using: &random)
            words[position] = UInt32.random(in: 0...8, using: &random)
        case 4:
            let position = Int.random(in: 0..<words.count, using: &random)
            words[position] = words[position] &+ (Bool.random(using: &random) ? 1 : UInt32.max)
        default: words = (0..<4).map { _ in UInt32.random(in: 0...20, using: &random) }
        }
        return OID(words)
    }
}
