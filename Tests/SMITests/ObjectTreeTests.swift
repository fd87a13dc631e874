import SMI
import Testing

@Suite struct ObjectTreeTests {
    let oid: OID = [1, 3, 6, 1, 2, 1, 2, 2]

    private func walk(_ reader: ObjectTreeReader, from name: OID = []) -> [OID] {
        var cursor = ObjectCursor(name)
        var names: [OID] = []
        while reader.advance(&cursor, inclusive: false, before: []) != .endOfMIBView { names.append(cursor.name) }
        return names
    }

    @Test func `a table is opened once for a PDU however many cursors pass through it`() {
        let source = FakeTable(
            table(oid, [(1, .readOnly), (2, .readOnly)]), rows: .integers([1, 2]),
            cells: [[.integer(1), .integer(2)], [.integer(3), .integer(4)]])
        let reader = ObjectTree(tables: [source]).makeReader()
        _ = walk(reader)
        _ = walk(reader)
        _ = reader.value(of: oid.appending([1, 1, 2]))
        #expect(source.timesOpened == 1)
        reader.begin()
        _ = walk(reader)
        #expect(source.timesOpened == 2)
    }

    @Test func `a cursor placed before the table changed is looked up anew in the next PDU`() {
        let schema = table(oid, [(1, .readOnly)])
        let source = FakeTable(schema, rows: .integers([5, 6]), cells: [[.integer(5)], [.integer(6)]])
        let reader = ObjectTree(tables: [source]).makeReader()
        reader.begin()
        var cursor = ObjectCursor()
        #expect(reader.advance(&cursor, inclusive: false, before: []) == .integer(5))
        source.replace(rows: .integers([1, 2, 5, 7]), cells: [1, 2, 5, 7].map { [.integer($0)] })
        #expect(reader.advance(&cursor, inclusive: false, before: []) == .integer(6), "still the same PDU")
        reader.begin()
        #expect(reader.advance(&cursor, inclusive: false, before: []) == .integer(7))
        #expect(cursor.name == oid.appending([1, 1, 7]))
    }

    @Test func `a cursor placed by one reader means nothing to another`() {
        let schema = table(oid, [(1, .readOnly)])
        let long = FakeTable(schema, rows: .integers([1, 9]), cells: [[.integer(1)], [.integer(9)]])
        let one = ObjectTree(tables: [long])
        let other = ObjectTree(tables: [FakeTable(schema, rows: .integers([4]), cells: [[.integer(4)]])])
        var cursor = ObjectCursor()
        #expect(one.makeReader().advance(&cursor, inclusive: false, before: []) == .integer(1))
        #expect(other.makeReader().advance(&cursor, inclusive: false, before: []) == .integer(4))
    }

    @Test func `a table beyond the bound is not opened`() {
        let near = FakeTable(table(oid, [(1, .readOnly)]), rows: .empty, cells: [])
        let far = FakeTable(table([1, 4], [(1, .readOnly)]), rows: .integers([1]), cells: [[.integer(1)]])
        let reader = ObjectTree(tables: [near, far]).makeReader()
        var cursor = ObjectCursor(oid)
        #expect(reader.advance(&cursor, inclusive: true, before: [1, 4]) == .endOfMIBView)
        #expect(near.timesOpened == 1)
        #expect(far.timesOpened == 0)
        #expect(cursor.name == oid)
    }

    @Test func `an empty tree has nothing to say`() {
        let reader = ObjectTree().makeReader()
        var cursor = ObjectCursor([1])
        #expect(reader.value(of: [1, 2]) == .noSuchObject)
        #expect(reader.advance(&cursor, inclusive: true, before: []) == .endOfMIBView)
    }

    @Test func `columns not accessible are neither walked nor read`() {
        let source = FakeTable(
            table(oid, [(1, .notAccessible), (3, .readOnly), (4, .accessibleForNotify)]), rows: .integers([1]),
            cells: [[.integer(1), .integer(3), .integer(4)]])
        let reader = ObjectTree(tables: [source]).makeReader()
        #expect(walk(reader) == [oid.appending([1, 3, 1])])
        for column: UInt32 in [1, 2, 4] {
            #expect(reader.value(of: oid.appending([1, column, 1])) == .noSuchObject)
        }
    }

    private static let answers: [(OID, Value)] = [
        ([1, 3, 6], .noSuchInstance), ([1, 3, 6, 0], .integer(7)), ([1, 3, 6, 1], .noSuchInstance),
        ([1, 3, 6, 0, 0], .noSuchInstance), ([1, 3, 5], .noSuchObject), ([1, 3], .noSuchObject), ([], .noSuchObject),
    ]

    @Test(arguments: answers)
    func `GET tells a missing object from a missing instance`(name: OID, expected: Value) {
        let reader = ObjectTree(scalars: [scalar([1, 3, 6], .readOnly, .integer(7))]).makeReader()
        #expect(reader.value(of: name) == expected)
    }
}
