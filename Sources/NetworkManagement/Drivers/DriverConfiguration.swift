package import NetworkModel

/// What `[drivers.NAME]` says of a driver itself; nil where it says nothing, and what was set by SNMP holds.
package struct DriverConfiguration: Sendable, Hashable {
    /// Whether it is loaded at the start, and again when something else unloads it; false: not even for a device.
    package var isLoadedAutomatically: Bool?
    /// What it is loaded with: "NAME=VALUE" each.
    package var options: [String]?
    /// Taken before others that fit a device as well.
    package var isPreferred = false
    /// Tried in this order when it fails.
    package var fallbacks: [DriverName]?

    init(_ item: ConfigurationItem) {
        isLoadedAutomatically = item["autoload"]?.boolean
        options = item["parameters"]?.list
        isPreferred = item["preferred"]?.boolean ?? false
        fallbacks = item["fallback"]?.list.map { names in names.compactMap { DriverName($0) } }
    }

    /// What is said of each driver; its parameters only when `driver_auto_config` lets them be applied.
    package static func all(of configuration: NetworkConfiguration) -> [DriverName: DriverConfiguration] {
        var all: [DriverName: DriverConfiguration] = [:]
        for (name, item) in configuration.items(of: .drivers) {
            guard let name = DriverName(name) else { continue }
            var driver = DriverConfiguration(item)
            if !configuration.networkManager.driverAutoConfig { driver.options = nil }
            all[name] = driver
        }
        return all
    }
}

extension DriverManager {
    /// What is wrong with what a configuration says of drivers, on this host.
    package func findings(for configuration: NetworkConfiguration) -> [ConfigurationFinding] {
        var findings: [ConfigurationFinding] = []
        for (name, item) in configuration.items(of: .drivers) {
            func add(_ severity: ConfigurationFinding.Severity, _ key: String, _ text: String) {
                findings.append(.init(severity, SettingPath(.drivers, name, key).description, text))
            }
            let driver = DriverName(name)
            for fallback in item["fallback"]?.list ?? [] {
                guard let other = DriverName(fallback) else {
                    add(
                        .error, "fallback",
                        "\"\(fallback)\" is not the name of a driver; expected letters, digits, \"_\" and \"-\"")
                    continue
                }
                if other == driver { add(.error, "fallback", "a driver is not its own fallback; remove it") }
            }
            let options = item["parameters"]?.list ?? []
            do throws(ManagementError) {
                _ = try DriverOrder.options(options)
            } catch {
                add(.error, "parameters", error.message)
                continue
            }
            guard let driver, !options.isEmpty || item["autoload"]?.boolean == true else { continue }
            let key = options.isEmpty ? "autoload" : "parameters"
            guard let facts = platform.facts(of: driver) else {
                let isError = configuration.networkManager.interfaceAbsent == .error
                add(
                    isError ? .error : .warning, key,
                    "there is no module \(driver) for this kernel; install it, or correct the name")
                continue
            }
            if facts.isBuiltIn, !options.isEmpty {
                add(
                    .warning, key,
                    "\(driver) is part of the kernel itself, which was given its parameters at the boot; "
                        + "say them on the kernel's command line, and remove them here")
                continue
            }
            for option in options.map({ $0.prefix { $0 != "=" } }) {
                guard !facts.parameters.contains(where: { $0.name == option }) else { continue }
                let names = facts.parameters.map(\.name).sorted().prefix(20).joined(separator: ", ")
                add(
                    .error, key,
                    "\(driver) has no parameter \(option); "
                        + (names.isEmpty ? "it has none at all, remove it" : "it has \(names)"))
            }
        }
        return findings
    }
}
