package import NetworkManagement
import NetworkModel

extension StoreConformance {
    /// - Parameter reopen: gives a store over the same disk, as after a restart.
    package static func checkPerformance(
        reopen: () async throws -> any PerformanceStore & ThresholdStore
    ) async throws {
        var store = try await reopen()
        guard try await store.loadIntervals(since: WallTime(seconds: 0)).isEmpty,
            try await store.loadThresholds().isEmpty
        else { throw Failure(description: "a new store is empty") }
        let intervals = (1...3).map { number in
            var interval = PerformanceInterval()
            interval.receivedOctets = .max
            interval.transmittedOctets = UInt64(number)
            interval.receivedPackets = 2
            interval.transmittedPackets = 3
            interval.receiveErrors = 4
            interval.transmitErrors = 5
            interval.receiveDropped = 6
            interval.transmitDropped = 7
            interval.seconds = 900
            interval.isValid = number != 2
            return StoredInterval(
                interface: "pci-\(number)", end: WallTime(seconds: Int64(number) * 900), interval: interval)
        }
        try await store.saveIntervals(intervals, removingBefore: WallTime(seconds: 900))
        store = try await reopen()
        guard try await store.loadIntervals(since: WallTime(seconds: 0)) == intervals,
            try await store.loadIntervals(since: WallTime(seconds: 1800)) == Array(intervals[1...])
        else { throw Failure(description: "intervals that were saved are loaded") }
        try await store.saveIntervals([], removingBefore: WallTime(seconds: 2700))
        guard try await store.loadIntervals(since: WallTime(seconds: 0)) == [intervals[2]] else {
            throw Failure(description: "old intervals go")
        }
        var threshold = Threshold(name: "high \u{FC}")
        threshold.variable = .outDiscardRatio
        threshold.pattern = GlobPattern([0xFF, UInt8(ascii: "*")]) ?? .any
        threshold.rising = .max
        threshold.falling = 0
        threshold.duration = .seconds(86_400)
        threshold.severity = .critical
        threshold.startup = .falling
        threshold.isActive = true
        var other = Threshold(name: "low")
        other.rising = 1
        other.falling = 2
        try await store.saveThresholds([threshold, other])
        store = try await reopen()
        guard try await store.loadThresholds() == [threshold, other] else {
            throw Failure(description: "thresholds that were saved are loaded")
        }
        try await store.saveThresholds([other])
        guard try await store.loadThresholds() == [other] else { throw Failure(description: "thresholds go") }
    }
}
