package import NetworkModel

package enum DriverState: UInt8, Sendable, Hashable, CaseIterable {
    case unknown = 1
    /// Could be loaded.
    case available = 2
    case loading = 3
    /// Loaded, and drives no device.
    case loaded = 4
    /// Drives at least one device.
    case bound = 5
    /// It was tried last without success.
    case failed = 6
    case unloading = 7
}

package enum DriverHealth: UInt8, Sendable, Hashable, CaseIterable {
    case healthy = 1
    case degraded = 2
    case failed = 3
}

/// One driver at one moment.
package struct DriverRow: Sendable, Hashable {
    package let record: DriverRecord
    package var facts = ModuleFacts()
    package var module: LoadedModule?
    package var state: DriverState = .unknown
    package var isManaged = false
    /// Whether it may be loaded unasked, the drivers to try when it fails, and what it is loaded with: as the
    /// configuration says or, where that says nothing, the record.
    package var isLoadedAutomatically = true
    package var fallbacks: [DriverName] = []
    package var options: [String] = []
    package var health: DriverHealth = .healthy
    /// What speaks for its being so; empty when it is healthy.
    package var evidence = ""
    /// The devices it drives, by index in the table of devices.
    package var devices: [UInt32] = []
    package var interfaceCount = 0
    package var history = DriverHistory()
    /// The values of its parameters; empty while it is not loaded.
    package var parameters: [String: String] = [:]

    package var index: UInt32 { record.index }
    package var name: DriverName { record.name }
    /// There, as a module or within the kernel.
    package var isPresent: Bool { module != nil || facts.isBuiltIn }
    /// It is there, or drives a device: a kernel without modules need not list what is built into it.
    package var isAtWork: Bool { isPresent || !devices.isEmpty }
    /// The last attempt to have it work did not succeed.
    package var hasFailed: Bool { state == .failed || record.failures > 0 }
}

/// What happened to a driver since the daemon started.
package struct DriverHistory: Sendable, Hashable {
    package var loads: UInt32 = 0
    package var failures: UInt32 = 0
    package var lastDuration: Duration?
    package var lastChange: MonotonicTime?
    /// Why it changed last, in words.
    package var lastCause = ""
    /// Empty when the last attempt succeeded.
    package var lastError = ""
}

/// One device at one moment.
package struct DeviceRow: Sendable, Hashable {
    package let record: DeviceRecord
    package var device: NetworkDevice
    /// Why it has the driver it has, or none.
    package var choice = ""
    package var lastChange: MonotonicTime?
    /// Empty when its driver was found at the first attempt.
    package var lastError = ""

    package var index: UInt32 { record.index }
}

/// All drivers and devices at one moment.
package struct DriverSnapshot: Sendable {
    /// Ascending by index.
    package internal(set) var drivers: [DriverRow] = []
    package internal(set) var devices: [DeviceRow] = []
    package internal(set) var support: ModuleSupport = .available
    /// How long the last look at everything took.
    package internal(set) var surveyDuration: Duration = .zero
    package internal(set) var surveys: UInt32 = 0

    package func driver(_ name: DriverName) -> DriverRow? { drivers.first { $0.name == name } }

    package func driver(_ index: UInt32) -> DriverRow? {
        drivers.firstIndex(of: index, by: \.index).map { drivers[$0] }
    }

    package func device(_ address: DeviceAddress) -> DeviceRow? { devices.first { $0.record.address == address } }

    package func device(_ index: UInt32) -> DeviceRow? {
        devices.firstIndex(of: index, by: \.index).map { devices[$0] }
    }
}

extension Array {
    /// By binary search in an array that ascends by `key`.
    fileprivate func firstIndex(of wanted: UInt32, by key: KeyPath<Element, UInt32>) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle][keyPath: key] < wanted { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low][keyPath: key] == wanted ? low : nil
    }
}

/// What happened to drivers and devices.
package enum DriverEvent: Sendable {
    case loaded(DriverRow)
    case unloaded(DriverRow)
    case failed(DriverRow, reason: String)
    /// It works again after it had failed.
    case recovered(DriverRow)
    /// A device got another driver than the one that was to have it.
    case fallbackUsed(DeviceRow, wanted: DriverName, used: DriverName, reason: String)
    case deviceAdded(DeviceRow)
    case deviceRemoved(DeviceRow)
    /// A device without a driver is to get one.
    case driverWanted(DeviceRow)
    /// A driver is to be loaded: the configuration says so.
    case loadWanted(DriverRow)
    /// What was seen of a driver at work makes it better or worse than it was.
    case healthChanged(DriverRow, DriverHealth)
    /// A step is to be made about a driver that does not work.
    case recoveryWanted(DriverRow, DeviceRow, RecoveryStep, reason: String)
    /// A step would be made, and something speaks against it.
    case recoveryHeld(DriverRow, DeviceRow, reason: String)
    /// There are more drivers than `manager_max_drivers`: this one is shown, not managed.
    case limitExceeded(DriverRow)
}

extension DriverEvent {
    /// What the daemon does about it by itself.
    package var order: OperationOrder? {
        switch self {
        case .driverWanted(let row): OperationOrder(.deviceBind, .device(row.record.address))
        case .loadWanted(let row): OperationOrder(.driverLoad, .driver(row.name.description))
        case .recoveryWanted(_, let device, let step, _):
            OperationOrder(.deviceRecover, .device(device.record.address), argument: step.rawValue)
        default: nil
        }
    }
}
