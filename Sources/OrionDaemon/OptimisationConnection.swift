import NetworkManagement
import NetworkModel
import Synchronization

extension OptimisationManager.Options {
    init(_ configuration: NetworkConfiguration) {
        let settings = configuration.networkManager
        self.init()
        isFinding = settings.performanceOptimizationEnabled
        isApplying = settings.interfaceOptimizationEnabled
        isBalancing = settings.loadBalancingEnabled
    }
}

/// Which settings of interfaces the configuration in force says; made before the manager that knows it.
final class ConfiguredSettings: Sendable {
    private let manager = Mutex<ConfigurationManager?>(nil)

    func connect(_ manager: ConfigurationManager) {
        self.manager.withLock { $0 = manager }
    }

    /// - Parameters:
    ///   - setting: the configuration's key, or the name of a feature.
    ///   - interface: by its name.
    func contains(_ setting: String, of interface: String) -> Bool {
        guard let snapshot = manager.withLock({ $0 })?.snapshot,
            let item = snapshot.configuration.items[.interfaces]?[interface]
        else { return false }
        if item[setting] != nil { return true }
        return ["offloads_on", "offloads_off"].contains { key in
            if case .list(let names)? = item[key] { names.contains(setting) } else { false }
        }
    }
}

extension DriverSnapshot {
    /// The interfaces of devices that have another driver than the first that knows them and has not failed.
    var betterDrivers: [InterfaceIndex: (present: String, better: String)] {
        var result: [InterfaceIndex: (present: String, better: String)] = [:]
        for row in devices {
            guard let present = row.device.driver, row.record.preferred != present,
                let better = row.device.candidates.first(where: { driver($0)?.health != .failed }), better != present,
                row.device.candidates.contains(present)
            else { continue }
            for index in row.device.interfaces.keys { result[index] = ("\(present)", "\(better)") }
        }
        return result
    }
}
