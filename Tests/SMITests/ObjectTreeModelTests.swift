import SMI
import Testing

/// Random trees against a sorted list of every instance. A failure names the seed that repeats it.
@Suite struct ObjectTreeModelTests {
    @Test(arguments: 0..<25 as Range<UInt64>)
    func `GET answers what the list of instances says`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let model = TreeModel(using: &random)
        let reader = model.tree.makeReader()
        for instance in model.instances { #expect(reader.value(of: instance.name) == instance.value) }
        for _ in 0..<100 {
            let name = model.someName(using: &random)
            #expect(reader.value(of: name) == model.value(of: name), "\(name)")
        }
    }

    @Test(arguments: 0..<25 as Range<UInt64>)
    func `GETNEXT finds the first instance of the list within its bounds`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let model = TreeModel(using: &random)
        let reader = model.tree.makeReader()
        for _ in 0..<200 {
            let name = model.someName(using: &random)
            let end = Bool.random(using: &random) ? OID() : model.someName(using: &random)
            let inclusive = Bool.random(using: &random)
            if Int.random(in: 0..<4, using: &random) == 0 { reader.begin() }
            var cursor = ObjectCursor(name)
            let value = reader.advance(&cursor, inclusive: inclusive, before: end)
            let expected = model.next(from: name, inclusive: inclusive, before: end)
            #expect(value == expected?.value ?? .endOfMIBView, "\(name)..\(end) \(inclusive)")
            #expect(cursor.name == expected?.name ?? name, "\(name)..\(end) \(inclusive)")
        }
    }

    @Test(arguments: 0..<25 as Range<UInt64>)
    func `cursors moved side by side walk the list, each to its own end`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let model = TreeModel(using: &random)
        let reader = model.tree.makeReader()
        for _ in 0..<8 {
            reader.begin()
            var starts = (0..<4).map { _ in model.someName(using: &random) }
            starts.append([])
            let end = Bool.random(using: &random) ? OID() : model.someName(using: &random)
            var cursors = starts.map { ObjectCursor($0) }
            for _ in 0...(model.instances.count + 1) {
                for position in cursors.indices {
                    let before = cursors[position].name
                    let value = reader.advance(&cursors[position], inclusive: false, before: end)
                    let expected = model.next(from: before, inclusive: false, before: end)
                    #expect(value == expected?.value ?? .endOfMIBView)
                    #expect(cursors[position].name == expected?.name ?? before)
                }
            }
        }
    }
}
