import NetworkManagement
import NetworkModel
import OrionSchema
package import SMI

/// ORION-INTERFACE-MIB: what IF-MIB has no object for.
package struct OrionInterfaceObjects: Sendable {
    let objects: InterfaceObjects
    /// `performance_monitoring_interval`, milliseconds.
    let sampleInterval: @Sendable () -> UInt32

    package init(_ objects: InterfaceObjects, sampleInterval: @escaping @Sendable () -> UInt32) {
        self.objects = objects
        self.sampleInterval = sampleInterval
    }

    package var scalars: [ScalarSource] {
        OrionInterfaceMIB.Scalar.allCases.map { scalar in
            ScalarSource(scalar.schema) { [objects, sampleInterval] in
                let snapshot = objects.interfaces.snapshot
                switch scalar {
                case .orionInterfaceManagedCount:
                    return .gauge32(UInt32(clamping: snapshot.rows.count { $0.isManaged }))
                case .orionInterfaceManagedLimit:
                    return .gauge32(UInt32(clamping: objects.interfaces.limits.managedInterfaces))
                case .orionInterfaceResynchronisations:
                    return .counter32(UInt32(truncatingIfNeeded: snapshot.resynchronisations))
                case .orionInterfaceOverruns:
                    return .counter32(UInt32(truncatingIfNeeded: snapshot.overruns))
                case .orionInterfaceSampleAge:
                    return objects.monitoring.age.map { .gauge32(UInt32(clamping: $0 / .milliseconds(1))) }
                case .orionInterfaceSampleInterval:
                    return .gauge32(sampleInterval())
                }
            }
        }
    }

    package var tables: [any TableSource] {
        [
            OrionInterfaceTable(objects: objects), OrionInterfaceStatisticTable(objects: objects),
            OrionInterfaceFeatureTable(interfaces: objects.interfaces),
            OrionInterfaceRingTable(interfaces: objects.interfaces),
            OrionInterfaceChannelTable(interfaces: objects.interfaces),
            OrionInterfaceCoalesceTable(interfaces: objects.interfaces),
        ]
    }

    package var writableTables: [any WritableTable] {
        [OrionInterfaceTable(objects: objects)]
    }
}

extension Duration {
    /// How many whole `unit`s it holds; 0 when negative.
    fileprivate static func / (duration: Duration, unit: Duration) -> Int64 {
        let ratio: Double = duration / unit
        return ratio > 0 ? Int64(ratio) : 0
    }
}

/// orionInterfaceTable, which augments ifTable.
struct OrionInterfaceTable: TableSource, WritableTable {
    let objects: InterfaceObjects

    var schema: TableSchema { OrionInterfaceMIB.OrionInterfaceEntry.table }

    func open() -> any TableReading {
        Reading(view: InterfaceView(objects))
    }

    struct Reading: TableReading {
        let view: InterfaceView

        var rows: RowIndex { view.rows }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionInterfaceMIB.OrionInterfaceEntry.Column(rawValue: column) else { return nil }
            let row = view.snapshot.rows[position]
            let link = row.link
            switch column {
            case .orionInterfaceStableId: return .text(row.interface.stableIdentifier.limited(toOctets: 255))
            case .orionInterfaceKind: return .text(link.kindName.limited(toOctets: 64))
            case .orionInterfaceDriver: return .text((row.device?.driver ?? "").limited(toOctets: 255))
            case .orionInterfaceBusAddress:
                return .text((row.device?.busAddress ?? link.parentDevice ?? "").limited(toOctets: 255))
            case .orionInterfacePermanentAddress: return .bytes(link.permanentAddress?.octets ?? [])
            case .orionInterfaceDuplex: return .integer(duplex(row).rawValue)
            case .orionInterfaceAutonegotiation: return .integer(autonegotiation(row).rawValue)
            case .orionInterfaceMtu: return .gauge32(link.mtu)
            case .orionInterfaceMtuMinimum: return link.minimumMTU.map { .gauge32($0) }
            case .orionInterfaceMtuMaximum: return link.maximumMTU.flatMap { $0 == 0 ? nil : .gauge32($0) }
            case .orionInterfaceQueueLength: return .gauge32(link.queueLength)
            case .orionInterfaceMaster: return .integer(Int32(link.master?.number ?? 0))
            case .orionInterfaceLower: return .integer(Int32(link.layerBelow?.number ?? 0))
            case .orionInterfaceManaged: return .truth(row.isManaged)
            case .orionInterfaceConfigLastChange: return view.uptime.timeTicks(row.configurationChange)
            case .orionInterfaceCarrierUpCount: return .counter32(link.carrierUpCount)
            case .orionInterfaceCarrierDownCount: return .counter32(link.carrierDownCount)
            case .orionInterfaceLinkFailureReason: return .integer(failureReason(row).rawValue)
            case .orionInterfaceDampingState: return .integer(row.flapping.isDamped ? 2 : 1)
            case .orionInterfaceFlapCount: return .counter32(row.flapping.transitions)
            case .orionInterfaceFlapSuppressed: return .counter32(row.flapping.suppressed)
            case .orionInterfaceCollisions: return view.count64(position) { $0.collisions }
            case .orionInterfaceInLengthErrors: return view.count64(position) { $0.receiveLengthErrors }
            case .orionInterfaceInOverErrors: return view.count64(position) { $0.receiveOverErrors }
            case .orionInterfaceInCrcErrors: return view.count64(position) { $0.receiveCRCErrors }
            case .orionInterfaceInFrameErrors: return view.count64(position) { $0.receiveFrameErrors }
            case .orionInterfaceInFifoErrors: return view.count64(position) { $0.receiveFIFOErrors }
            case .orionInterfaceInMissedErrors: return view.count64(position) { $0.receiveMissedErrors }
            case .orionInterfaceInNoHandler: return view.count64(position) { $0.receiveNoHandler }
            case .orionInterfaceOutAbortedErrors: return view.count64(position) { $0.transmitAbortedErrors }
            case .orionInterfaceOutCarrierErrors: return view.count64(position) { $0.transmitCarrierErrors }
            case .orionInterfaceOutFifoErrors: return view.count64(position) { $0.transmitFIFOErrors }
            case .orionInterfaceOutHeartbeatErrors: return view.count64(position) { $0.transmitHeartbeatErrors }
            case .orionInterfaceOutWindowErrors: return view.count64(position) { $0.transmitWindowErrors }
            }
        }

        private func duplex(_ row: InterfaceRow) -> OrionInterfaceMIB.OrionDuplex {
            switch row.settings?.duplex {
            case .half: .half
            case .full: .full
            case .unknown, nil: .unknown
            }
        }

        private func autonegotiation(_ row: InterfaceRow) -> OrionInterfaceMIB.OrionSetting {
            switch row.settings?.autonegotiation {
            case true: .enabled
            case false: .disabled
            case nil: .unknown
            }
        }

        private func failureReason(_ row: InterfaceRow) -> OrionInterfaceMIB.OrionLinkFailureReason {
            guard !row.link.carrier, let state = row.settings?.extendedState else { return .none }
            // enum ethtool_link_ext_state begins with 0 where the enumeration begins with autonegotiation(3).
            return OrionInterfaceMIB.OrionLinkFailureReason(rawValue: Int32(state) + 3) ?? .other
        }
    }

    func change(
        column: Int, row tail: ArraySlice<UInt32>, to value: Value
    ) throws(WriteRefusal) -> ManagedChange {
        guard let column = OrionInterfaceMIB.OrionInterfaceEntry.WritableColumn(rawValue: column) else {
            throw WriteRefusal(.notWritable)
        }
        let index = try objects.interfaces.index(of: tail)
        switch column {
        case .orionInterfaceMtu: return .interface(InterfaceRequest(index, .mtu(try value.unsigned())))
        case .orionInterfaceQueueLength: return .interface(InterfaceRequest(index, .queueLength(try value.unsigned())))
        case .orionInterfaceManaged: return .interface(InterfaceRequest(index, .managed(try value.truth())))
        }
    }
}

/// orionInterfaceStatisticTable: the driver's own counters by its own names.
struct OrionInterfaceStatisticTable: TableSource {
    let objects: InterfaceObjects
    private let reading = Derived<DriverStatistics.Snapshot, Reading> { Reading($0) }

    init(objects: InterfaceObjects) {
        self.objects = objects
    }

    var schema: TableSchema { OrionInterfaceMIB.OrionInterfaceStatisticEntry.table }

    func open() -> any TableReading {
        reading.of(objects.statistics.demand(.everything))
    }

    final class Reading: TableReading, Sendable {
        let rows: RowIndex
        private let statistics: [DriverStatistic]

        init(_ snapshot: DriverStatistics.Snapshot) {
            statistics = snapshot.entries.flatMap(\.statistics)
            rows = RowIndex(
                snapshot.entries.flatMap { entry in
                    entry.statistics.indices.map { [entry.index.number, UInt32($0) + 1] }
                })
        }

        func value(column: Int, row: Int) -> Value? {
            guard let column = OrionInterfaceMIB.OrionInterfaceStatisticEntry.Column(rawValue: column) else {
                return nil
            }
            switch column {
            case .orionInterfaceStatisticName: return .text(statistics[row].name.limited(toOctets: 255))
            case .orionInterfaceStatisticValue: return .counter64(statistics[row].value)
            }
        }
    }
}

/// orionInterfaceFeatureTable: the offload features.
struct OrionInterfaceFeatureTable: TableSource {
    let interfaces: InterfaceManager
    private let reading = Derived<InterfaceSnapshot, Reading> { Reading($0) }

    init(interfaces: InterfaceManager) {
        self.interfaces = interfaces
    }

    var schema: TableSchema { OrionInterfaceMIB.OrionInterfaceFeatureEntry.table }

    func open() -> any TableReading {
        reading.of(interfaces.snapshot)
    }

    final class Reading: TableReading, Sendable {
        let rows: RowIndex
        /// For each row the interface's position, and the feature's among the interface's.
        private let places: [(row: Int, feature: Int)]
        private let snapshot: InterfaceSnapshot

        init(_ snapshot: InterfaceSnapshot) {
            self.snapshot = snapshot
            places = snapshot.rows.indices.flatMap { row in
                (snapshot.rows[row].settings?.features ?? []).indices.map { (row, $0) }
            }
            rows = RowIndex(places.map { [snapshot.indexes[$0.row], UInt32($0.feature) + 1] })
        }

        func value(column: Int, row: Int) -> Value? {
            guard let column = OrionInterfaceMIB.OrionInterfaceFeatureEntry.Column(rawValue: column) else { return nil }
            let place = places[row]
            guard let feature = snapshot.rows[place.row].settings?.features[place.feature] else { return nil }
            switch column {
            case .orionInterfaceFeatureName: return .text(feature.name.limited(toOctets: 255))
            case .orionInterfaceFeatureActive: return .truth(feature.isActive)
            case .orionInterfaceFeatureRequested: return .truth(feature.isRequested)
            case .orionInterfaceFeatureChangeable: return .truth(feature.isChangeable)
            }
        }
    }
}

/// The rows of a table that only some interfaces have: those for which `pick` finds something.
private final class SparseRows<Part: Sendable>: Sendable {
    let rows: RowIndex
    let parts: [Part]

    init(_ snapshot: InterfaceSnapshot, _ pick: (LinkSettings) -> Part?) {
        var indexes: [UInt32] = []
        var parts: [Part] = []
        for row in snapshot.rows {
            guard let part = row.settings.flatMap(pick) else { continue }
            indexes.append(row.index.number)
            parts.append(part)
        }
        rows = .integers(indexes)
        self.parts = parts
    }
}

/// orionInterfaceRingTable.
struct OrionInterfaceRingTable: TableSource {
    let interfaces: InterfaceManager
    private let derived = Derived<InterfaceSnapshot, SparseRows<RingSizes>> { SparseRows($0) { $0.rings } }

    init(interfaces: InterfaceManager) {
        self.interfaces = interfaces
    }

    var schema: TableSchema { OrionInterfaceMIB.OrionInterfaceRingEntry.table }

    func open() -> any TableReading {
        Reading(sparse: derived.of(interfaces.snapshot))
    }

    private struct Reading: TableReading {
        let sparse: SparseRows<RingSizes>

        var rows: RowIndex { sparse.rows }

        func value(column: Int, row: Int) -> Value? {
            guard let column = OrionInterfaceMIB.OrionInterfaceRingEntry.Column(rawValue: column) else { return nil }
            let rings = sparse.parts[row]
            switch column {
            case .orionInterfaceRingReceive: return .gauge32(rings.receive)
            case .orionInterfaceRingReceiveMax: return .gauge32(rings.receiveMaximum)
            case .orionInterfaceRingTransmit: return .gauge32(rings.transmit)
            case .orionInterfaceRingTransmitMax: return .gauge32(rings.transmitMaximum)
            }
        }
    }
}

/// orionInterfaceChannelTable.
struct OrionInterfaceChannelTable: TableSource {
    let interfaces: InterfaceManager
    private let derived = Derived<InterfaceSnapshot, SparseRows<ChannelCounts>> { SparseRows($0) { $0.channels } }

    init(interfaces: InterfaceManager) {
        self.interfaces = interfaces
    }

    var schema: TableSchema { OrionInterfaceMIB.OrionInterfaceChannelEntry.table }

    func open() -> any TableReading {
        Reading(sparse: derived.of(interfaces.snapshot))
    }

    private struct Reading: TableReading {
        let sparse: SparseRows<ChannelCounts>

        var rows: RowIndex { sparse.rows }

        func value(column: Int, row: Int) -> Value? {
            guard let column = OrionInterfaceMIB.OrionInterfaceChannelEntry.Column(rawValue: column) else { return nil }
            let channels = sparse.parts[row]
            switch column {
            case .orionInterfaceChannelReceive: return .gauge32(channels.receive)
            case .orionInterfaceChannelReceiveMax: return .gauge32(channels.receiveMaximum)
            case .orionInterfaceChannelTransmit: return .gauge32(channels.transmit)
            case .orionInterfaceChannelTransmitMax: return .gauge32(channels.transmitMaximum)
            case .orionInterfaceChannelCombined: return .gauge32(channels.combined)
            case .orionInterfaceChannelCombinedMax: return .gauge32(channels.combinedMaximum)
            }
        }
    }
}

/// orionInterfaceCoalesceTable.
struct OrionInterfaceCoalesceTable: TableSource {
    let interfaces: InterfaceManager
    private let derived = Derived<InterfaceSnapshot, SparseRows<Coalescing>> { SparseRows($0) { $0.coalescing } }

    init(interfaces: InterfaceManager) {
        self.interfaces = interfaces
    }

    var schema: TableSchema { OrionInterfaceMIB.OrionInterfaceCoalesceEntry.table }

    func open() -> any TableReading {
        Reading(sparse: derived.of(interfaces.snapshot))
    }

    private struct Reading: TableReading {
        let sparse: SparseRows<Coalescing>

        var rows: RowIndex { sparse.rows }

        func value(column: Int, row: Int) -> Value? {
            guard let column = OrionInterfaceMIB.OrionInterfaceCoalesceEntry.Column(rawValue: column) else {
                return nil
            }
            let coalescing = sparse.parts[row]
            switch column {
            case .orionInterfaceCoalesceInTime: return coalescing.receiveMicroseconds.map { .gauge32($0) }
            case .orionInterfaceCoalesceInFrames: return coalescing.receiveFrames.map { .gauge32($0) }
            case .orionInterfaceCoalesceInAdaptive: return coalescing.isReceiveAdaptive.map { .truth($0) }
            case .orionInterfaceCoalesceOutTime: return coalescing.transmitMicroseconds.map { .gauge32($0) }
            case .orionInterfaceCoalesceOutFrames: return coalescing.transmitFrames.map { .gauge32($0) }
            case .orionInterfaceCoalesceOutAdaptive: return coalescing.isTransmitAdaptive.map { .truth($0) }
            }
        }
    }
}
