import NetworkModel

/// Turns what happens to interfaces into alarms: down though it is to be up, flapping, more than may be managed.
///
/// The alarm of an interface whose trouble lies below it names the interface there as its cause: a VLAN its parent, a
/// bridge or bond without any working port one of the ports that failed.
package struct InterfaceAlarms: Sendable {
    private let alarms: AlarmManager

    package init(_ alarms: AlarmManager) {
        self.alarms = alarms
    }

    private static let capacity = AlarmKey(.capacityExceeded, .system, detail: "interfaces")
    /// How long an interface that was not up before may take to come up: the autonegotiation of a copper link takes two to
    /// four seconds.
    private static let timeToComeUp: Duration = .seconds(5)

    /// - Parameter snapshot: one that is at least as new as the events.
    package func take(_ events: [InterfaceEvent], _ snapshot: InterfaceSnapshot) {
        // What is down when oriond starts has had its time.
        var isStart = false
        for event in events {
            switch event {
            case .discovered:
                reconcile(snapshot)
                isStart = true
            case .statusChanged(let row, let before):
                let fails = isStart || before.map { $0.link.isAdministrativelyUp && !isDown($0) } ?? false
                let soak = fails ? Duration.zero : Self.timeToComeUp
                judge(row, snapshot, soak: soak)
                // A bridge is explained by a port that fails behind it, or no longer by one that is up again.
                if let master = row.link.master.flatMap(snapshot.row), isDown(master) {
                    judge(master, snapshot, soak: soak)
                }
            case .disappeared(let row):
                alarms.remove(subject(row))
                review(snapshot)
            case .flapping(let row):
                alarms.raise(
                    AlarmKey(.flapping, subject(row)), .warning,
                    "\(row.link.name) flaps: \(row.flapping.transitions) changes of its state so far")
            case .settled(let row): alarms.clear(AlarmKey(.flapping, subject(row)))
            case .limitExceeded(let row):
                alarms.raise(
                    Self.capacity, .warning,
                    "more interfaces than manager_max_interfaces: \(row.link.name) and others are shown, not managed")
            case .appeared, .configurationChanged, .linkUp, .linkDown, .resynchronised: break
            }
        }
    }

    /// The interfaces at present: there may be room for all again.
    func review(_ snapshot: InterfaceSnapshot) {
        if alarms.isRaised(Self.capacity), snapshot.rows.allSatisfy(\.isManaged) { alarms.clear(Self.capacity) }
    }

    /// Drops what a restart has left of interfaces that are others by now, or gone.
    private func reconcile(_ snapshot: InterfaceSnapshot) {
        alarms.retain { key in
            if key == Self.capacity { return !snapshot.rows.allSatisfy(\.isManaged) }
            guard let index = key.subject.interface else { return true }
            guard let row = snapshot.row(index), row.link.name == key.subject.name else { return false }
            return key.kind != .flapping || row.flapping.isDamped
        }
    }

    private func judge(_ row: InterfaceRow, _ snapshot: InterfaceSnapshot, soak: Duration) {
        let key = AlarmKey(.linkDown, subject(row))
        guard isDown(row) else { return alarms.clear(key) }
        let severity: AlarmSeverity = row.interface.isPhysical || row.link.isOverPorts ? .major : .minor
        if row.link.isOverPorts {
            let ports = snapshot.stack.layersBelow(row.index).compactMap { snapshot.row($0) }
            // A bridge nobody is plugged into misses nothing.
            guard !ports.isEmpty else { return alarms.clear(key) }
            let failed = ports.first { isDown($0) }
            alarms.raise(
                key, severity, "\(row.link.name) is down: none of its \(ports.count) ports is up",
                cause: failed.map { AlarmKey(.linkDown, subject($0)) }, soak: soak)
        } else if let below = row.link.layerBelow.flatMap(snapshot.row) {
            alarms.raise(
                key, severity, "\(row.link.name) is down: it runs on \(below.link.name)",
                cause: isDown(below) ? AlarmKey(.linkDown, subject(below)) : nil, soak: soak)
        } else {
            alarms.raise(key, severity, "\(row.link.name) is down: no carrier", soak: soak)
        }
    }

    /// Down though its administrator wants it up.
    private func isDown(_ row: InterfaceRow) -> Bool {
        row.link.isAdministrativelyUp
            && (row.operationalStatus == .down || row.operationalStatus == .lowerLayerDown)
    }

    private func subject(_ row: InterfaceRow) -> AlarmSubject { .interface(row.index, row.link.name) }
}

extension Link {
    /// Whether it works through ports whose master it is.
    fileprivate var isOverPorts: Bool { kind == "bridge" || kind == "bond" || kind == "team" }
}
