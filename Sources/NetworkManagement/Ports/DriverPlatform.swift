package import NetworkModel

/// Everything about drivers and devices at one moment.
package struct DriverSurvey: Sendable, Hashable {
    package var devices: [NetworkDevice] = []
    package var modules: [DriverName: LoadedModule] = [:]

    package init() {}
}

/// What a driver itself says, by devlink, of one part of a device.
package struct HealthReporter: Sendable, Hashable {
    package let device: DeviceAddress
    /// As "tx", "fw_fatal".
    package let name: String
    /// Whether there is no error that was not recovered from.
    package let isHealthy: Bool
    /// Errors so far, recovered from or not.
    package let errors: UInt64

    package init(device: DeviceAddress, name: String, isHealthy: Bool, errors: UInt64) {
        self.device = device
        self.name = name
        self.isHealthy = isHealthy
        self.errors = errors
    }
}

/// Finds devices, and loads and binds their drivers. Any thread; calls that change something may block for seconds.
package protocol DriverPlatform: Sendable {
    var moduleSupport: ModuleSupport { get }

    /// The devices, ascending by address, and the loaded modules.
    func survey() throws(PlatformError) -> DriverSurvey

    /// nil when there is no such module.
    func facts(of driver: DriverName) -> ModuleFacts?

    /// Loads a module and what it depends on; complete when its devices have been probed. Loading what is loaded does
    /// nothing.
    ///
    /// - Parameter options: "NAME=VALUE" each; values without spaces.
    func load(_ driver: DriverName, options: [String]) throws(PlatformError)

    /// Unloads a module, and nothing else.
    func unload(_ driver: DriverName) throws(PlatformError)

    /// Has a driver probe a device that has none.
    ///
    /// - Parameters:
    ///   - busDriver: as the bus calls it.
    ///   - isForced: even one that does not know the device's identifiers (driver_override).
    func bind(_ device: DeviceAddress, to busDriver: String, isForced: Bool) throws(PlatformError)

    /// Takes a device from its driver.
    func unbind(_ device: DeviceAddress) throws(PlatformError)

    /// Whether the bus can reset a device.
    func canReset(_ device: DeviceAddress) -> Bool

    /// Resets a device on its bus; its interfaces are down.
    func reset(_ device: DeviceAddress) throws(PlatformError)

    /// What drivers report of their devices' health; empty where the kernel has no devlink, or no driver does.
    func healthReporters() throws(PlatformError) -> [HealthReporter]

    /// The values of a loaded module's parameters; those that cannot be read are left out.
    func parameters(of driver: DriverName) -> [String: String]

    func setParameter(_ name: String, of driver: DriverName, to value: String) throws(PlatformError)
}

/// Tells that devices, drivers or modules came, went or changed.
package protocol DriverEventPlatform: Sendable {
    /// Calls `handler` on the platform's own thread whenever something may have changed, once for all that one wake-up
    /// brought, until `stop`; first when it has begun to listen.
    func start(_ handler: @escaping @Sendable () -> Void) throws(PlatformError)
    /// No call of the handler begins after this returns.
    func stop()
}
