package import NetworkModel

/// Keeps finished 15-minute intervals across restarts.
package protocol PerformanceStore: Sendable {
    /// The intervals that ended at `since` or later, ascending by end.
    func loadIntervals(since: WallTime) async throws(StoreError) -> [StoredInterval]

    /// Adds `intervals`, and removes what ended before `before`; all or nothing, durable when this returns.
    func saveIntervals(_ intervals: [StoredInterval], removingBefore before: WallTime) async throws(StoreError)
}

/// A finished interval of one interface.
package struct StoredInterval: Sendable, Hashable {
    /// `NetworkInterface.stableIdentifier`: an index may be another interface's after a restart.
    package let interface: String
    /// When it ended.
    package let end: WallTime
    package let interval: PerformanceInterval

    package init(interface: String, end: WallTime, interval: PerformanceInterval) {
        self.interface = interface
        self.end = end
        self.interval = interval
    }
}
