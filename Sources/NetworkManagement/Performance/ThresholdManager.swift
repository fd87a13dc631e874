package import NetworkModel
import Synchronization

/// Watches rates against thresholds, and raises and clears their alarms.
///
/// Each pass looks at pairs of an interface and a threshold, which are worked out only when interfaces or thresholds
/// change.
package final class ThresholdManager: Sendable {
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
        state.withLock { state in (state.watches.reduce(0) { $0 + $1.instances.count }, state.crossings) }
    }

    /// On how many interfaces the threshold is crossed.
    package func crossed(_ name: String) -> Int {
        state.withLock { state in
            let watch = state.watches.first { $0.threshold.name == name }
            return watch?.instances.count { $0.phase == .crossed } ?? 0
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

    /// The same with what `[[threshold]]` says.
    package func configure(from configuration: NetworkConfiguration) {
        configure(configuration.items(of: .threshold).compactMap { Threshold(name: $0.0, $0.1) })
    }

    /// Makes durable what is to outlast a restart.
    package func save() async throws(StoreError) {
        let kept = rows.filter { $0.origin == .management && $0.storage != .volatile && $0.isReady }
        try await store.saveThresholds(kept)
    }

    /// Looks at what a pass found. On the upkeep thread.
    package func evaluate(_ snapshot: PerformanceSnapshot, _ interfaces: InterfaceSnapshot) {
        let (verdicts, watched) = state.withLock { state in
            guard state.isChanged || state.interfaces !== interfaces || state.indexes != snapshot.indexes else {
                return (state.evaluate(snapshot), nil as Set<Pair>?)
            }
            let gone = state.compile(snapshot, interfaces)
            return (gone + state.evaluate(snapshot), state.pairs)
        }
        if let watched { dropStrangers(watched, interfaces) }
        for verdict in verdicts {
            if let text = verdict.text {
                alarms.raise(verdict.key, verdict.severity, text)
            } else {
                alarms.clear(verdict.key)
            }
        }
    }

    /// Clears what a restart has left of pairs that are watched no longer. An interface that is not known yet may be soon.
    private func dropStrangers(_ watched: Set<Pair>, _ interfaces: InterfaceSnapshot) {
        alarms.retain { key in
            guard key.kind == .threshold, let index = key.subject.interface, interfaces.row(index) != nil else {
                return true
            }
            return watched.contains(Pair(name: key.detail, index: index))
        }
    }
}
