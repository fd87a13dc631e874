package import NetworkModel

/// What lasts of a driver.
package struct DriverRecord: Sendable, Hashable {
    package let name: DriverName
    /// 1..2147483647; no other driver ever had it.
    package let index: UInt32
    /// Whether it is loaded for a device that has no driver.
    package var isLoadedAutomatically = true
    /// Tried when this one fails on a device.
    package var fallback: DriverName?
    /// What it is loaded with: "NAME=VALUE" each.
    package var options: [String] = []
    /// How often in a row it has failed.
    package var failures: UInt32 = 0
    /// Until then it is not tried again unasked.
    package var quarantineEnd: WallTime?

    package init(name: DriverName, index: UInt32) {
        self.name = name
        self.index = index
    }
}

/// What lasts of a device.
package struct DeviceRecord: Sendable, Hashable {
    package let address: DeviceAddress
    /// 1..2147483647; no other device ever had it.
    package let index: UInt32
    /// Tried first.
    package var preferred: DriverName?

    package init(address: DeviceAddress, index: UInt32) {
        self.address = address
        self.index = index
    }
}

package struct DriverBook: Sendable, Hashable {
    package var drivers: [DriverRecord] = []
    package var devices: [DeviceRecord] = []

    package init() {}
}

/// Keeps what lasts of drivers and devices.
package protocol DriverStore: Sendable {
    /// As last saved; empty when nothing ever was.
    func loadDrivers() async throws(StoreError) -> DriverBook

    /// Puts `book` in the place of what was kept, whole or not at all, and durable when this returns.
    func saveDrivers(_ book: DriverBook) async throws(StoreError)
}
