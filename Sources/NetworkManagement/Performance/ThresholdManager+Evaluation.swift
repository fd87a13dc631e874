import NetworkModel

// What runs with each pass, under the state's lock.

extension ThresholdManager.State {
    /// Works out anew which interfaces are watched; what a pair has been through goes on.
    ///
    /// - Returns: the alarms of pairs that are watched no longer.
    mutating func compile(_ snapshot: PerformanceSnapshot, _ interfaces: InterfaceSnapshot) -> [AlarmKey] {
        var before: [ThresholdManager.InstanceKey: (phase: ThresholdManager.Instance.Phase, since: MonotonicTime)] = [:]
        var gone: [ThresholdManager.InstanceKey: AlarmKey] = [:]
        for instance in instances {
            let threshold = active[instance.threshold]
            let key = ThresholdManager.InstanceKey(name: threshold.name, index: instance.index)
            // A row that was changed begins anew.
            if rows[threshold.name] == threshold { before[key] = (instance.phase, instance.since) }
            if instance.phase == .crossed { gone[key] = instance.alarm(threshold) }
        }
        active = rows.values.filter { $0.isActive && $0.isReady }.sorted { $0.name < $1.name }
        instances = []
        for (position, index) in snapshot.indexes.enumerated() where !active.isEmpty {
            guard let row = interfaces.row(index) else { continue }
            var speed: BitsPerSecond??
            for (number, threshold) in active.enumerated() where threshold.pattern.matches(Array(row.link.name.utf8)) {
                let known = speed ?? interfaces.speed(of: row)
                speed = .some(known)
                // Octets per second, times 8, times 100 000 thousandths of a percent.
                let scale = known.map { 800_000 / Float(max(1, $0.value)) } ?? 0
                var instance = ThresholdManager.Instance(
                    index: index, name: row.link.name, position: position, threshold: number, utilisationScale: scale,
                    isHalfDuplex: row.interface.settings?.duplex == .half)
                let key = ThresholdManager.InstanceKey(name: threshold.name, index: index)
                if let (phase, since) = before[key] {
                    instance.phase = phase
                    instance.since = since
                    gone[key] = nil
                }
                instances.append(instance)
            }
        }
        isChanged = false
        self.interfaces = interfaces
        indexes = snapshot.indexes
        return Array(gone.values)
    }

    /// What is crossed by now and what no longer, with a text for the former.
    mutating func evaluate(
        _ snapshot: PerformanceSnapshot
    ) -> [(key: AlarmKey, severity: AlarmSeverity, text: String?)] {
        var crossings: [(key: AlarmKey, severity: AlarmSeverity, text: String?)] = []
        for number in instances.indices {
            let metrics = snapshot.metrics[instances[number].position]
            guard metrics.isValid else { continue }
            let threshold = active[instances[number].threshold]
            guard let value = metrics.value(threshold.variable, instances[number]), let rising = threshold.rising,
                let falling = threshold.falling
            else { continue }
            let isUpward = rising >= falling
            let isBeyond = isUpward ? value >= Float(rising) : value <= Float(rising)
            let isBack = isUpward ? value <= Float(falling) : value >= Float(falling)
            switch instances[number].phase {
            case .new where isBeyond && threshold.startup == .falling: instances[number].phase = .ignored
            case .new, .normal:
                if instances[number].phase == .new, !isBeyond {
                    // What a restart has left is over.
                    crossings.append((instances[number].alarm(threshold), threshold.severity, nil))
                }
                instances[number].phase = isBeyond ? .pending : .normal
                instances[number].since = snapshot.time
            case .pending:
                if !isBeyond { instances[number].phase = .normal }
            case .crossed:
                if isBack, !isBeyond {
                    instances[number].phase = .normal
                    crossings.append((instances[number].alarm(threshold), threshold.severity, nil))
                }
            case .ignored:
                if isBack, !isBeyond { instances[number].phase = .normal }
            }
            if instances[number].phase == .pending, snapshot.time - instances[number].since >= threshold.duration {
                instances[number].phase = .crossed
                self.crossings &+= 1
                let direction = isUpward ? "at or above" : "at or below"
                crossings.append(
                    (
                        instances[number].alarm(threshold), threshold.severity,
                        "\(threshold.variable) of \(instances[number].name) is \(direction) \(rising)"
                    ))
            }
        }
        return crossings
    }
}

extension ThresholdManager.Instance {
    func alarm(_ threshold: Threshold) -> AlarmKey {
        AlarmKey(.threshold, .interface(index, name), detail: threshold.name)
    }
}

extension PerformanceMetrics {
    /// In the units of `Threshold.Variable`; nil where there is no such value.
    fileprivate func value(_ variable: Threshold.Variable, _ instance: ThresholdManager.Instance) -> Float? {
        switch variable {
        case .inBits: rate(.receivedOctets) * 8 / 1000
        case .outBits: rate(.transmittedOctets) * 8 / 1000
        case .inPackets: rate(.receivedPackets)
        case .outPackets: rate(.transmittedPackets)
        case .inErrors: rate(.receiveErrors)
        case .outErrors: rate(.transmitErrors)
        case .inDiscards: rate(.receiveDropped)
        case .outDiscards: rate(.transmitDropped)
        case .inUtilisation: utilisation(.receivedOctets, instance)
        case .outUtilisation: utilisation(.transmittedOctets, instance)
        case .inErrorRatio: errorRatio(isReceived: true).map { $0 * 1_000_000 }
        case .outErrorRatio: errorRatio(isReceived: false).map { $0 * 1_000_000 }
        case .inDiscardRatio: dropRatio(isReceived: true).map { $0 * 1_000_000 }
        case .outDiscardRatio: dropRatio(isReceived: false).map { $0 * 1_000_000 }
        }
    }

    private func utilisation(_ counter: PerformanceCounter, _ instance: ThresholdManager.Instance) -> Float? {
        guard instance.utilisationScale > 0 else { return nil }
        let octets =
            instance.isHalfDuplex ? rate(.receivedOctets) + rate(.transmittedOctets) : rate(counter)
        return octets * instance.utilisationScale
    }
}
