import NetworkModel
import Synchronization

extension PerformanceManager {
    /// What the intervals that ended since the last call showed.
    package func takeFindings() -> [PerformanceFinding] {
        state.withLock { state in
            defer { state.findings = [] }
            return state.findings
        }
    }
}

extension PerformanceManager.State {
    /// Takes an interval into the forecasts, and notes what it shows.
    mutating func judge(_ slot: Int, _ index: InterfaceIndex, _ interval: PerformanceInterval, phase: Int) {
        let verdicts = learn(slot, interval, phase: phase)
        guard interval.isValid, interval.seconds > 0 else { return }
        for isReceived in [true, false] {
            let season = isReceived ? table.cold[slot].seasons.received : table.cold[slot].seasons.transmitted
            // Before a whole season is known there is none to take out.
            let factors = season.steps >= PerformanceTable.seasonLength ? Array(self.factors(slot, isReceived)) : []
            let past = finishedIntervals(slot).reversed()
            let trend: [Float?] = past.enumerated().map { position, interval in
                guard interval.isValid, interval.seconds > 0 else { return nil }
                let back = past.count - 1 - position
                let phase = (phase - back % PerformanceTable.seasonLength + PerformanceTable.seasonLength)
                return interval.octetsPerSecond(isReceived: isReceived)
                    - (factors.isEmpty ? 0 : factors[phase % PerformanceTable.seasonLength])
            }
            findings.append(
                PerformanceFinding(
                    index: index, isReceived: isReceived, value: interval.octetsPerSecond(isReceived: isReceived),
                    verdict: isReceived ? verdicts.received : verdicts.transmitted, trend: trend,
                    seasonalPeak: max(0, factors.max() ?? 0)))
        }
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
