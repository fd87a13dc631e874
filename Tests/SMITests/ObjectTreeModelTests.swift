import RandomTesting
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

    @Test(arguments: 0..<25 as Range<UInt64>)
    func `a run hands over what step after step would come to`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let model = TreeModel(using: &random)
        let reader = model.tree.makeReader()
        for _ in 0..<200 {
            var cursor = ObjectCursor(model.someName(using: &random))
            let end = Bool.random(using: &random) ? OID() : model.someName(using: &random)
            if Bool.random(using: &random) { reader.begin() }
            // Runs go on from where the one before ended.
            for isFirst in [true, false, false] {
                let inclusive = isFirst && Bool.random(using: &random)
                let limit = Int.random(in: 0...20, using: &random)
                var expected: [VarBind] = []
                var name = cursor.name
                var isAtEnd = false
                while expected.count < limit, !isAtEnd {
                    let next = model.next(from: name, inclusive: inclusive && expected.isEmpty, before: end)
                    if let next {
                        expected.append(next)
                        name = next.name
                    } else {
                        isAtEnd = true
                    }
                }
                var found: [VarBind] = []
                let ending = reader.run(&cursor, inclusive: inclusive, before: end, atMost: limit) { name, value in
                    found.append(VarBind(name, value))
                    return true
                }
                #expect(found == expected && ending == isAtEnd && cursor.name == name, "to \(end), at most \(limit)")
            }
        }
    }

    @Test(arguments: 0..<5 as Range<UInt64>)
    func `a run ends where nobody takes more`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let model = TreeModel(using: &random)
        let reader = model.tree.makeReader()
        for wanted in 1...10 {
            var cursor = ObjectCursor([])
            var count = 0
            let isAtEnd = reader.run(&cursor, inclusive: false, before: [], atMost: 100) { _, _ in
                count += 1
                return count < wanted
            }
            #expect(isAtEnd == (model.instances.count < wanted) && count == min(wanted, model.instances.count))
        }
    }
}
