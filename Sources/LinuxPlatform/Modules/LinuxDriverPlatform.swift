import Glibc
package import NetworkManagement
package import NetworkModel

/// The drivers and devices of a Linux host: sysfs, procfs and libkmod.
///
/// Reading needs no privilege; loading needs CAP_SYS_MODULE, binding root.
package final class LinuxDriverPlatform: DriverPlatform, Sendable {
    private let library = ModuleLibrary()
    private let events: UeventMonitor?

    package init() {
        events = try? UeventMonitor()
    }

    package var moduleSupport: ModuleSupport {
        guard SysfsFile.exists("/proc/modules") else { return .noKernelSupport }
        var system = utsname()
        uname(&system)
        let release = withUnsafePointer(to: system.release) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: 65) { String(cString: $0) }
        }
        guard SysfsFile.exists("/lib/modules/\(release)/modules.dep.bin") else { return .noModules }
        let isLocked = SysfsFile.line("/proc/sys/kernel/modules_disabled") == "1"
        return isLocked || !Capability.modules.isEffective ? .notPermitted : .available
    }

    package func survey() throws(PlatformError) -> DriverSurvey {
        var survey = DriverSurvey()
        survey.modules = LoadedModules.read()
        for bus in SysfsFile.names(in: "/sys/bus") {
            for name in SysfsFile.names(in: "/sys/bus/\(bus)/devices") {
                let address = DeviceAddress(bus: bus, name: name)
                if let device = DeviceReader(address, library).networkDevice() { survey.devices.append(device) }
            }
        }
        survey.devices.sort { $0.address < $1.address }
        // Only those that drive something, or could, are looked at more closely.
        let names = Set(survey.devices.flatMap { $0.candidates + [$0.driver].compactMap { $0 } })
        for name in survey.modules.keys {
            guard names.contains(name) || SysfsFile.exists("/sys/module/\(name)/drivers") else { continue }
            survey.modules[name]?.busDrivers = SysfsFile.names(in: "/sys/module/\(name)/drivers").sorted()
        }
        return survey
    }

    package func facts(of driver: DriverName) -> ModuleFacts? { library.facts(of: driver) }

    package func load(_ driver: DriverName, options: [String]) throws(PlatformError) {
        try library.load(driver, options: options)
    }

    package func unload(_ driver: DriverName) throws(PlatformError) {
        try library.unload(driver)
    }

    package func bind(_ device: DeviceAddress, to busDriver: String, isForced: Bool) throws(PlatformError) {
        let override = "\(Self.path(of: device))/driver_override"
        let action = "binding \(device) to \(busDriver)"
        if isForced { try SysfsFile.write(busDriver, to: override, action) }
        defer {
            // An empty line takes it back; else no other driver could ever have the device.
            if isForced { try? SysfsFile.write("\n", to: override, action) }
        }
        try SysfsFile.write(device.name, to: "/sys/bus/\(device.bus)/drivers/\(busDriver)/bind", action)
    }

    package func unbind(_ device: DeviceAddress) throws(PlatformError) {
        try SysfsFile.write(
            device.name, to: "\(Self.path(of: device))/driver/unbind", "taking \(device) from its driver")
    }

    package func canReset(_ device: DeviceAddress) -> Bool {
        SysfsFile.exists("\(Self.path(of: device))/reset")
    }

    package func reset(_ device: DeviceAddress) throws(PlatformError) {
        try SysfsFile.write("1", to: "\(Self.path(of: device))/reset", "resetting \(device)")
    }

    package func healthReporters() throws(PlatformError) -> [HealthReporter] {
        try HealthReporter.all()
    }

    package func parameters(of driver: DriverName) -> [String: String] {
        let folder = "/sys/module/\(driver)/parameters"
        var values: [String: String] = [:]
        for name in SysfsFile.names(in: folder) {
            if let value = SysfsFile.line("\(folder)/\(name)") { values[name] = value }
        }
        return values
    }

    package func setParameter(_ name: String, of driver: DriverName, to value: String) throws(PlatformError) {
        let path = "/sys/module/\(driver)/parameters/\(name)"
        let action = "setting parameter \(name) of \(driver)"
        guard SysfsFile.exists(path) else {
            throw PlatformError(.notSupported, "\(action): it can be set only when the driver is loaded")
        }
        try SysfsFile.write(value, to: path, action)
    }

    private static func path(of device: DeviceAddress) -> String {
        "/sys/bus/\(device.bus)/devices/\(device.name)"
    }
}

extension LinuxDriverPlatform: DriverEventPlatform {
    package func start(_ handler: @escaping @Sendable () -> Void) throws(PlatformError) {
        guard let events else {
            throw PlatformError(.notSupported, "listening for devices: the kernel sends no uevents here")
        }
        try events.start(handler)
    }

    package func stop() {
        events?.stop()
    }
}
