import NetworkManagement
import NetworkModel
import Testing

/// What every implementation of the driver port fulfils, that of a kernel as well as a fake.
struct DriverPlatformConformance {
    let platform: any DriverPlatform
    /// A module that can be loaded and drives a device that has no driver; nil where none can be.
    let loadable: DriverName?

    private let absent = DeviceAddress(bus: "pci", name: "ffff:ff:1f.7")

    /// Runs everything; the loadable driver is not loaded, and ends so.
    func check() throws {
        try checkSurvey()
        try checkAbsence()
        try checkSupport()
        if let loadable { try checkLife(loadable) }
    }

    /// Devices are in order, each once, and what one says of its driver agrees.
    func checkSurvey() throws {
        let survey = try platform.survey()
        let addresses = survey.devices.map(\.address)
        #expect(zip(addresses, addresses.dropFirst()).allSatisfy { $0 < $1 })
        for device in survey.devices {
            #expect((device.driver == nil) == (device.busDriver == nil))
            #expect(Set(device.candidates).count == device.candidates.count)
            if let driver = device.driver, let module = survey.modules[driver] { #expect(module.isLive) }
        }
        for (name, module) in survey.modules { #expect(module.name == name && module.references >= 0) }
        #expect(try platform.survey().devices.map(\.address) == addresses)
        for reporter in try platform.healthReporters() { #expect(!reporter.name.isEmpty) }
    }

    /// What is not there cannot be asked for anything, and says so.
    func checkAbsence() throws {
        let name = try #require(DriverName("no_such_module"))
        #expect(platform.facts(of: name) == nil)
        #expect(platform.parameters(of: name).isEmpty)
        #expect(throws: PlatformError.self) { try platform.load(name, options: []) }
        #expect(throws: PlatformError.self) { try platform.unload(name) }
        #expect(throws: PlatformError.self) { try platform.setParameter("debug", of: name, to: "1") }
        #expect(!platform.canReset(absent))
        #expect(throws: PlatformError.self) { try platform.reset(absent) }
        #expect(throws: PlatformError.self) { try platform.unbind(absent) }
        #expect(throws: PlatformError.self) { try platform.bind(absent, to: "e1000", isForced: false) }
        #expect(throws: PlatformError.self) { try platform.bind(absent, to: "e1000", isForced: true) }
    }

    /// Where modules cannot be loaded, none is.
    func checkSupport() throws {
        guard platform.moduleSupport != .available else { return }
        let name = try #require(DriverName("e1000"))
        #expect(throws: PlatformError.self) { try platform.load(name, options: []) }
        #expect(try platform.survey().modules[name] == nil)
    }

    /// Loaded, bound, unbound, bound again, and unloaded: each shows, and twice is once or refused.
    private func checkLife(_ name: DriverName) throws {
        #expect(platform.facts(of: name)?.isBuiltIn == false)
        #expect(try platform.survey().modules[name] == nil)
        try platform.load(name, options: [])
        try platform.load(name, options: [])
        let survey = try platform.survey()
        let module = try #require(survey.modules[name])
        #expect(module.isLive && module.references == 0 && module.holders.isEmpty)
        let device = try #require(survey.devices.first { $0.driver == name })
        let busDriver = try #require(device.busDriver)
        #expect(module.busDrivers.contains("\(device.address.bus):\(busDriver)"))
        #expect(device.candidates.contains(name))
        #expect(throws: PlatformError.self) {
            try platform.bind(device.address, to: busDriver, isForced: false)
        }
        try platform.unbind(device.address)
        #expect(try platform.survey().devices.first { $0.address == device.address }?.driver == nil)
        #expect(throws: PlatformError.self) { try platform.unbind(device.address) }
        try platform.bind(device.address, to: busDriver, isForced: true)
        #expect(try platform.survey().devices.first { $0.address == device.address }?.driver == name)
        #expect(throws: PlatformError.self) { try platform.setParameter("no_such", of: name, to: "1") }
        try platform.unload(name)
        #expect(try platform.survey().modules[name] == nil)
        #expect(throws: PlatformError.self) { try platform.unload(name) }
    }
}
