/// Compares the alarms of the managers with what holds, once a second.
///
/// Events raise and clear at once; but not every condition ends with one, and a restart forgets which had begun.
package struct AlarmReview: Sendable {
    private let alarms: AlarmManager
    private let interfaces: InterfaceAlarms
    private let drivers: @Sendable () -> DriverSnapshot
    private let drift: @Sendable () -> [ConfigurationDrift]

    /// - Parameters:
    ///   - drivers: as they are now; so with `drift`, the settings that the kernel has otherwise.
    package init(
        _ alarms: AlarmManager, interfaces: InterfaceAlarms, drivers: @escaping @Sendable () -> DriverSnapshot,
        drift: @escaping @Sendable () -> [ConfigurationDrift]
    ) {
        self.alarms = alarms
        self.interfaces = interfaces
        self.drivers = drivers
        self.drift = drift
    }

    /// On the upkeep thread.
    package func tick() {
        ManagerAlarms(alarms).review(drift())
        let drivers = drivers()
        // Before the first look at the drivers nothing is known about them.
        if drivers.surveys > 0 { ManagerAlarms(alarms).review(drivers) }
        interfaces.review()
    }
}
