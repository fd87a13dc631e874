import NetworkModel
import Synchronization

extension PerformanceManager {
    /// What intervals that ended showed since the last call; nil when none was looked at.
    package func takeFindings() -> PerformanceFindings? {
        state.withLock { state in
            defer { state.findings = nil }
            return state.findings
        }
    }

    /// Interfaces whose latest interval is still to be compared with what its past foretold.
    struct Unjudged {
        private let indexes: [InterfaceIndex]
        private let slots: [Int32]
        private var next = 0
        /// The quarter of an hour of the day that the interval was.
        let phase: Int
        /// How many quarters behind it were missed.
        let missed: Int

        init(_ indexes: [InterfaceIndex], _ slots: [Int32], phase: Int, missed: Int) {
            self.indexes = indexes
            self.slots = slots
            self.phase = phase
            self.missed = missed
        }

        var isEmpty: Bool { next == indexes.count }

        /// An eighth of all, or `least`, so that a stretched interval leaves time enough for all before the next ends.
        func portion(atLeast least: Int) -> Int { min(max(least, indexes.count / 8 + 1), indexes.count - next) }

        /// Call as often as `portion` says.
        mutating func take() -> (index: InterfaceIndex, slot: Int) {
            defer { next += 1 }
            return (indexes[next], Int(slots[next]))
        }
    }
}

// All of it runs under the state's lock.

extension PerformanceManager.State {
    mutating func judgeSome(atLeast least: Int) {
        for _ in 0..<unjudged.portion(atLeast: least) {
            let (index, slot) = unjudged.take()
            // It may have gone meanwhile, and its slot to another.
            guard table.cold[slot].index == index else { continue }
            judge(slot, index, phase: unjudged.phase, missed: unjudged.missed)
        }
    }

    /// Takes the latest interval into the forecasts, and those that were missed behind it, and notes what it shows.
    private mutating func judge(_ slot: Int, _ index: InterfaceIndex, phase: Int, missed: Int) {
        guard table.cold[slot].intervals > 0 else { return }
        let interval = finishedInterval(slot, missed + 1) ?? PerformanceInterval()
        let verdicts = learn(slot, interval, phase: phase)
        for step in max(1, missed - PerformanceTable.seasonLength + 1)..<max(1, missed + 1) {
            learn(slot, PerformanceInterval(), phase: (phase + step) % PerformanceTable.seasonLength)
        }
        // In place: there are thousands of them.
        if findings == nil { findings = PerformanceFindings(index) }
        findings?.add(index)
        // One that had to wait for the next sample was longer than a quarter of an hour.
        guard missed == 0, interval.isValid, interval.seconds > 0 else {
            findings?.unmeasured.append(index)
            return
        }
        for isReceived in [true, false] {
            let season = isReceived ? table.cold[slot].seasons.received : table.cold[slot].seasons.transmitted
            let factors = factors(slot, isReceived)
            // Before a whole season is known there is none to take out.
            let isSeasonal = season.steps >= PerformanceTable.seasonLength
            let finding = PerformanceFinding(
                index: index, isReceived: isReceived, value: interval.octetsPerSecond(isReceived: isReceived),
                verdict: isReceived ? verdicts.received : verdicts.transmitted,
                trend: trend(slot, isReceived, isSeasonal ? UnsafeBufferPointer(factors) : nil, phase: phase),
                seasonalPeak: isSeasonal ? factors.reduce(0) { $1 > $0 ? $1 : $0 } : 0)
            findings?.findings.append(finding)
        }
    }

    /// Through the intervals of the last day without their season, the latest, of `phase`, last.
    private func trend(
        _ slot: Int, _ isReceived: Bool, _ factors: UnsafeBufferPointer<Float>?, phase: Int
    ) -> LinearTrend? {
        let count = Int(table.cold[slot].intervals)
        let rates: [Float?] = (0..<count).map { position in
            let back = count - 1 - position
            guard let interval = table.traffic(slot, back: back), interval.isValid, interval.seconds > 0 else {
                return nil
            }
            let octets = isReceived ? interval.receivedOctets : interval.transmittedOctets
            let rate = Float(octets) / Float(interval.seconds)
            guard let factors else { return rate }
            let factor = factors[(phase - back + PerformanceTable.seasonLength) % PerformanceTable.seasonLength]
            return factor.isNaN ? nil : rate - factor
        }
        return LinearTrend(rates)
    }

    @discardableResult
    mutating func learn(
        _ slot: Int, _ interval: PerformanceInterval, phase: Int
    ) -> (received: HoltWinters.Verdict?, transmitted: HoltWinters.Verdict?) {
        let isUsable = interval.isValid && interval.seconds > 0
        let received = table.cold[slot].seasons.received.step(
            isUsable ? interval.octetsPerSecond(isReceived: true) : nil, factors(slot, true), phase: phase, season)
        let transmitted = table.cold[slot].seasons.transmitted.step(
            isUsable ? interval.octetsPerSecond(isReceived: false) : nil, factors(slot, false), phase: phase, season)
        return (received, transmitted)
    }

    private func factors(_ slot: Int, _ isReceived: Bool) -> UnsafeMutableBufferPointer<Float> {
        let length = PerformanceTable.seasonLength
        return UnsafeMutableBufferPointer(
            start: table.seasons + slot * 2 * length + (isReceived ? 0 : length), count: length)
    }
}

extension PerformanceInterval {
    /// On the average; 0 when nothing was measured.
    package func octetsPerSecond(isReceived: Bool) -> Float {
        seconds == 0 ? 0 : Float(isReceived ? receivedOctets : transmittedOctets) / Float(seconds)
    }
}
