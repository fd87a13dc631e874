import NetworkModel

/// Turns what happens to drivers, to the configuration and to operations into alarms.
package struct ManagerAlarms: Sendable {
    private let alarms: AlarmManager

    package init(_ alarms: AlarmManager) {
        self.alarms = alarms
    }

    private static let capacity = AlarmKey(.capacityExceeded, .system, detail: "drivers")
    private static let drift = AlarmKey(.configurationDrift, .system)
    private static let rejected = AlarmKey(.configurationRejected, .system)

    /// Drops what a restart has left of the health of drivers, which is watched from then on, and of operations, which
    /// ended with the daemon.
    package func begin() {
        alarms.retain { $0.kind != .operationStuck && ($0.kind != .driverFailed || $0.detail != Self.health) }
    }

    private static let health = "health"

    package func take(_ event: DriverEvent) {
        switch event {
        case .failed(let row, let reason):
            // A module that cannot be unloaded works as before.
            guard row.hasFailed else { return }
            alarms.raise(failure(row.name), .major, "driver \(row.name) failed: \(reason)")
        case .loaded(let row), .recovered(let row), .unloaded(let row): alarms.clear(failure(row.name))
        case .fallbackUsed(let row, let wanted, let used, let reason):
            alarms.raise(
                failure(wanted), .major,
                "driver \(wanted) failed for device \(row.record.address), which \(used) drives instead: \(reason)")
        case .healthChanged(let row, .healthy): alarms.clear(health(row.name))
        case .healthChanged(let row, let health):
            alarms.raise(
                self.health(row.name), health == .failed ? .major : .minor,
                "driver \(row.name) is \(health): \(row.evidence)")
        case .recoveryHeld(let row, let device, let reason):
            alarms.raise(
                health(row.name), .major,
                "nothing is done about driver \(row.name) and device \(device.record.address), since \(reason): "
                    + row.evidence)
        case .limitExceeded(let row):
            alarms.raise(
                Self.capacity, .warning,
                "more drivers than manager_max_drivers: \(row.name) and others are shown, not managed")
        case .deviceAdded, .deviceRemoved, .driverWanted, .loadWanted, .recoveryWanted: break
        }
    }

    package func take(_ event: ConfigurationEvent) {
        switch event {
        case .driftDetected(let drift): review(drift)
        // Some of it may be left: the next review knows.
        case .driftRepaired: break
        case .failed(let revision, _):
            alarms.raise(Self.rejected, .warning, "a configuration by \(revision.principal) could not be put in force")
        case .setNotKept(let principal, let finding):
            alarms.raise(
                Self.rejected, .warning,
                "a SET by \(principal.printableName) became no revision, and lasts until the next commit or restart: "
                    + "\(finding)")
        case .changed, .confirmed: accept()
        case .rolledBack, .interfacesConfigured: break
        }
    }

    /// A configuration was refused before there was a revision of it.
    package func reject(_ reason: String) {
        alarms.raise(Self.rejected, .warning, reason)
    }

    /// What is wanted is in force.
    package func accept() {
        alarms.clear(Self.rejected)
    }

    package func take(_ event: OperationEvent) {
        switch event {
        case .finished(let operation) where operation.state == .timedOut:
            let order = operation.order
            // It was told to end, and most do.
            alarms.raise(
                stuck(operation), .minor,
                "\(order.kind) of \(order.target) does not come back, and what is to follow it waits", soak: .seconds(5)
            )
        case .returned(let operation): alarms.clear(stuck(operation))
        case .started, .finished: break
        }
    }

    private func stuck(_ operation: Operation) -> AlarmKey {
        AlarmKey(.operationStuck, .system, detail: "\(operation.order.kind) of \(operation.order.target)")
    }

    /// What the kernel has otherwise than configured at present.
    func review(_ drift: [ConfigurationDrift]) {
        alarms.set(
            Self.drift, !drift.isEmpty, .warning,
            "the kernel differs from the configuration in \(drift.count) settings: \(drift.first?.text ?? "")")
    }

    /// The drivers at present.
    func review(_ snapshot: DriverSnapshot) {
        if snapshot.drivers.allSatisfy(\.isManaged) { alarms.clear(Self.capacity) }
        for row in snapshot.drivers where !row.hasFailed { alarms.clear(failure(row.name)) }
    }

    private func health(_ driver: DriverName) -> AlarmKey {
        AlarmKey(.driverFailed, .driver("\(driver)"), detail: Self.health)
    }

    private func failure(_ driver: DriverName) -> AlarmKey { AlarmKey(.driverFailed, .driver("\(driver)")) }
}
