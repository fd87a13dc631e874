import NetworkModel

// What runs with each pass, under the state's lock.

extension ThresholdManager {
    struct State {
        /// By name; those that are not active too.
        var rows: [String: Threshold] = [:]
        var isChanged = true
        /// By name.
        var watches: [ThresholdWatch] = []
        var indexes: [InterfaceIndex] = []
        /// What `watches` were worked out from.
        var interfaces: InterfaceSnapshot?
        var crossings: UInt32 = 0
    }

    /// A threshold and an interface.
    struct Pair: Hashable {
        let name: String
        let index: InterfaceIndex
    }

    /// What becomes of an alarm: raised when there is a text, else cleared.
    struct Verdict {
        let key: AlarmKey
        let severity: AlarmSeverity
        let text: String?
    }
}

extension ThresholdManager.State {
    /// Works out anew which interfaces are watched; what a pair has been through goes on.
    ///
    /// - Returns: the alarms of pairs that are watched no longer.
    mutating func compile(
        _ snapshot: PerformanceSnapshot, _ interfaces: InterfaceSnapshot
    ) -> [ThresholdManager.Verdict] {
        var before: [ThresholdManager.Pair: ThresholdWatch.Instance] = [:]
        var gone: [ThresholdManager.Pair: ThresholdManager.Verdict] = [:]
        for watch in watches {
            let name = watch.threshold.name
            // A row that was changed begins anew.
            let goesOn = rows[name] == watch.threshold
            for instance in watch.instances where instance.phase != .normal || goesOn {
                let pair = ThresholdManager.Pair(name: name, index: instance.index)
                if goesOn { before[pair] = instance }
                if instance.phase == .crossed { gone[pair] = verdict(watch.threshold, instance.index, isBeyond: false) }
            }
        }
        let earlier = self.interfaces
        self.interfaces = interfaces
        watches = rows.values.compactMap { ThresholdWatch($0) }.sorted { $0.threshold.name < $1.threshold.name }
        for (position, index) in snapshot.indexes.enumerated() where !watches.isEmpty {
            guard let row = interfaces.row(index) else { continue }
            let octets = Array(row.link.name.utf8)
            var speed: BitsPerSecond??
            for number in watches.indices where watches[number].threshold.pattern.matches(octets) {
                let known = speed ?? interfaces.speed(of: row)
                speed = .some(known)
                // Octets per second, times 8, times 100 000 thousandths of a percent.
                let scale = known.map { 800_000 / Float(max(1, $0.value)) } ?? 0
                var instance = ThresholdWatch.Instance(
                    index: index, position: position, utilisationScale: scale,
                    isHalfDuplex: row.settings?.duplex == .half)
                let pair = ThresholdManager.Pair(name: watches[number].threshold.name, index: index)
                // Another interface under the same index begins anew.
                if let old = before[pair], earlier?.row(index)?.created == row.created {
                    instance.phase = old.phase
                    instance.since = old.since
                    gone[pair] = nil
                }
                watches[number].instances.append(instance)
            }
        }
        isChanged = false
        indexes = snapshot.indexes
        return Array(gone.values)
    }

    /// What is crossed by now and what no longer.
    mutating func evaluate(_ snapshot: PerformanceSnapshot) -> [ThresholdManager.Verdict] {
        var verdicts: [ThresholdManager.Verdict] = []
        var found: [ThresholdWatch.Crossing] = []
        for number in watches.indices {
            watches[number].evaluate(snapshot, &found)
            for crossing in found {
                if crossing.isBeyond { crossings &+= 1 }
                verdicts.append(
                    verdict(watches[number].threshold, crossing.index, isBeyond: crossing.isBeyond))
            }
            found.removeAll(keepingCapacity: true)
        }
        return verdicts
    }

    /// Every pair that is watched.
    var pairs: Set<ThresholdManager.Pair> {
        var pairs: Set<ThresholdManager.Pair> = []
        for watch in watches {
            for instance in watch.instances {
                pairs.insert(ThresholdManager.Pair(name: watch.threshold.name, index: instance.index))
            }
        }
        return pairs
    }

    private func verdict(
        _ threshold: Threshold, _ index: InterfaceIndex, isBeyond: Bool
    ) -> ThresholdManager.Verdict {
        let name = interfaces?.row(index)?.link.name ?? ""
        let rising = threshold.rising ?? 0
        let direction = rising >= threshold.falling ?? 0 ? "at or above" : "at or below"
        return ThresholdManager.Verdict(
            key: AlarmKey(.threshold, .interface(index, name), detail: threshold.name), severity: threshold.severity,
            text: isBeyond ? "\(threshold.variable) of \(name) is \(direction) \(rising)" : nil)
    }
}
