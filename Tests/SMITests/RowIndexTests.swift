import SMI
import Testing

@Suite struct RowIndexTests {
    private static let tails: [[UInt32]] = [[1], [2], [5], [UInt32.max]]

    @Test(arguments: [RowIndex.integers(tails.flatMap(\.self)), RowIndex(tails)])
    func `both forms find the same rows`(index: RowIndex) {
        #expect(index.count == 4)
        #expect(index.isAscending)
        #expect(index.row(of: [5]) == 2)
        #expect(index.row(of: [3]) == nil)
        #expect(index.row(of: [5, 0]) == nil)
        #expect(index.row(of: []) == nil)
        #expect(index.firstRow(from: [], inclusive: false) == 0)
        #expect(index.firstRow(from: [2], inclusive: true) == 1)
        #expect(index.firstRow(from: [2], inclusive: false) == 2)
        #expect(index.firstRow(from: [2, 0], inclusive: true) == 2)
        #expect(index.firstRow(from: [UInt32.max], inclusive: false) == 4)
        var name: OID = [9]
        index.appendTail(ofRow: 3, to: &name)
        #expect(name == [9, UInt32.max])
    }

    @Test func `tails of different lengths are ordered as names are`() {
        let index = RowIndex([[0], [0, 1], [0, 1, 0], [1], [2, 0]])
        #expect(index.isAscending)
        #expect(index.row(of: [0, 1]) == 1)
        #expect(index.firstRow(from: [0, 1], inclusive: false) == 2)
        #expect(index.firstRow(from: [0, 2], inclusive: true) == 3)
        var name: OID = []
        index.appendTail(ofRow: 2, to: &name)
        #expect(name == [0, 1, 0])
    }

    @Test func `rows that count behind each first number are those that are written out`() {
        let heads: [UInt32] = [2, 3, 9]
        let counted = RowIndex.numbered(heads, starts: [0, 3, 4, 9])
        let written = RowIndex([[2, 1], [2, 2], [2, 3], [3, 1]] + (1...5).map { [9, $0] })
        #expect(counted.count == written.count)
        #expect(counted.isAscending)
        for row in 0..<written.count {
            var names: (OID, OID) = ([], [])
            counted.appendTail(ofRow: row, to: &names.0)
            written.appendTail(ofRow: row, to: &names.1)
            #expect(names.0 == names.1)
        }
        let tails: [[UInt32]] = [
            [], [1], [2], [2, 0], [2, 1], [2, 1, 0], [2, 3], [2, 4], [3], [3, 1], [3, 2], [4, 1], [9, 5], [9, 5, 1],
            [9, 6], [10],
        ]
        for tail in tails {
            #expect(counted.row(of: tail[...]) == written.row(of: tail[...]), "\(tail)")
            for inclusive in [true, false] {
                #expect(
                    counted.firstRow(from: tail[...], inclusive: inclusive)
                        == written.firstRow(from: tail[...], inclusive: inclusive), "\(tail)")
            }
        }
    }

    @Test(arguments: [RowIndex.empty, .numbered([], starts: [0]), RowIndex([[UInt32]]()), .words([], offsets: [])])
    func `an index without rows finds none`(index: RowIndex) {
        #expect(index.count == 0)
        #expect(index.isAscending)
        #expect(index.row(of: [1]) == nil)
        #expect(index.firstRow(from: [], inclusive: true) == 0)
    }

    @Test(arguments: [RowIndex.integers([2, 2]), .integers([2, 1]), RowIndex([[1, 2], [1]]), RowIndex([[1], [1]])])
    func `an index out of order is told`(index: RowIndex) {
        #expect(!index.isAscending)
    }
}
