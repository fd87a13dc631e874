package import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

extension MIBNotification {
    /// What a console is told of an event; nil when it is told nothing.
    package init?(_ event: DriverEvent, _ objects: DriverObjects) {
        switch event {
        case .loaded(let row):
            self.init(
                OrionDriverMIB.orionDriverLoaded,
                objects.bindings([.orionDriverName, .orionDriverOperState, .orionDriverLastCause], row)
                    + [text("driver \(row.name) was loaded: \(row.history.lastCause)")])
        case .unloaded(let row):
            self.init(
                OrionDriverMIB.orionDriverUnloaded,
                objects.bindings([.orionDriverName, .orionDriverOperState, .orionDriverLastCause], row)
                    + [text("driver \(row.name) was unloaded: \(row.history.lastCause)")])
        case .failed(let row, let reason):
            self.init(
                OrionDriverMIB.orionDriverFailed,
                objects.bindings(
                    [.orionDriverName, .orionDriverOperState, .orionDriverHealth, .orionDriverLastError], row)
                    + [text("driver \(row.name) failed: \(reason)")])
        case .recovered(let row):
            self.init(
                OrionDriverMIB.orionDriverRecovered,
                objects.bindings([.orionDriverName, .orionDriverOperState, .orionDriverHealth], row)
                    + [text("driver \(row.name) works again")])
        case .fallbackUsed(let row, let wanted, let used, let reason):
            self.init(
                OrionDriverMIB.orionDriverFallbackUsed,
                objects.bindings([.orionDeviceBus, .orionDeviceAddress, .orionDeviceDriver], row) + [
                    VarBind(
                        OrionDriverMIB.orionDriverEventWanted.oid.appending(0), .text(wanted.description)),
                    text("\(row.record.address) fell back from \(wanted) to \(used): \(reason)"),
                ])
        case .deviceAdded(let row):
            self.init(OrionDriverMIB.orionDeviceAdded, objects.bindings(Self.deviceColumns, row))
        case .deviceRemoved(let row):
            self.init(
                OrionDriverMIB.orionDeviceRemoved,
                objects.bindings([.orionDeviceBus, .orionDeviceAddress, .orionDeviceModalias], row))
        case .healthChanged(let row, let health):
            self.init(
                OrionDriverMIB.orionDriverHealthChanged,
                objects.bindings(Self.healthColumns, row) + [
                    text("driver \(row.name) is \(health)\(row.evidence.isEmpty ? "" : ": \(row.evidence)")")
                ])
        case .recoveryWanted(let row, let device, let step, let reason):
            self.init(
                OrionDriverMIB.orionDriverRecovery,
                objects.bindings(Self.healthColumns, row) + [
                    text("\(step.rawValue) of \(device.record.address), since \(reason)")
                ])
        case .recoveryHeld(let row, let device, let reason):
            self.init(
                OrionDriverMIB.orionDriverRecovery,
                objects.bindings(Self.healthColumns, row) + [
                    text("nothing is done about \(device.record.address): \(reason)")
                ])
        case .driverWanted, .loadWanted, .limitExceeded: return nil
        }
    }

    private static let healthColumns: [OrionDriverMIB.OrionDriverEntry.Column] = [
        .orionDriverName, .orionDriverOperState, .orionDriverHealth, .orionDriverEvidence,
    ]

    private static let deviceColumns: [OrionDriverMIB.OrionDeviceEntry.Column] = [
        .orionDeviceBus, .orionDeviceAddress, .orionDeviceDriver, .orionDeviceModalias,
    ]
}

private func text(_ text: String) -> VarBind {
    VarBind(OrionDriverMIB.orionDriverEventText.oid.appending(0), .line(text))
}

extension DriverObjects {
    fileprivate func bindings(
        _ columns: [OrionDriverMIB.OrionDriverEntry.Column], _ row: DriverRow
    ) -> [VarBind] {
        columns.map { VarBind($0.schema.oid.appending(row.index), value($0, of: row)) }
    }

    fileprivate func bindings(
        _ columns: [OrionDriverMIB.OrionDeviceEntry.Column], _ row: DeviceRow
    ) -> [VarBind] {
        let snapshot = manager.snapshot
        return columns.map { VarBind($0.schema.oid.appending(row.index), value($0, of: row, in: snapshot)) }
    }
}
