/// The rows of a table in the order of their index: for each one the sub-identifiers behind the column (RFC 2578
/// section 7.7), ascending and without duplicates.
///
/// Rows are spoken of by position. The integer form holds one sub-identifier per row, which most tables have.
package enum RowIndex: Sendable, Hashable {
    /// One sub-identifier per row.
    case integers([UInt32])
    /// Row `n` is `flat[offsets[n]..<offsets[n + 1]]`; `offsets` begins with 0 and has one more element than there are
    /// rows, unless there are none.
    case words(_ flat: [UInt32], offsets: [Int])
    /// Two sub-identifiers per row, the second counting from 1 behind each of the first: those of `heads[n]` are the rows
    /// `starts[n]..<starts[n + 1]`. `starts` begins with 0 and has one more element than `heads`.
    case numbered(_ heads: [UInt32], starts: [Int])

    /// No row.
    package static let empty = RowIndex.integers([])

    /// Lays out tails of any length.
    ///
    /// - Parameter tails: ascending, without duplicates.
    package init<Tails: Sequence>(_ tails: Tails) where Tails.Element: Sequence<UInt32> {
        var flat: [UInt32] = []
        var offsets = [0]
        for tail in tails {
            flat.append(contentsOf: tail)
            offsets.append(flat.count)
        }
        self = .words(flat, offsets: offsets)
    }

    /// The number of rows.
    package var count: Int {
        switch self {
        case .integers(let rows): rows.count
        case .words(_, let offsets): max(0, offsets.count - 1)
        case .numbered(_, let starts): starts.last ?? 0
        }
    }

    /// The row whose tail is exactly `tail`; nil when there is none.
    package func row(of tail: ArraySlice<UInt32>) -> Int? {
        let row = firstRow(from: tail, inclusive: true)
        return row < count && order(ofRow: row, tail) == 0 ? row : nil
    }

    /// The first row whose tail lies behind `tail`, or is `tail` when `inclusive`; `count` when there is none.
    package func firstRow(from tail: ArraySlice<UInt32>, inclusive: Bool) -> Int {
        if case .integers(let rows) = self {
            guard let first = tail.first else { return 0 }
            let row = rows.withUnsafeBufferPointer { $0.first(from: first) }
            // A longer tail lies behind the row of its first sub-identifier.
            let isPassed = tail.count > 1 || !inclusive
            return isPassed && row < rows.count && rows[row] == first ? row + 1 : row
        }
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            let order = order(ofRow: middle, tail)
            if order < 0 || (order == 0 && !inclusive) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// Appends the tail of `row` to `name`.
    package func appendTail(ofRow row: Int, to name: inout OID) {
        switch self {
        case .integers(let rows):
            name.words.append(rows[row])
        case .words(let flat, let offsets):
            for position in offsets[row]..<offsets[row + 1] { name.words.append(flat[position]) }
        case .numbered(let heads, let starts):
            let group = Self.group(of: row, starts)
            name.words.append(heads[group])
            name.words.append(UInt32(clamping: row - starts[group] + 1))
        }
    }

    /// Whether the tails ascend strictly, as binary search needs them to.
    package var isAscending: Bool {
        switch self {
        case .integers(let rows):
            return zip(rows, rows.dropFirst()).allSatisfy { $0 < $1 }
        case .words(let flat, let offsets):
            guard count > 1 else { return true }
            return (1..<count).allSatisfy { order(ofRow: $0 - 1, flat[offsets[$0]..<offsets[$0 + 1]]) < 0 }
        case .numbered(let heads, let starts):
            return zip(heads, heads.dropFirst()).allSatisfy { $0 < $1 }
                && zip(starts, starts.dropFirst()).allSatisfy { $0 < $1 }
        }
    }

    /// Negative when the row's tail is before `tail`, 0 when it is the same, positive when it is behind.
    private func order(ofRow row: Int, _ tail: ArraySlice<UInt32>) -> Int {
        switch self {
        case .integers(let rows):
            guard let first = tail.first else { return 1 }
            if rows[row] != first { return rows[row] < first ? -1 : 1 }
            return tail.count > 1 ? -1 : 0
        case .words(let flat, let offsets):
            let start = offsets[row]
            let length = offsets[row + 1] - start
            for position in 0..<min(length, tail.count) {
                let mine = flat[start + position]
                let other = tail[tail.startIndex + position]
                if mine != other { return mine < other ? -1 : 1 }
            }
            return length - tail.count
        case .numbered(let heads, let starts):
            guard let first = tail.first else { return 2 }
            let group = Self.group(of: row, starts)
            if heads[group] != first { return heads[group] < first ? -1 : 1 }
            guard let second = tail.dropFirst().first else { return 1 }
            let number = UInt32(clamping: row - starts[group] + 1)
            if number != second { return number < second ? -1 : 1 }
            return 2 - tail.count
        }
    }

    /// Which of the groups that begin at `starts` has `row`.
    private static func group(of row: Int, _ starts: [Int]) -> Int {
        var low = 0
        var high = starts.count - 1
        while low < high {
            let middle = (low + high) / 2
            if starts[middle + 1] <= row { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
