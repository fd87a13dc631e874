import Logging
package import NetworkModel
import Synchronization

/// How often 15-minute intervals are kept per interface.
package let performanceIntervalsKept = PerformanceTable.intervalCount

// 15-minute intervals as RFC 3593 and RFC 3705 have them, of 64 bits.

extension PerformanceManager {
    /// The intervals of an interface, or of a group.
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

    /// Which finished intervals there are of groups.
    package final class GroupIntervals: Sendable {
        /// Those with members and any, and how many.
        package let counts: [(scope: AggregatedNetworkStats.Scope, count: Int)]

        init(_ counts: [(scope: AggregatedNetworkStats.Scope, count: Int)]) {
            self.counts = counts
        }
    }

    /// The intervals of `subject`; nil when it is not measured.
    package func history(of subject: PerformanceSubject) -> History? {
        let now = clock.now()
        return state.withLock { state in
            state.slot(of: subject).map { slot in
                History(current: state.currentInterval(slot, at: now), finished: state.finishedIntervals(slot))
            }
        }
    }

    /// How many finished intervals there are of `subject`.
    package func intervalCount(of subject: PerformanceSubject) -> Int {
        state.withLock { state in state.slot(of: subject).map { Int(state.table.cold[$0].intervals) } ?? 0 }
    }

    /// How many of them are not valid.
    package func invalidIntervalCount(of subject: PerformanceSubject) -> Int {
        state.withLock { state in
            guard let slot = state.slot(of: subject) else { return 0 }
            return (0..<Int(state.table.cold[slot].intervals))
                .count { state.table.traffic(slot, back: $0)?.isValid == false }
        }
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

    /// The finished intervals of all groups that have members.
    package var groupIntervals: GroupIntervals {
        state.withLock { state in
            if let intervals = state.groupIntervals { return intervals }
            let counts = zip(state.groups.stats, state.groups.slots)
                .filter { group, _ in group.scope == .all || group.interfaces > 0 }
                .map { group, slot in (scope: group.scope, count: Int(state.table.cold[Int(slot)].intervals)) }
            let intervals = GroupIntervals(counts.filter { $0.count > 0 })
            state.groupIntervals = intervals
            return intervals
        }
    }

    /// The finished interval number `number` back, from 1 for the latest; 0 for the one that is under way.
    package func interval(of subject: PerformanceSubject, number: Int) -> PerformanceInterval? {
        let now = clock.now()
        return state.withLock { state in
            state.slot(of: subject).flatMap { slot in
                number == 0 ? state.currentInterval(slot, at: now) : state.finishedInterval(slot, number)
            }
        }
    }

    /// Exact quantiles of the sliding window, worked out at most once for each pass; nil when it is not measured.
    package func quantiles(of subject: PerformanceSubject) -> (received: Quantiles, transmitted: Quantiles)? {
        let pass = passes
        return state.withLock { state in
            guard let slot = state.slot(of: subject) else { return nil }
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
    package func window(of subject: PerformanceSubject) -> (received: [Float], transmitted: [Float])? {
        state.withLock { state in
            state.slot(of: subject).map { slot in
                (state.window(slot, isReceived: true), state.window(slot, isReceived: false))
            }
        }
    }

    /// When the counters of `index` last broke off; nil when they have not.
    package func discontinuity(of index: InterfaceIndex) -> MonotonicTime? {
        state.withLock { state in state.slotOf[index].flatMap { state.table.cold[Int($0)].discontinuity } }
    }

    /// Where intervals begin and end: as it was found with the first sample.
    func timeline(at now: MonotonicTime) -> IntervalTimeline {
        progress.withLock { progress in
            if let timeline = progress.timeline { return timeline }
            let timeline = IntervalTimeline(length: options.interval, at: now, wallClock.now())
            progress.timeline = timeline
            return timeline
        }
    }

    /// What the clock on the wall says at `end`, to the minute: intervals that follow one another are to be found as far
    /// apart as they are.
    private func wallTime(of end: MonotonicTime) -> WallTime {
        let wall: WallTime = wallClock.now()
        let late = Int64(((clock.now() - end) / .seconds(1)).rounded())
        return WallTime(seconds: (wall.seconds - late + 30) / 60 * 60)
    }

    /// Ends the current interval of every interface when its time has come.
    func closeInterval(at now: MonotonicTime, _ interfaces: InterfaceSnapshot) {
        if let closed = progress.withLock({ $0.timeline?.close(at: now) }) {
            // What the one before shows is to be known first.
            while !state.withLock({ $0.unjudged.isEmpty }) { state.withLock { $0.judgeSome(atLeast: Self.portion) } }
            let end = wallTime(of: closed.end)
            var first = 0
            var count = 0
            // At once: what grows leaves its former places behind.
            state.withLock { $0.finished.reserveCapacity($0.finished.count + $0.indexes.count) }
            repeat {
                count = state.withLock { state in
                    let next = min(first + Self.portion, state.indexes.count)
                    for position in first..<next {
                        let slot = Int(state.slots[position])
                        let interval = state.finishInterval(slot, at: now, length: options.interval)
                        state.skipIntervals(slot, closed.missed)
                        guard let row = interfaces.row(state.indexes[position]) else { continue }
                        state.finished.append(
                            StoredInterval(interface: row.interface.stableIdentifier, end: end, interval: interval))
                    }
                    first = next
                    return state.indexes.count
                }
            } while first < count
            state.withLock { state in
                for slot in state.groups.slots {
                    _ = state.finishInterval(Int(slot), at: now, length: options.interval)
                    state.skipIntervals(Int(slot), closed.missed)
                }
                state.groupIntervals = nil
                state.unjudged = Unjudged(state.indexes, state.slots, phase: closed.phase, missed: closed.missed)
            }
        }
        // The forecasts of thousands take longer than a pass may: each pass makes some of them.
        state.withLock { $0.judgeSome(atLeast: Self.portion) }
    }

    /// How far back history is kept on disk: one interval more than is shown, as the calendar may have been set.
    package static let historySeconds = Int64(PerformanceTable.intervalCount + 1) * 900

    /// Hands finished intervals to the store. Now and then, and at the end.
    ///
    /// - Parameter isLast: nothing is measured any more: then the interval that is under way is handed over as it is.
    package func save(isLast: Bool = false) async {
        let now = clock.now()
        let end = isLast ? progress.withLock { $0.timeline?.end }.map { wallTime(of: $0) } : nil
        let finished = state.withLock { state in
            defer { state.finished = [] }
            return state.finished + (end.map { state.unfinished(at: now, end: $0) } ?? [])
        }
        guard !finished.isEmpty else { return }
        let wall: WallTime = wallClock.now()
        let oldest = WallTime(seconds: wall.seconds - Self.historySeconds)
        do throws(StoreError) {
            try await store.saveIntervals(finished, removingBefore: oldest)
            let recovers = progress.withLock { progress in
                progress.intervalsSaved &+= UInt64(finished.count)
                defer { progress.isSaveFailing = false }
                return progress.isSaveFailing
            }
            if recovers { logger.notice("the history of performance can be saved again") }
        } catch {
            state.withLock { $0.putBack(finished) }
            let isNews = progress.withLock { progress in
                defer { progress.isSaveFailing = true }
                return !progress.isSaveFailing
            }
            if isNews {
                logger.error("the history of performance cannot be saved", metadata: ["error": "\(error)"])
            }
        }
    }
}
