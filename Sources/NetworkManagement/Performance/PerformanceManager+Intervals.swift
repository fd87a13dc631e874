import Logging
package import NetworkModel
import Synchronization

/// How often 15-minute intervals are kept per interface.
package let performanceIntervalsKept = PerformanceTable.intervalCount

// 15-minute intervals as RFC 3593 and RFC 3705 have them, of 64 bits.

extension PerformanceManager {
    /// One interface's intervals.
    package struct History: Sendable {
        /// What the current interval counted so far.
        package let current: PerformanceInterval
        /// The finished ones, the latest first, at most 96.
        package let finished: [PerformanceInterval]

        /// The last 24 hours without the current interval, as RFC 3593 has it: valid when all 96 intervals are.
        package var day: PerformanceInterval {
            guard var sum = finished.first else { return PerformanceInterval() }
            for interval in finished.dropFirst() { sum = sum + interval }
            sum.isValid = sum.isValid && finished.count == performanceIntervalsKept
            return sum
        }
    }

    /// Which finished intervals there are: those of one interface after those of another, the latest of each first.
    package final class IntervalIndex: Sendable {
        /// Interfaces with any, ascending.
        package let interfaces: [InterfaceIndex]
        package let numbers: [UInt32]
        /// Those of `interfaces[n]` have the places `starts[n]..<starts[n + 1]`.
        package let starts: [Int]

        init(_ counts: [(index: InterfaceIndex, count: Int)]) {
            let some = counts.filter { $0.count > 0 }
            interfaces = some.map(\.index)
            numbers = interfaces.map(\.number)
            starts = some.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
        }

        /// Whose interval has a place, and its number from 1.
        package func interval(at place: Int) -> (index: InterfaceIndex, number: Int) {
            let group = starts.firstPosition { $0 > place } - 1
            return (interfaces[group], place - starts[group] + 1)
        }
    }

    /// The intervals of `index`; nil when it is not measured.
    package func history(of index: InterfaceIndex) -> History? {
        let now = clock.now()
        return state.withLock { state in
            state.slotOf[index].map { slot in
                History(
                    current: state.currentInterval(Int(slot), at: now), finished: state.finishedIntervals(Int(slot)))
            }
        }
    }

    /// How many finished intervals there are of `index`.
    package func intervalCount(of index: InterfaceIndex) -> Int {
        state.withLock { state in state.slotOf[index].map { Int(state.table.cold[Int($0)].intervals) } ?? 0 }
    }

    /// The finished intervals of all interfaces.
    package var intervalIndex: IntervalIndex {
        state.withLock { state in
            if let index = state.intervalIndex { return index }
            let index = IntervalIndex(
                zip(state.indexes, state.slots).map { ($0, Int(state.table.cold[Int($1)].intervals)) })
            state.intervalIndex = index
            return index
        }
    }

    /// The finished interval number `number` back, from 1 for the latest; 0 for the one that is under way.
    package func interval(of index: InterfaceIndex, number: Int) -> PerformanceInterval? {
        let now = clock.now()
        return state.withLock { state in
            state.slotOf[index].flatMap { slot in
                number == 0
                    ? state.currentInterval(Int(slot), at: now) : state.finishedInterval(Int(slot), number)
            }
        }
    }

    /// Exact quantiles of the sliding window, worked out at most once for each pass; nil when it is not measured.
    package func quantiles(of index: InterfaceIndex) -> (received: Quantiles, transmitted: Quantiles)? {
        let pass = passes
        return state.withLock { state in
            guard let slot = state.slotOf[index].map({ Int($0) }) else { return nil }
            if state.table.cold[slot].quantilePass != pass {
                state.table.cold[slot].quantiles = (
                    Quantiles(of: state.window(slot, isReceived: true)),
                    Quantiles(of: state.window(slot, isReceived: false))
                )
                state.table.cold[slot].quantilePass = pass
            }
            return state.table.cold[slot].quantiles
        }
    }

    /// The samples of the sliding window in octets per second, the oldest first; nil when it is not measured.
    package func window(of index: InterfaceIndex) -> (received: [Float], transmitted: [Float])? {
        state.withLock { state in
            state.slotOf[index].map { slot in
                (state.window(Int(slot), isReceived: true), state.window(Int(slot), isReceived: false))
            }
        }
    }

    /// When the counters of `index` last broke off; nil when they have not.
    package func discontinuity(of index: InterfaceIndex) -> MonotonicTime? {
        state.withLock { state in state.slotOf[index].flatMap { state.table.cold[Int($0)].discontinuity } }
    }

    /// Ends the current interval of every interface when its time has come.
    func closeInterval(at now: MonotonicTime, _ interfaces: InterfaceSnapshot) {
        let wall: WallTime = wallClock.now()
        let length = options.interval
        let due: Int? = progress.withLock { progress in
            let seconds = Int64(length / .seconds(1))
            guard let end = progress.intervalEnd else {
                // Quarters of an hour begin with those of the clock on the wall, as it is now: it may be set later, they
                // go on.
                let into = Duration.seconds(seconds > 0 ? wall.seconds % max(1, seconds) : 0)
                progress.intervalEnd = now + (length - into)
                progress.phase = Int(wall.seconds / max(1, seconds) % Int64(PerformanceTable.seasonLength))
                return nil
            }
            guard now >= end else { return nil }
            let phase = progress.phase
            // Intervals that passed while nobody sampled are passed over.
            let missed = Int((now - end) / length)
            progress.intervalEnd = end + length * (missed + 1)
            progress.phase = (phase + missed + 1) % PerformanceTable.seasonLength
            return phase
        }
        if let phase = due {
            var first = 0
            var count = 0
            // At once: what grows leaves its former places behind.
            state.withLock { $0.finished.reserveCapacity($0.finished.count + $0.indexes.count) }
            repeat {
                count = state.withLock { state in
                    let end = min(first + Self.portion, state.indexes.count)
                    for position in first..<end {
                        let interval = state.finishInterval(Int(state.slots[position]), at: now, length: length)
                        guard let row = interfaces.row(state.indexes[position]) else { continue }
                        state.finished.append(
                            StoredInterval(interface: row.interface.stableIdentifier, end: wall, interval: interval))
                    }
                    first = end
                    return state.indexes.count
                }
            } while first < count
            state.withLock { $0.unjudged = Unjudged($0.indexes, $0.slots, phase: phase) }
        }
        // The forecasts of thousands take longer than a pass may: each pass makes some of them.
        state.withLock { $0.judgeSome(atLeast: Self.portion) }
    }

    /// How far back history is kept on disk: one interval more than is shown, as the calendar may have been set.
    package static let historySeconds = Int64(PerformanceTable.intervalCount + 1) * 900

    /// Hands finished intervals to the store. Now and then, and at the end.
    package func save() async {
        let finished = state.withLock { state in
            defer { state.finished = [] }
            return state.finished
        }
        guard !finished.isEmpty else { return }
        let wall: WallTime = wallClock.now()
        let oldest = WallTime(seconds: wall.seconds - Self.historySeconds)
        do throws(StoreError) {
            try await store.saveIntervals(finished, removingBefore: oldest)
            progress.withLock { $0.intervalsSaved &+= UInt64(finished.count) }
        } catch {
            logger.error("the history of performance cannot be saved", metadata: ["error": "\(error)"])
        }
    }
}
