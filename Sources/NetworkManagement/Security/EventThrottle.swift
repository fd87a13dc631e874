import NetworkModel

/// Lets the first of like events through, counts the others for a while, and says how many they were with the next.
struct EventThrottle<Key: Hashable & Sendable>: Sendable {
    private struct Entry {
        var opened: MonotonicTime
        var suppressed: UInt64 = 0
    }

    /// Keys that are remembered at most; a flood under ever new names shares one entry beyond that.
    private let capacity: Int
    private var entries: [Key?: Entry] = [:]

    init(capacity: Int = 256) {
        self.capacity = capacity
    }

    /// How many events like it were suppressed before this one; nil when this one is to be suppressed.
    mutating func admit(_ key: Key, at now: MonotonicTime, interval: Duration) -> UInt64? {
        var key: Key? = key
        if entries[key] == nil, entries.count >= capacity {
            entries = entries.filter { now - $0.value.opened < interval }
            if entries.count >= capacity { key = nil }
        }
        guard var entry = entries[key] else {
            entries[key] = Entry(opened: now)
            return 0
        }
        guard now - entry.opened >= interval else {
            entry.suppressed &+= 1
            entries[key] = entry
            return nil
        }
        entries[key] = Entry(opened: now)
        return entry.suppressed
    }
}
