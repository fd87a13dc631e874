import NetworkManagement

/// The newest records, bounded in number and in size.
struct RecentAuditEntries {
    private var entries: [AuditEntry] = []
    private var sizes: [Int] = []
    private var size = 0
    private var first = 0
    /// Octets of the records before `first`.
    private var forgotten = 0

    static let maximumCount = 1000
    /// Octets, as they are in the file.
    private static let maximumSize = 4 << 20

    mutating func append(_ entry: AuditEntry, size octets: Int) {
        entries.append(entry)
        sizes.append(octets)
        size += octets
        while entries.count - first > Self.maximumCount || (size > Self.maximumSize && entries.count - first > 1) {
            size -= sizes[first]
            forgotten += sizes[first]
            first += 1
        }
        // Moving what is left costs little when it is done seldom.
        if first > Self.maximumCount || forgotten > Self.maximumSize {
            entries.removeFirst(first)
            sizes.removeFirst(first)
            first = 0
            forgotten = 0
        }
    }

    /// The newest, ascending, at most `count`.
    func newest(_ count: Int) -> [AuditEntry] {
        Array(entries[max(first, entries.count - max(0, count))...])
    }
}
