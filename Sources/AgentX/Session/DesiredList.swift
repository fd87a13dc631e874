/// What the master agent should hold for us, and what it does hold: after a reconnection everything desired is absent,
/// and is asked for again by the same steps as the first time.
struct DesiredList<Item: Sendable & Hashable> {
    enum State: Hashable {
        case absent
        case adding
        case present
        case removing
        /// Asked for again when the clock reads this, in nanoseconds.
        case refused(until: Int64)
    }

    enum Step {
        case add(Item)
        case remove(Item)
    }

    private struct Entry {
        let item: Item
        var isWanted = true
        var state = State.absent
        var wasRefused = false
    }

    private var entries: [Entry] = []
    /// Whether `nextStep` may find something; saves the search on every PDU.
    private(set) var mayHaveStep = true

    init(_ items: [Item]) {
        for item in items { want(item) }
    }

    var items: [Item] { entries.filter(\.isWanted).map(\.item) }

    mutating func want(_ item: Item) {
        mayHaveStep = true
        if let position = position(of: item) {
            entries[position].isWanted = true
        } else {
            entries.append(Entry(item: item))
        }
    }

    mutating func forgo(_ item: Item) {
        guard let position = position(of: item) else { return }
        mayHaveStep = true
        entries[position].isWanted = false
    }

    /// The connection is gone, and with it everything the master held.
    mutating func reset() {
        entries.removeAll { !$0.isWanted }
        for position in entries.indices {
            entries[position].state = .absent
            entries[position].wasRefused = false
        }
        mayHaveStep = true
    }

    /// The next request to make; it counts as made.
    mutating func nextStep(at now: Int64) -> Step? {
        for position in entries.indices {
            let entry = entries[position]
            switch (entry.isWanted, entry.state) {
            case (true, .absent):
                entries[position].state = .adding
                return .add(entry.item)
            case (true, .refused(let until)) where until <= now:
                entries[position].state = .adding
                return .add(entry.item)
            case (false, .present):
                entries[position].state = .removing
                return .remove(entry.item)
            default: break
            }
        }
        entries.removeAll { entry in
            if entry.isWanted { return false }
            if case .refused = entry.state { return true }
            return entry.state == .absent
        }
        mayHaveStep = false
        return nil
    }

    /// The master has accepted or refused an addition.
    ///
    /// - Parameter retry: when to ask again; nil when it was accepted.
    /// - Returns: whether this is the first refusal of the item on this connection.
    mutating func added(_ item: Item, retry: Int64?) -> Bool {
        guard let position = position(of: item), entries[position].state == .adding else { return false }
        mayHaveStep = true
        guard let retry else {
            entries[position].state = .present
            return false
        }
        defer { entries[position].wasRefused = true }
        entries[position].state = .refused(until: retry)
        return !entries[position].wasRefused
    }

    /// The master has removed an item, or says that it did not have it.
    mutating func removed(_ item: Item) {
        guard let position = position(of: item), entries[position].state == .removing else { return }
        mayHaveStep = true
        entries[position].state = .absent
    }

    /// Whether everything wanted has been accepted or refused.
    var isSettled: Bool {
        !entries.contains { $0.isWanted && ($0.state == .absent || $0.state == .adding) }
    }

    /// When the next refused item is due; nil when none is.
    var nextRetry: Int64? {
        entries.compactMap { entry in
            if entry.isWanted, case .refused(let until) = entry.state { until } else { nil }
        }.min()
    }

    /// A refused item is due.
    mutating func retryIsDue() {
        mayHaveStep = true
    }

    private func position(of item: Item) -> Int? {
        entries.firstIndex { $0.item == item }
    }
}
