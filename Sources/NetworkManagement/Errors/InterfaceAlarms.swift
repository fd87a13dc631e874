import NetworkModel
import Synchronization

/// Turns what happens to interfaces into alarms: down though it is to be up, flapping, more than may be managed.
///
/// The alarm of an interface whose trouble lies below it names the interface there as its cause: a VLAN its parent, a
/// bridge or bond without any working port one of the ports that failed.
package final class InterfaceAlarms: Sendable {
    private let alarms: AlarmManager
    private let interfaces: @Sendable () -> InterfaceSnapshot
    /// Held from the look at a snapshot to what it means: else a review could clear what an event has just raised.
    private let turn = Mutex(())

    /// - Parameter interfaces: as they are now.
    package init(_ alarms: AlarmManager, interfaces: @escaping @Sendable () -> InterfaceSnapshot) {
        self.alarms = alarms
        self.interfaces = interfaces
    }

    private static let capacity = AlarmKey(.capacityExceeded, .system, detail: "interfaces")
    /// How long an interface that was not up before may take to come up: the autonegotiation of a copper link takes two to
    /// four seconds.
    private static let timeToComeUp: Duration = .seconds(5)

    /// Once the snapshot is at least as new as the events.
    package func take(_ events: [InterfaceEvent]) {
        turn.withLock { _ in take(events, interfaces()) }
    }

    /// Compares the alarms with the interfaces as they are: a bridge loses its last port, or the port below is shut, and
    /// no event of its own tells. Once a second.
    package func review() {
        turn.withLock { _ in
            let snapshot = interfaces()
            // Before they were read for the first time nothing is known about them.
            guard !snapshot.rows.isEmpty else { return }
            reviewCapacity(snapshot)
            for row in snapshot.rows where isDown(row) { judge(row, snapshot, soak: Self.timeToComeUp) }
            for key in alarms.keys(of: .linkDown) {
                guard let row = key.subject.interface.flatMap(snapshot.row), isDown(row) else {
                    alarms.clear(key)
                    continue
                }
            }
        }
    }

    private func take(_ events: [InterfaceEvent], _ snapshot: InterfaceSnapshot) {
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
                // A bridge is explained by a port that fails behind it, or no longer by one that is up again or gone.
                for master in Set([row.link.master, before?.link.master]) {
                    if let master = master.flatMap(snapshot.row), isDown(master) {
                        judge(master, snapshot, soak: soak)
                    }
                }
            case .disappeared(let row):
                alarms.remove(subject(row))
                reviewCapacity(snapshot)
                if let master = row.link.master.flatMap(snapshot.row), isDown(master) {
                    judge(master, snapshot, soak: Self.timeToComeUp)
                }
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

    /// There may be room for all again.
    private func reviewCapacity(_ snapshot: InterfaceSnapshot) {
        if alarms.isRaised(Self.capacity), !snapshot.exceedsLimit { alarms.clear(Self.capacity) }
    }

    /// Drops what a restart has left of interfaces that are others by now, or gone.
    private func reconcile(_ snapshot: InterfaceSnapshot) {
        alarms.retain { key in
            if key == Self.capacity { return snapshot.exceedsLimit }
            guard let index = key.subject.interface else { return true }
            guard let row = snapshot.row(index), row.link.name == key.subject.name else { return false }
            return key.kind != .flapping || row.flapping.isDamped
        }
    }

    private func judge(_ row: InterfaceRow, _ snapshot: InterfaceSnapshot, soak: Duration) {
        let key = AlarmKey(.linkDown, subject(row))
        guard let failure = failure(of: row, snapshot) else { return alarms.clear(key) }
        alarms.raise(
            key, row.interface.isPhysical || row.link.isOverPorts ? .major : .minor, failure.text,
            cause: failure.below.map { AlarmKey(.linkDown, subject($0)) }, soak: soak)
    }

    /// Why a row is down that should not be, and what below it explains that; nil when nothing is wrong.
    ///
    /// What is down because everything below it is shut is as its administrator wants it.
    ///
    /// - Parameter depth: how many layers were looked through already; the kernel bounds them at 8 (MAX_NEST_DEV,
    ///   linux/netdevice.h).
    private func failure(
        of row: InterfaceRow, _ snapshot: InterfaceSnapshot, depth: Int = 0
    ) -> (text: String, below: InterfaceRow?)? {
        guard isDown(row), depth < 8 else { return nil }
        let name = row.link.name
        if row.link.isOverPorts {
            let ports = snapshot.stack.layersBelow(row.index).compactMap { snapshot.row($0) }
                .filter(\.link.isAdministrativelyUp)
            // A bridge nobody is plugged into misses nothing.
            guard !ports.isEmpty else { return nil }
            let failed = ports.first { failure(of: $0, snapshot, depth: depth + 1) != nil }
            // Of ports that run on what is shut none is missed either.
            guard failed != nil || !ports.allSatisfy(isDown) else { return nil }
            return ("\(name) is down: none of its \(ports.count) ports is up", failed)
        }
        if let below = row.link.layerBelow.flatMap(snapshot.row) {
            guard below.link.isAdministrativelyUp else { return nil }
            let isFailed = failure(of: below, snapshot, depth: depth + 1) != nil
            guard isFailed || !isDown(below) else { return nil }
            return ("\(name) is down: it runs on \(below.link.name)", isFailed ? below : nil)
        }
        return ("\(name) is down: no carrier", nil)
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
