package import NetworkManagement
package import NetworkModel
package import Synchronization

/// One device, and the modules that tests put there.
///
/// Passes `DriverPlatformConformance`, as the real one does.
package final class FakeDriverPlatform: DriverPlatform, DriverStore {
    package struct State {
        package var support = ModuleSupport.available
        package var device = NetworkDevice(address: DeviceAddress(bus: "pci", name: "0000:00:03.0"))
        package var modules: [DriverName: LoadedModule] = [:]
        package var facts: [DriverName: ModuleFacts] = [:]
        /// Modules whose probe takes no device.
        package var unfit: Set<DriverName> = []
        package var hasDevice = true
        /// The device is pulled when a driver is to have it.
        package var vanishesWhenBound = false
        /// What the last module was loaded with.
        package var options: [String] = []
        /// No module takes it.
        package var refusedOption: String?
        /// Whether the bus can reset the device; nil: it can, and fails to.
        package var isResettable: Bool? = true
        package var reporters: [HealthReporter] = []
        package var book = DriverBook()
    }

    package let state = Mutex(State())

    package init() {}

    package var moduleSupport: ModuleSupport { state.withLock { $0.support } }

    package func survey() throws(PlatformError) -> DriverSurvey {
        state.withLock { state in
            var survey = DriverSurvey()
            survey.devices = state.hasDevice ? [state.device] : []
            survey.modules = state.modules
            return survey
        }
    }

    package func facts(of driver: DriverName) -> ModuleFacts? { state.withLock { $0.facts[driver] } }

    package func load(_ driver: DriverName, options: [String]) throws(PlatformError) {
        try state.withLock { state throws(PlatformError) in
            guard state.support == .available, state.facts[driver] != nil else {
                throw PlatformError(.notSupported, "loading \(driver): there is no module of that name")
            }
            if let refused = state.refusedOption, options.contains(refused) {
                throw PlatformError(.invalidValue, "loading \(driver)", errno: 22)
            }
            guard state.modules[driver] == nil else { return }
            state.options = options
            var module = LoadedModule(name: driver, references: 0, holders: [], isLive: true)
            module.busDrivers = ["pci:\(driver)"]
            state.modules[driver] = module
            if !state.unfit.contains(driver), state.device.driver == nil, state.device.candidates.contains(driver) {
                state.device.driver = driver
                state.device.busDriver = driver.description
            }
        }
    }

    package func unload(_ driver: DriverName) throws(PlatformError) {
        try state.withLock { state throws(PlatformError) in
            guard state.modules.removeValue(forKey: driver) != nil else {
                throw PlatformError(.notSupported, "unloading \(driver): it is not loaded", errno: 2)
            }
            if state.device.driver == driver {
                state.device.driver = nil
                state.device.busDriver = nil
            }
        }
    }

    package func bind(_ device: DeviceAddress, to busDriver: String, isForced: Bool) throws(PlatformError) {
        try change(device, "binding") { state throws(PlatformError) in
            if state.vanishesWhenBound {
                state.hasDevice = false
                throw PlatformError(.notSupported, "binding", errno: 19)
            }
            guard let driver = DriverName(busDriver), state.modules[driver] != nil, !state.unfit.contains(driver) else {
                throw PlatformError(.notSupported, "probe", errno: 19)
            }
            guard state.device.driver == nil else { throw PlatformError(.busy, "binding", errno: 16) }
            state.device.driver = driver
            state.device.busDriver = busDriver
        }
    }

    package func unbind(_ device: DeviceAddress) throws(PlatformError) {
        try change(device, "unbinding") { state throws(PlatformError) in
            guard state.device.driver != nil else { throw PlatformError(.notSupported, "unbinding", errno: 19) }
            state.device.driver = nil
            state.device.busDriver = nil
        }
    }

    package func canReset(_ device: DeviceAddress) -> Bool {
        state.withLock { $0.hasDevice && $0.device.address == device && $0.isResettable ?? true }
    }

    package func reset(_ device: DeviceAddress) throws(PlatformError) {
        try change(device, "resetting") { state throws(PlatformError) in
            guard state.isResettable == true else { throw PlatformError(.failed, "resetting \(device)", errno: 25) }
        }
    }

    package func healthReporters() throws(PlatformError) -> [HealthReporter] { state.withLock { $0.reporters } }

    private func change(
        _ device: DeviceAddress, _ action: String, _ body: (inout State) throws(PlatformError) -> Void
    ) throws(PlatformError) {
        try state.withLock { state throws(PlatformError) in
            guard state.hasDevice, state.device.address == device else {
                throw PlatformError(.notSupported, "\(action) \(device): there is no such device", errno: 2)
            }
            try body(&state)
        }
    }

    package func parameters(of driver: DriverName) -> [String: String] {
        state.withLock { state in
            guard state.modules[driver] != nil, let facts = state.facts[driver] else { return [:] }
            return Dictionary(facts.parameters.map { ($0.name, "0") }) { first, _ in first }
        }
    }

    package func setParameter(_ name: String, of driver: DriverName, to value: String) throws(PlatformError) {
        let isKnown = state.withLock { state in
            state.modules[driver] != nil && state.facts[driver]?.parameters.contains { $0.name == name } ?? false
        }
        guard isKnown else { throw PlatformError(.notSupported, "setting \(name) of \(driver)", errno: 2) }
    }

    package func loadDrivers() async throws(StoreError) -> DriverBook { state.withLock { $0.book } }

    package func saveDrivers(_ book: DriverBook) async throws(StoreError) { state.withLock { $0.book = book } }
}
