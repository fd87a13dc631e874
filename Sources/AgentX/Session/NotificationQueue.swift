import Synchronization

/// Notifications that wait for the master agent, in order, bounded; any thread may add.
///
/// A full queue drops its oldest for a newer one. Delivery is at least once, within limits: what the master has
/// acknowledged is never sent again; what it had not when a connection ended goes back to the front and is sent once
/// more; what fails so twice is dropped, lest one that upsets the master return for ever.
final class NotificationQueue: Sendable {
    struct Entry: Sendable {
        let notification: Notification
        /// Whether it was sent over a connection that ended before the acknowledgement.
        var isResend = false
    }

    private struct State {
        /// From `head` on those that wait; before it those taken.
        var slots: [Entry] = []
        var head = 0
        /// The number of the slot in which the latest notification with a key waits, counted over the queue's life.
        var numbers: [String: Int] = [:]
        /// The number of `slots[0]`.
        var firstNumber = 0
        var dropped: UInt64 = 0
        var coalesced: UInt64 = 0
        /// Someone has been told that there is something to take.
        var isAnnounced = false

        mutating func dropFirst() -> Entry? {
            guard head < slots.count else { return nil }
            let entry = slots[head]
            if let key = entry.notification.key, numbers[key] == firstNumber + head { numbers[key] = nil }
            head += 1
            if head * 2 >= slots.count {
                slots.removeFirst(head)
                firstNumber += head
                head = 0
            }
            return entry
        }
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: how many may wait, at least 1.
    init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// Adds a notification, or lets it replace a waiting one with the same key.
    ///
    /// - Returns: whether the taker must be told: false while it has not come since the last time it was.
    func add(_ notification: Notification) -> Bool {
        state.withLock { state in
            if let key = notification.key, let number = state.numbers[key] {
                state.slots[number - state.firstNumber] = Entry(notification: notification)
                state.coalesced += 1
            } else {
                if state.slots.count - state.head >= limit {
                    _ = state.dropFirst()
                    state.dropped += 1
                }
                if let key = notification.key { state.numbers[key] = state.firstNumber + state.slots.count }
                state.slots.append(Entry(notification: notification))
            }
            defer { state.isAnnounced = true }
            return !state.isAnnounced
        }
    }

    /// The oldest; nil when there is none.
    func take() -> Entry? {
        state.withLock { $0.dropFirst() }
    }

    /// The taker has come: the next `add` must tell it again.
    func acknowledgeAnnouncement() {
        state.withLock { $0.isAnnounced = false }
    }

    /// Puts back, oldest first, what was taken and sent but not acknowledged.
    func putBack(_ entries: [Entry]) {
        guard !entries.isEmpty else { return }
        state.withLock { state in
            var slots: [Entry] = []
            for var entry in entries {
                if entry.isResend {
                    state.dropped += 1
                } else if let key = entry.notification.key, state.numbers[key] != nil {
                    state.coalesced += 1
                } else {
                    entry.isResend = true
                    slots.append(entry)
                }
            }
            slots += state.slots[state.head...]
            let excess = max(0, slots.count - limit)
            state.dropped += UInt64(excess)
            state.slots = Array(slots.dropFirst(excess))
            state.head = 0
            state.numbers = [:]
            for (position, entry) in state.slots.enumerated() {
                if let key = entry.notification.key { state.numbers[key] = state.firstNumber + position }
            }
        }
    }

    var count: Int {
        state.withLock { $0.slots.count - $0.head }
    }

    var dropped: UInt64 { state.withLock { $0.dropped } }
    var coalesced: UInt64 { state.withLock { $0.coalesced } }
}
