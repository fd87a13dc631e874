package import NetworkModel
import Synchronization

/// Watches rates against thresholds, and raises and clears their alarms.
///
/// Each pass looks at pairs of an interface and a threshold, which are worked out only when interfaces or thresholds
/// change.
package final class ThresholdManager: Sendable {
    /// One interface watched by one threshold.
    struct Instance {
        enum Phase: UInt8 {
            /// No value came yet.
            case new
            case normal
            /// Beyond, but not for long enough.
            case pending
            case crossed
            /// Beyond since before it could have been noticed coming, which `startup` does not count.
            case ignored
        }

        let index: InterfaceIndex
        let name: String
        /// Where its metrics are.
        let position: Int
        let threshold: Int
        /// Octets per second in thousandths of a percent of the speed; 0 where that is unknown.
        let utilisationScale: Float
        let isHalfDuplex: Bool
        var phase = Phase.new
        var since = MonotonicTime(nanoseconds: 0)
    }

    struct InstanceKey: Hashable {
        let name: String
        let index: InterfaceIndex
    }

    struct State {
        /// By name; those that are not active too.
        var rows: [String: Threshold] = [:]
        var isChanged = true
        var active: [Threshold] = []
        var instances: [Instance] = []
        var indexes: [InterfaceIndex] = []
        /// What `instances` were worked out from.
        var interfaces: InterfaceSnapshot?
        var crossings: UInt32 = 0
    }

    private let alarms: AlarmManager
    private let store: any ThresholdStore
    private let state = Mutex(State())

    /// - Parameter stored: what the store kept.
    package init(stored: [Threshold], store: any ThresholdStore, alarms: AlarmManager) {
        self.store = store
        self.alarms = alarms
        state.withLock { state in
            for threshold in stored { state.rows[threshold.name] = threshold }
        }
    }

    /// All rows, in the order of their names' octets, shorter names first, as SNMP sorts them.
    package var rows: [Threshold] {
        state.withLock { state in
            state.rows.values.sorted { left, right in
                (left.name.utf8.count, left.name) < (right.name.utf8.count, right.name)
            }
        }
    }

    package func row(_ name: String) -> Threshold? { state.withLock { $0.rows[name] } }

    /// Pairs that are watched; crossings since the start.
    package var counts: (instances: Int, crossings: UInt32) {
        state.withLock { ($0.instances.count, $0.crossings) }
    }

    /// On how many interfaces the threshold is crossed.
    package func crossed(_ name: String) -> Int {
        state.withLock { state in
            guard let number = state.active.firstIndex(where: { $0.name == name }) else { return 0 }
            return state.instances.count { $0.threshold == number && $0.phase == .crossed }
        }
    }

    /// Puts rows in the place of what they were; nil removes one. What was replaced can be put back the same way.
    ///
    /// - Returns: what they were.
    /// - Throws: `.exhausted` when there is no room; nothing has changed then.
    package func replace(_ changes: [String: Threshold?]) throws(ManagementError) -> [String: Threshold?] {
        let before: [String: Threshold?]? = state.withLock { state in
            var after = state.rows
            for (name, threshold) in changes { after[name] = threshold }
            guard after.count <= max(Threshold.maximum, state.rows.count) else { return nil }
            let before = Dictionary(uniqueKeysWithValues: changes.keys.map { ($0, state.rows[$0]) })
            state.rows = after
            state.isChanged = true
            return before
        }
        guard let before else {
            throw ManagementError(.exhausted, "\(Threshold.maximum) thresholds at most")
        }
        return before
    }

    /// Puts the thresholds of the configuration in the place of those that were of it. One of a manager's gives way to one
    /// of the configuration with the same name.
    package func configure(_ thresholds: [Threshold]) {
        state.withLock { state in
            state.rows = state.rows.filter { $0.value.origin != .configuration }
            for threshold in thresholds.prefix(Threshold.maximum) {
                var threshold = threshold
                threshold.origin = .configuration
                threshold.storage = .readOnly
                threshold.isActive = true
                state.rows[threshold.name] = threshold
            }
            state.isChanged = true
        }
    }

    /// Makes durable what is to outlast a restart.
    package func save() async throws(StoreError) {
        let kept = rows.filter { $0.origin == .management && $0.storage != .volatile && $0.isReady }
        try await store.saveThresholds(kept)
    }

    /// Looks at what a pass found. On the upkeep thread.
    package func evaluate(_ snapshot: PerformanceSnapshot, _ interfaces: InterfaceSnapshot) {
        let crossings: [(key: AlarmKey, severity: AlarmSeverity, text: String?)] = state.withLock { state in
            if state.isChanged || state.interfaces !== interfaces || state.indexes != snapshot.indexes {
                let gone = state.compile(snapshot, interfaces)
                return gone.map { ($0, .minor, nil) } + state.evaluate(snapshot)
            }
            return state.instances.isEmpty ? [] : state.evaluate(snapshot)
        }
        for crossing in crossings {
            if let text = crossing.text {
                alarms.raise(crossing.key, crossing.severity, text)
            } else {
                alarms.clear(crossing.key)
            }
        }
    }
}
