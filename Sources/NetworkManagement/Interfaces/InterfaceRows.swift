import NetworkModel

/// The rows of all interfaces, ascending by index.
///
/// An array in portions, which copies share: when one row among thousands changes, the snapshot published before keeps
/// all portions but one, and the change costs a portion instead of the whole.
package struct InterfaceRows: Sendable {
    private static let portionSize = 64

    /// None is empty, and all but the last are full.
    private var portions: [[InterfaceRow]] = []
    /// The indexes of the rows, beside them.
    package private(set) var indexes: [UInt32] = []

    init() {}

    init(_ rows: some Sequence<InterfaceRow>) {
        for row in rows { insert(row, at: endIndex) }
    }

    /// Where `index` is, or would be inserted.
    func position(of index: InterfaceIndex) -> Int {
        // New interfaces get growing indexes: look at the end first.
        guard let last = indexes.last, index.number <= last else { return endIndex }
        return indexes.firstPosition { $0 >= index.number }
    }

    /// The row of `index`, by binary search.
    func row(_ index: InterfaceIndex) -> InterfaceRow? {
        let position = position(of: index)
        return position < endIndex && indexes[position] == index.number ? self[position] : nil
    }

    /// Inserts a row whose place `position(of:)` told.
    mutating func insert(_ row: InterfaceRow, at position: Int) {
        indexes.insert(row.index.number, at: position)
        // A full portion passes its last row on to the next one.
        var (number, place) = position.quotientAndRemainder(dividingBy: Self.portionSize)
        var moving: InterfaceRow? = row
        while let row = moving {
            if number == portions.count { portions.append([]) }
            portions[number].insert(row, at: place)
            moving = portions[number].count > Self.portionSize ? portions[number].removeLast() : nil
            number += 1
            place = 0
        }
    }

    mutating func remove(at position: Int) -> InterfaceRow {
        indexes.remove(at: position)
        let (number, place) = position.quotientAndRemainder(dividingBy: Self.portionSize)
        let row = portions[number].remove(at: place)
        for next in portions.indices[(number + 1)...] { portions[next - 1].append(portions[next].removeFirst()) }
        if portions.last?.isEmpty == true { portions.removeLast() }
        return row
    }
}

extension InterfaceRows: RandomAccessCollection, MutableCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { indexes.count }

    /// The row at `position`; one that takes its place must be of the same interface.
    package subscript(position: Int) -> InterfaceRow {
        get {
            // Without holding the arrays on the way to the row.
            portions.withUnsafeBufferPointer { portions in
                portions[position / Self.portionSize].withUnsafeBufferPointer { $0[position % Self.portionSize] }
            }
        }
        set { portions[position / Self.portionSize][position % Self.portionSize] = newValue }
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first position whose element satisfies a predicate that is false, then true, along the collection.
    func firstPosition(where predicate: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
