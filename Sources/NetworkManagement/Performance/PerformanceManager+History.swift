import NetworkModel
import Synchronization

extension PerformanceManager {
    /// Lets go of what can be done without: the room of interfaces that are gone, and the history from before a restart of
    /// interfaces that have not come back.
    package func shed() {
        state.withLock { state in
            state.restored = [:]
            let places = state.table.compact((state.slotOf.values + state.groups.slots).sorted())
            state.slotOf = state.slotOf.compactMapValues { places[$0] }
            state.slots = state.slots.map { places[$0] ?? $0 }
            state.groups.move(to: places)
        }
    }
}

// Intervals and windows of one slot. All of it runs under the state's lock.

extension PerformanceManager.State {
    func currentInterval(_ slot: Int, at now: MonotonicTime) -> PerformanceInterval {
        let counted = table.hot[slot].previous &- table.hot[slot].base
        var interval = PerformanceInterval(counted)
        interval.seconds = UInt32(clamping: Int64((now - table.cold[slot].began) / .seconds(1)))
        interval.isValid = !table.hot[slot].isSuspect
        return interval
    }

    /// Ends the current interval and begins the next one.
    mutating func finishInterval(_ slot: Int, at now: MonotonicTime, length: Duration) -> PerformanceInterval {
        var interval = currentInterval(slot, at: now)
        let seconds = UInt32(clamping: Int64(length / .seconds(1)))
        // RFC 3593: an interval is valid when it was measured from end to end, give or take 10 seconds.
        let isWhole = interval.seconds + 10 >= seconds && interval.seconds <= seconds + 10
        interval.isValid = interval.isValid && isWhole
        interval.seconds = min(interval.seconds, seconds)
        table.append(interval, to: slot)
        intervalIndex = nil
        table.hot[slot].base = table.hot[slot].previous
        table.hot[slot].isSuspect = false
        table.cold[slot].began = now
        return interval
    }

    /// Adds empty intervals for those that were missed.
    mutating func skipIntervals(_ slot: Int, _ count: Int) {
        for _ in 0..<min(count, PerformanceTable.intervalCount) { table.append(PerformanceInterval(), to: slot) }
    }

    func finishedInterval(_ slot: Int, _ number: Int) -> PerformanceInterval? {
        table.interval(slot, back: number - 1)
    }

    func finishedIntervals(_ slot: Int) -> [PerformanceInterval] {
        (0..<Int(table.cold[slot].intervals)).compactMap { finishedInterval(slot, $0 + 1) }
    }

    /// Puts back what was kept of an interface, once, when it is first seen after a restart.
    mutating func restoreHistory(of row: InterfaceRow, slot: Int, _ timeline: IntervalTimeline, at now: MonotonicTime) {
        guard !restored.isEmpty, table.cold[slot].intervals == 0,
            let stored = restored.removeValue(forKey: row.interface.stableIdentifier)
        else { return }
        let intervals = timeline.line(up: stored, at: now, atMost: PerformanceTable.intervalCount)
        for (back, interval) in intervals.enumerated().reversed() {
            table.append(interval, to: slot)
            learn(slot, interval, phase: timeline.phase(back: back + 1))
        }
        intervalIndex = nil
    }

    /// What waits for a store that fails, at most: 17 MB.
    private static let mostUnsaved = 100_000

    /// Keeps what could not be saved for the next time; the oldest gives way to what there is no room for.
    mutating func putBack(_ intervals: [StoredInterval]) {
        let room = min(indexes.count * PerformanceTable.intervalCount, Self.mostUnsaved)
        finished = (intervals + finished).suffix(room)
    }

    /// What the interval that is under way counted so far, of every interface.
    func unfinished(at now: MonotonicTime, end: WallTime) -> [StoredInterval] {
        guard let grouped else { return [] }
        return zip(indexes, slots).compactMap { index, slot in
            guard let row = grouped.row(index) else { return nil }
            var interval = currentInterval(Int(slot), at: now)
            interval.isValid = false
            guard interval.seconds > 0 else { return nil }
            return StoredInterval(interface: row.interface.stableIdentifier, end: end, interval: interval)
        }
    }

    func window(_ slot: Int, isReceived: Bool) -> [Float] {
        let length = PerformanceTable.windowLength
        let start = table.windows + slot * 2 * length + (isReceived ? 0 : length)
        let count = Int(table.hot[slot].windowCount)
        let next = Int(table.hot[slot].windowNext)
        let samples = UnsafeBufferPointer(start: start, count: count)
        guard count == length else { return Array(samples) }
        return Array(samples[next...]) + Array(samples[..<next])
    }
}

extension PerformanceInterval {
    init(_ counted: SIMD8<UInt64>) {
        self.init()
        receivedOctets = counted[0]
        transmittedOctets = counted[1]
        receivedPackets = counted[2]
        transmittedPackets = counted[3]
        receiveErrors = counted[4]
        transmitErrors = counted[5]
        receiveDropped = counted[6]
        transmitDropped = counted[7]
    }
}
