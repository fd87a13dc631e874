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

    @Test(arguments: [RowIndex.empty, RowIndex([[UInt32]]()), .words([], offsets: [])])
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
