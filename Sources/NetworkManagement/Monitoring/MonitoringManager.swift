import CoreMetrics
package import Logging
package import NetworkModel
import Synchronization

/// Keeps the latest counters of every interface, never older than asked for.
///
/// One dump serves every reader: `performance_monitoring_interval` takes one by the clock, and `sample(atMost:)` takes
/// one when the latest is too old.
package final class MonitoringManager: Sendable {
    /// The counters at one moment and what is known about their continuity.
    package struct Reading: Sendable {
        package let sample: CounterSample
        /// When a counter of an interface was last seen to run backwards, as after a driver's reset.
        package let discontinuities: [InterfaceIndex: MonotonicTime]

        /// The counters of `index`; `hint` is where they probably are.
        package func counters(of index: InterfaceIndex, hint: Int) -> LinkCounters? {
            position(of: index, hint: hint).map { sample.counters[$0] }
        }

        /// Where the counters of `index` are in `sample`.
        package func position(of index: InterfaceIndex, hint: Int) -> Int? {
            let indexes = sample.indexes
            if hint < indexes.count, indexes[hint] == index { return hint }
            let position = indexes.firstPosition { $0 >= index }
            return position < indexes.count && indexes[position] == index ? position : nil
        }
    }

    /// What sampling has been through.
    package struct Status: Sendable, Hashable {
        package var samples: UInt64 = 0
        package var failures: UInt64 = 0
        /// How long the latest dump took.
        package var lastDuration: Duration = .zero
    }

    private struct State {
        var reading = Reading(sample: CounterSample(time: MonotonicTime(nanoseconds: .min / 2)), discontinuities: [:])
        var status = Status()
        /// Since when samples fail, and why the latest did; nil when it did not.
        var failing: (since: MonotonicTime, reason: String)?
    }

    private let platform: any CounterPlatform
    private let clock: any MonotonicClock
    private let logger: Logger
    private let state = Mutex(State())
    // The same through swift-metrics, beside what others measure there.
    private let taken = Counter(label: "orion.samples")
    private let failed = Counter(label: "orion.samples.failed")
    private let durations = Timer(label: "orion.sample.duration")
    /// Held while a dump is taken; what it guards is the storage of the sample before the latest, to be filled anew.
    private let spare = Mutex(CounterSample(time: MonotonicTime(nanoseconds: .min / 2)))

    package init(platform: any CounterPlatform, clock: any MonotonicClock, logger: Logger) {
        self.platform = platform
        self.clock = clock
        self.logger = logger
    }

    package var status: Status {
        state.withLock { $0.status }
    }

    /// The latest reading, however old.
    package var latest: Reading {
        state.withLock { $0.reading }
    }

    /// The age of the latest sample; nil when there is none yet.
    package var age: Duration? {
        let (time, isTaken) = state.withLock { ($0.reading.sample.time, $0.status.samples > 0) }
        return isTaken ? clock.now() - time : nil
    }

    /// Why samples have failed for `duration` or longer; nil when the latest did not.
    package func failure(for duration: Duration) -> String? {
        guard let failing = state.withLock({ $0.failing }) else { return nil }
        return clock.now() - failing.since >= duration ? failing.reason : nil
    }

    /// A reading at most `age` old; takes one when the latest is older. When that fails, the latest there is.
    package func reading(atMost age: Duration) -> Reading {
        let reading = latest
        if clock.now() - reading.sample.time <= age { return reading }
        refresh(unlessYoungerThan: age)
        return latest
    }

    /// Takes a sample now. Call every `performance_monitoring_interval`.
    package func tick() {
        refresh(unlessYoungerThan: .zero)
    }

    private func refresh(unlessYoungerThan age: Duration) {
        spare.withLock { spare in
            let start = clock.now()
            let previous = latest
            // Another thread may have taken one while this one waited.
            if age > .zero, start - previous.sample.time <= age { return }
            do {
                try platform.sample(into: &spare)
                let reading = Reading(
                    sample: spare, discontinuities: discontinuities(from: previous, to: spare))
                let duration = clock.now() - start
                let recovers = state.withLock { state in
                    state.reading = reading
                    state.status.samples &+= 1
                    state.status.lastDuration = duration
                    defer { state.failing = nil }
                    return state.failing != nil
                }
                taken.increment()
                durations.recordNanoseconds(Int64(duration / .nanoseconds(1)))
                // Readers that still hold the older one keep it: filling it then copies.
                spare = previous.sample
                if recovers { logger.notice("the interface counters can be read again") }
            } catch {
                let isNews = state.withLock { state in
                    state.status.failures &+= 1
                    defer { state.failing = (state.failing?.since ?? start, "\(error)") }
                    return state.failing == nil
                }
                failed.increment()
                if isNews { logger.error("cannot read the interface counters", metadata: ["error": "\(error)"]) }
            }
        }
    }

    private func discontinuities(
        from old: Reading, to sample: borrowing CounterSample
    ) -> [InterfaceIndex: MonotonicTime] {
        var known: [InterfaceIndex: MonotonicTime] = [:]
        for (position, index) in sample.indexes.enumerated() {
            // An index that was not there before is a new interface: its predecessor's past is not its own.
            guard let before = old.position(of: index, hint: position) else { continue }
            if sample.counters[position].runsBehind(old.sample.counters[before]) {
                known[index] = sample.time
            } else if !old.discontinuities.isEmpty {
                known[index] = old.discontinuities[index]
            }
        }
        return known
    }
}

extension LinkCounters {
    /// Whether a counter that only grows is smaller than it was.
    fileprivate func runsBehind(_ earlier: LinkCounters) -> Bool {
        receivedOctets < earlier.receivedOctets || transmittedOctets < earlier.transmittedOctets
            || receivedPackets < earlier.receivedPackets || transmittedPackets < earlier.transmittedPackets
    }
}
