package import NetworkModel

/// Something that speaks against a driver.
package struct DriverSymptom: Sendable, Hashable {
    package enum Kind: UInt8, Sendable, Hashable, CaseIterable {
        /// A transmit queue did not move for so long that the kernel reset it (dev_watchdog, net/sched/sch_generic.c).
        case transmitTimeout
        /// The driver says that its hardware hangs.
        case hang
        /// The device does not answer on its bus any more.
        case deviceLost
        /// A health reporter of the driver's has an error that it did not recover from.
        case reportedError
        /// The kernel stumbled within the driver.
        case crash
        /// The driver reset its hardware.
        case reset
        /// A health reporter had an error, and recovered from it.
        case reportedRecovery
        /// The driver logged an error.
        case loggedError
        /// Carrier was lost more often than a cable explains.
        case carrierStorm
        /// Too many of the packets are erroneous.
        case errorRate

        package var health: DriverHealth {
            switch self {
            case .transmitTimeout, .hang, .deviceLost, .reportedError, .crash: .failed
            case .reset, .reportedRecovery, .loggedError, .carrierStorm, .errorRate: .degraded
            }
        }

        /// Whether the steps of the ladder can help: not against bad cables, nor with a driver that has crashed.
        package var isTreatable: Bool {
            switch self {
            case .transmitTimeout, .hang, .deviceLost, .reportedError, .carrierStorm: true
            case .crash, .reset, .reportedRecovery, .loggedError, .errorRate: false
            }
        }
    }

    package let kind: Kind
    package let driver: DriverName
    /// nil when it is about the driver as a whole.
    package let device: DeviceAddress?
    /// As the kernel said it, or measured.
    package let text: String

    package init(_ kind: Kind, _ driver: DriverName, _ device: DeviceAddress?, _ text: String) {
        self.kind = kind
        self.driver = driver
        self.device = device
        self.text = text
    }

    /// nil when a record of the kernel's log speaks against no driver of `snapshot`.
    package init?(_ entry: KernelLogEntry, in snapshot: DriverSnapshot) {
        let (driver, device) = Self.subject(of: entry, snapshot)
        guard let driver, let kind = Self.kind(of: entry) else { return nil }
        self.init(kind, driver, device, String(entry.text.prefix(160)))
    }

    private static let phrases: [(Kind, [String])] = [
        (.transmitTimeout, ["netdev watchdog", "transmit queue timed out", "tx timeout"]),
        (.hang, ["unit hang", "tx hang", "transmit hang", "firmware hang", "hardware error"]),
        (.deviceLost, ["pcie link lost", "device not responding", "unable to change power state"]),
        (.reset, ["reset adapter", "resetting adapter", "adapter reset", "resetting device", "resetting the device"]),
    ]

    private static func kind(of entry: KernelLogEntry) -> Kind? {
        // "RIP: 0010:e1000_clean+0x40/0x9c0 [e1000]"
        if entry.text.hasPrefix("RIP: ") { return .crash }
        let text = entry.text.lowercased()
        if let found = phrases.first(where: { $0.1.contains { text.contains($0) } }) { return found.0 }
        // LOG_ERR of syslog(3), and worse.
        return entry.level <= 3 && (entry.device != nil || entry.interface != nil) ? .loggedError : nil
    }

    /// What a record is about: by the kernel's own word, else by "(e1000)" or "[e1000]" in the text.
    private static func subject(
        of entry: KernelLogEntry, _ snapshot: DriverSnapshot
    ) -> (DriverName?, DeviceAddress?) {
        let row: DeviceRow? =
            entry.device.flatMap { snapshot.device($0) }
            ?? entry.interface.flatMap { index in
                snapshot.devices.first { $0.device.interfaces[index] != nil }
            }
        if let row { return (row.device.driver, row.record.address) }
        for (opening, closing) in [("(", ")"), ("[", "]")] {
            guard let start = entry.text.lastIndex(of: Character(opening)),
                let end = entry.text[start...].firstIndex(of: Character(closing)),
                let driver = DriverName(entry.text[entry.text.index(after: start)..<end]),
                snapshot.driver(driver) != nil
            else { continue }
            // "NETDEV WATCHDOG: eth0 (e1000): transmit queue 0 timed out"
            let words = entry.text[..<start].split(separator: " ")
            let device = snapshot.devices.first { row in
                row.device.driver == driver && row.device.interfaces.values.contains { words.last == $0[...] }
            }
            return (driver, device?.record.address)
        }
        return (nil, nil)
    }
}
