/// The newest elements of a sequence, bounded in number and in size.
struct Recent<Element: Sendable>: Sendable {
    private var entries: [Element] = []
    private var sizes: [Int] = []
    private var size = 0
    private var first = 0
    /// Octets of the elements before `first`.
    private var forgotten = 0

    private let maximumCount = 1000
    /// Octets.
    private let maximumSize = 4 << 20

    mutating func append(_ entry: Element, size octets: Int) {
        entries.append(entry)
        sizes.append(octets)
        size += octets
        while entries.count - first > maximumCount || (size > maximumSize && entries.count - first > 1) {
            size -= sizes[first]
            forgotten += sizes[first]
            first += 1
        }
        // Moving what is left costs little when it is done seldom.
        if first > maximumCount || forgotten > maximumSize {
            entries.removeFirst(first)
            sizes.removeFirst(first)
            first = 0
            forgotten = 0
        }
    }

    /// The newest, ascending, at most `count`.
    func newest(_ count: Int) -> [Element] {
        Array(entries[max(first, entries.count - max(0, count))...])
    }
}
