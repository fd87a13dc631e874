package import NetworkManagement
package import NetworkModel
import Synchronization

/// A store of intervals and thresholds without a disk.
package final class MemoryPerformanceStore: PerformanceStore, ThresholdStore {
    private struct State {
        var intervals: [StoredInterval] = []
        var thresholds: [Threshold] = []
        var failure: StoreError?
    }

    private let state = Mutex(State())

    package init() {}

    /// What the next saves fail with; nil to succeed again.
    package func fail(with error: StoreError?) { state.withLock { $0.failure = error } }

    package var intervals: [StoredInterval] { state.withLock { $0.intervals } }

    package func loadIntervals(since: WallTime) async throws(StoreError) -> [StoredInterval] {
        intervals.filter { $0.end >= since }
    }

    package func saveIntervals(
        _ intervals: [StoredInterval], removingBefore before: WallTime
    ) async throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            if let failure = state.failure { throw failure }
            state.intervals = (state.intervals + intervals).filter { $0.end >= before }.sorted { $0.end < $1.end }
        }
    }

    package func loadThresholds() async throws(StoreError) -> [Threshold] { state.withLock { $0.thresholds } }

    package func saveThresholds(_ thresholds: [Threshold]) async throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            if let failure = state.failure { throw failure }
            state.thresholds = thresholds.sorted { $0.name < $1.name }
        }
    }
}
