import NetworkManagement
import NetworkModel
import Synchronization

/// One device, and the modules that tests put there.
final class FakeDriverPlatform: DriverPlatform, DriverStore {
    struct State {
        var support = ModuleSupport.available
        var device = NetworkDevice(address: DeviceAddress(bus: "pci", name: "0000:00:03.0"))
        var modules: [DriverName: LoadedModule] = [:]
        var facts: [DriverName: ModuleFacts] = [:]
        /// Modules whose probe takes no device.
        var unfit: Set<DriverName> = []
        var hasDevice = true
        /// What the last module was loaded with.
        var options: [String] = []
        /// No module takes it.
        var refusedOption: String?
        var book = DriverBook()
    }

    let state = Mutex(State())

    var moduleSupport: ModuleSupport { state.withLock { $0.support } }

    func survey() throws(PlatformError) -> DriverSurvey {
        state.withLock { state in
            var survey = DriverSurvey()
            survey.devices = state.hasDevice ? [state.device] : []
            survey.modules = state.modules
            return survey
        }
    }

    func facts(of driver: DriverName) -> ModuleFacts? { state.withLock { $0.facts[driver] } }

    func load(_ driver: DriverName, options: [String]) throws(PlatformError) {
        try state.withLock { state throws(PlatformError) in
            guard state.facts[driver] != nil else { throw PlatformError(.notSupported, "no module \(driver)") }
            if let refused = state.refusedOption, options.contains(refused) {
                throw PlatformError(.invalidValue, "loading \(driver)", errno: 22)
            }
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

    func unload(_ driver: DriverName) throws(PlatformError) {
        state.withLock { state in
            state.modules[driver] = nil
            if state.device.driver == driver {
                state.device.driver = nil
                state.device.busDriver = nil
            }
        }
    }

    func bind(_ device: DeviceAddress, to busDriver: String, isForced: Bool) throws(PlatformError) {
        try state.withLock { state throws(PlatformError) in
            guard let driver = DriverName(busDriver), !state.unfit.contains(driver) else {
                throw PlatformError(.notSupported, "probe", errno: 19)
            }
            state.device.driver = driver
            state.device.busDriver = busDriver
        }
    }

    func unbind(_ device: DeviceAddress) throws(PlatformError) {
        state.withLock { state in
            state.device.driver = nil
            state.device.busDriver = nil
        }
    }

    func parameters(of driver: DriverName) -> [String: String] { [:] }

    func setParameter(_ name: String, of driver: DriverName, to value: String) throws(PlatformError) {}

    func loadDrivers() async throws(StoreError) -> DriverBook { state.withLock { $0.book } }

    func saveDrivers(_ book: DriverBook) async throws(StoreError) { state.withLock { $0.book = book } }
}
