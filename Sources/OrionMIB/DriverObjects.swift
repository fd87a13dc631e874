package import NetworkManagement
package import NetworkModel
import OrionSchema
package import SMI

/// ORION-DRIVER-MIB over the driver manager.
package struct DriverObjects: Sendable {
    let manager: DriverManager
    let uptime: UptimeReference
    let wallClock: any WallClock

    package init(manager: DriverManager, uptime: UptimeReference, wallClock: any WallClock) {
        self.manager = manager
        self.uptime = uptime
        self.wallClock = wallClock
    }

    package var preparer: any SetPreparer { DriverPreparer(manager: manager) }

    package var tables: [any TableSource] {
        [DriverTable(objects: self), DeviceTable(objects: self), DriverParameterTable(manager: manager)]
    }

    package var writableTables: [any WritableTable] {
        [
            WritableDriverTable(manager: manager), WritableDeviceTable(manager: manager),
            WritableDriverParameterTable(manager: manager),
        ]
    }

    package var scalars: [ScalarSource] {
        OrionDriverMIB.Scalar.allCases.compactMap { scalar in
            // What only notifications carry is not read.
            scalar.schema.access.isReadable ? ScalarSource(scalar.schema) { value(of: scalar) } : nil
        }
    }

    /// The kinds of operations on drivers, and their identities.
    package static let kinds: [(OID, OperationKind)] = [
        (OrionDriverMIB.orionDriverLoad, .driverLoad), (OrionDriverMIB.orionDriverUnload, .driverUnload),
        (OrionDriverMIB.orionDriverReload, .driverReload),
        (OrionDriverMIB.orionDriverSetParameter, .driverParameter),
        (OrionDriverMIB.orionDeviceBind, .deviceBind), (OrionDriverMIB.orionDeviceUnbind, .deviceUnbind),
        (OrionDriverMIB.orionDeviceRebind, .deviceRebind), (OrionDriverMIB.orionDeviceRecover, .deviceRecover),
    ]

    private func value(of scalar: OrionDriverMIB.Scalar) -> Value? {
        let snapshot = manager.snapshot
        return switch scalar {
        case .orionDriverModuleSupport: .integer(Int32(snapshot.support.rawValue))
        case .orionDriverManagedCount: .gauge32(UInt32(clamping: snapshot.drivers.count { $0.isManaged }))
        case .orionDriverManagedLimit: .gauge32(UInt32(clamping: manager.options.managedDrivers))
        case .orionDriverDeviceCount: .gauge32(UInt32(clamping: snapshot.devices.count))
        case .orionDriverSurveys: .counter32(snapshot.surveys)
        case .orionDriverSurveyDuration:
            .gauge32(UInt32(clamping: Int64(snapshot.surveyDuration / .microseconds(1))))
        }
    }

    /// The value of a column for a driver.
    func value(_ column: OrionDriverMIB.OrionDriverEntry.Column, of row: DriverRow) -> Value {
        switch column {
        case .orionDriverName: .text(row.name.description)
        case .orionDriverDescription: .line(row.facts.summary)
        case .orionDriverVersion: .line(row.facts.version)
        case .orionDriverOperState: .integer(Int32(row.state.rawValue))
        case .orionDriverAdminState: .integer(row.isAtWork ? 1 : 2)
        case .orionDriverBuiltIn: .truth(row.facts.isBuiltIn)
        case .orionDriverManaged: .truth(row.isManaged)
        case .orionDriverHealth: .integer(Int32(row.health.rawValue))
        case .orionDriverEvidence: .line(row.evidence)
        case .orionDriverDevices: .gauge32(UInt32(clamping: row.devices.count))
        case .orionDriverInterfaces: .gauge32(UInt32(clamping: row.interfaceCount))
        case .orionDriverReferences: .gauge32(UInt32(clamping: row.module?.references ?? 0))
        case .orionDriverUsedBy: .line(row.module?.holders.joined(separator: ",") ?? "")
        case .orionDriverLoads: .counter32(row.history.loads)
        case .orionDriverFailures: .counter32(row.history.failures)
        case .orionDriverLastDuration:
            .gauge32(UInt32(clamping: Int64((row.history.lastDuration ?? .zero) / .microseconds(1))))
        case .orionDriverLastChange: uptime.timeTicks(row.history.lastChange)
        case .orionDriverLastCause: .line(row.history.lastCause)
        case .orionDriverLastError: .line(row.history.lastError)
        case .orionDriverAutoLoad: .truth(row.isLoadedAutomatically)
        case .orionDriverFallback: .text(row.fallbacks.first?.description ?? "")
        case .orionDriverParameters: .line(row.options.joined(separator: " "))
        case .orionDriverQuarantine: .gauge32(quarantine(row.record))
        }
    }

    private func quarantine(_ record: DriverRecord) -> UInt32 {
        guard let end = record.quarantineEnd else { return 0 }
        return UInt32(clamping: end.seconds - wallClock.now().seconds)
    }

    /// The value of a column for a device.
    func value(
        _ column: OrionDriverMIB.OrionDeviceEntry.Column, of row: DeviceRow, in snapshot: DriverSnapshot
    ) -> Value {
        let device = row.device
        return switch column {
        case .orionDeviceBus: .text(device.address.bus.limited(toOctets: 64))
        case .orionDeviceAddress: .text(device.address.name.limited(toOctets: 128))
        case .orionDeviceVendor: .gauge32(device.vendor ?? 0)
        case .orionDeviceProduct: .gauge32(device.product ?? 0)
        case .orionDeviceClass: .gauge32(device.classCode ?? 0)
        case .orionDeviceModalias: .line(device.modalias)
        case .orionDeviceDriver: .text(device.driver?.description ?? "")
        case .orionDeviceDriverIndex: .gauge32(device.driver.flatMap { snapshot.driver($0)?.index } ?? 0)
        case .orionDeviceCandidates: .line(device.candidates.map(\.description).joined(separator: ","))
        case .orionDeviceChoice: .line(row.choice)
        case .orionDevicePreferred: .text(row.record.preferred?.description ?? "")
        case .orionDeviceInterfaces: .gauge32(UInt32(clamping: device.interfaces.count))
        case .orionDeviceIfIndex: .integer(Int32(device.interfaces.keys.map(\.number).min() ?? 0))
        case .orionDeviceLastChange: uptime.timeTicks(row.lastChange)
        case .orionDeviceLastError: .line(row.lastError)
        }
    }
}

/// Drivers and devices, as orionDriverName.N and orionDeviceBus.N.
package struct DriverTargets: OperationTargets {
    private static let driver = OrionDriverMIB.OrionDriverEntry.Column.orionDriverName.schema.oid
    private static let device = OrionDriverMIB.OrionDeviceEntry.Column.orionDeviceBus.schema.oid
    private let manager: DriverManager

    package init(_ manager: DriverManager) {
        self.manager = manager
    }

    package func target(of pointer: OID) -> OperationTarget? {
        guard let number = pointer.words.last else { return nil }
        let snapshot = manager.snapshot
        if pointer.count == Self.driver.count + 1, pointer.starts(with: Self.driver) {
            return snapshot.driver(number).map { .driver($0.name.description) }
        }
        guard pointer.count == Self.device.count + 1, pointer.starts(with: Self.device) else { return nil }
        return snapshot.device(number).map { .device($0.record.address) }
    }

    package func pointer(to target: OperationTarget) -> OID? {
        let snapshot = manager.snapshot
        switch target {
        case .driver(let text):
            return DriverName(text).flatMap { snapshot.driver($0) }.map { Self.driver.appending($0.index) }
        case .device(let address): return snapshot.device(address).map { Self.device.appending($0.index) }
        default: return nil
        }
    }
}
