import NetworkManagement
import NetworkModel
import OrionSchema
package import SMI

/// EtherLike-MIB over ethtool's settings and standard statistics (RFC 3635). A column is absent where the driver says
/// nothing.
package struct EthernetObjects: Sendable {
    let objects: InterfaceObjects
    /// The rows that are Ethernet and say so: their positions in the snapshot, and their indexes.
    let ports = Derived<InterfaceSnapshot, EthernetPorts> { EthernetPorts($0) }

    package init(_ objects: InterfaceObjects) {
        self.objects = objects
    }

    package var tables: [any TableSource] {
        [
            EthernetStatisticsTable(ethernet: self), EthernetHighCapacityTable(ethernet: self),
            EthernetPauseTable(ethernet: self), EthernetControlTable(ethernet: self),
        ]
    }

    fileprivate func open() -> EthernetView {
        let view = InterfaceView(objects, isDetailed: true)
        return EthernetView(view: view, ports: ports.of(view.snapshot))
    }
}

struct EthernetPorts: Sendable {
    let positions: [Int]
    let indexes: [UInt32]

    init(_ snapshot: InterfaceSnapshot) {
        // ARPHRD_ETHER. An interface that ethtool knows nothing of is no Ethernet port.
        positions = snapshot.rows.indices.filter { position in
            let interface = snapshot.rows[position].interface
            return interface.link.hardwareType == 1 && interface.settings != nil
        }
        indexes = positions.map { snapshot.indexes[$0] }
    }
}

private final class EthernetView {
    let rows: RowIndex
    private let view: InterfaceView
    private let ports: EthernetPorts

    init(view: InterfaceView, ports: EthernetPorts) {
        self.view = view
        self.ports = ports
        rows = .integers(ports.indexes)
    }

    func row(_ position: Int) -> InterfaceRow {
        view.snapshot.rows[ports.positions[position]]
    }

    func count32(_ position: Int, _ pick: (EthernetCounters) -> UInt64?) -> Value? {
        view.ethernet(row(position).index).flatMap(pick)?.asCounter32
    }

    func count64(_ position: Int, _ pick: (EthernetCounters) -> UInt64?) -> Value? {
        view.ethernet(row(position).index).flatMap(pick)?.asCounter64
    }
}

/// dot3StatsTable.
private struct EthernetStatisticsTable: TableSource {
    let ethernet: EthernetObjects

    var schema: TableSchema { EtherLikeMIB.Dot3StatsEntry.table }

    func open() -> any TableReading { Reading(view: ethernet.open()) }

    struct Reading: TableReading {
        let view: EthernetView

        var rows: RowIndex { view.rows }

        func value(column: Int, row: Int) -> Value? {
            guard let column = EtherLikeMIB.Dot3StatsEntry.Column(rawValue: column) else { return nil }
            switch column {
            case .dot3StatsIndex: return .integer(Int32(view.row(row).index.number))
            case .dot3StatsAlignmentErrors: return view.count32(row) { $0.alignmentErrors }
            case .dot3StatsFCSErrors: return view.count32(row) { $0.fcsErrors }
            case .dot3StatsSingleCollisionFrames: return view.count32(row) { $0.singleCollisionFrames }
            case .dot3StatsMultipleCollisionFrames: return view.count32(row) { $0.multipleCollisionFrames }
            case .dot3StatsSQETestErrors: return view.count32(row) { $0.sqeTestErrors }
            case .dot3StatsDeferredTransmissions: return view.count32(row) { $0.deferredTransmissions }
            case .dot3StatsLateCollisions: return view.count32(row) { $0.lateCollisions }
            case .dot3StatsExcessiveCollisions: return view.count32(row) { $0.excessiveCollisions }
            case .dot3StatsInternalMacTransmitErrors: return view.count32(row) { $0.internalMACTransmitErrors }
            case .dot3StatsCarrierSenseErrors: return view.count32(row) { $0.carrierSenseErrors }
            case .dot3StatsFrameTooLongs: return view.count32(row) { $0.frameTooLongs }
            case .dot3StatsInternalMacReceiveErrors: return view.count32(row) { $0.internalMACReceiveErrors }
            case .dot3StatsSymbolErrors: return view.count32(row) { $0.symbolErrors }
            case .dot3StatsDuplexStatus: return .integer(duplex(view.row(row)).rawValue)
            // Rate control is of 10 Gb/s WAN ports (RFC 3635 section 4), which Linux does not tell apart.
            case .dot3StatsRateControlAbility: return .truth(false)
            case .dot3StatsRateControlStatus:
                return .integer(EtherLikeMIB.Dot3StatsRateControlStatus.rateControlOff.rawValue)
            }
        }

        private func duplex(_ row: InterfaceRow) -> EtherLikeMIB.Dot3StatsDuplexStatus {
            switch row.settings?.duplex {
            case .half: .halfDuplex
            case .full: .fullDuplex
            case .unknown, nil: .unknown
            }
        }
    }
}

/// dot3HCStatsTable.
private struct EthernetHighCapacityTable: TableSource {
    let ethernet: EthernetObjects

    var schema: TableSchema { EtherLikeMIB.Dot3HCStatsEntry.table }

    func open() -> any TableReading { Reading(view: ethernet.open()) }

    struct Reading: TableReading {
        let view: EthernetView

        var rows: RowIndex { view.rows }

        func value(column: Int, row: Int) -> Value? {
            guard let column = EtherLikeMIB.Dot3HCStatsEntry.Column(rawValue: column) else { return nil }
            switch column {
            case .dot3HCStatsAlignmentErrors: return view.count64(row) { $0.alignmentErrors }
            case .dot3HCStatsFCSErrors: return view.count64(row) { $0.fcsErrors }
            case .dot3HCStatsInternalMacTransmitErrors: return view.count64(row) { $0.internalMACTransmitErrors }
            case .dot3HCStatsFrameTooLongs: return view.count64(row) { $0.frameTooLongs }
            case .dot3HCStatsInternalMacReceiveErrors: return view.count64(row) { $0.internalMACReceiveErrors }
            case .dot3HCStatsSymbolErrors: return view.count64(row) { $0.symbolErrors }
            }
        }
    }
}

/// dot3PauseTable. The driver's pause settings are read, not set, here.
private struct EthernetPauseTable: TableSource {
    let ethernet: EthernetObjects

    var schema: TableSchema { EtherLikeMIB.Dot3PauseEntry.table }

    func open() -> any TableReading { Reading(view: ethernet.open()) }

    struct Reading: TableReading {
        let view: EthernetView

        var rows: RowIndex { view.rows }

        func value(column: Int, row: Int) -> Value? {
            guard let column = EtherLikeMIB.Dot3PauseEntry.Column(rawValue: column) else { return nil }
            switch column {
            case .dot3PauseAdminMode, .dot3PauseOperMode: return mode(view.row(row)).map { .integer($0) }
            case .dot3InPauseFrames: return view.count32(row) { $0.receivedPauseFrames }
            case .dot3OutPauseFrames: return view.count32(row) { $0.transmittedPauseFrames }
            case .dot3HCInPauseFrames: return view.count64(row) { $0.receivedPauseFrames }
            case .dot3HCOutPauseFrames: return view.count64(row) { $0.transmittedPauseFrames }
            }
        }

        /// disabled(1), enabledXmit(2), enabledRcv(3), enabledXmitAndRcv(4).
        private func mode(_ row: InterfaceRow) -> Int32? {
            row.settings?.pause.map { pause in
                switch (pause.transmit, pause.receive) {
                case (false, false): 1
                case (true, false): 2
                case (false, true): 3
                case (true, true): 4
                }
            }
        }
    }
}

/// dot3ControlTable.
private struct EthernetControlTable: TableSource {
    let ethernet: EthernetObjects

    var schema: TableSchema { EtherLikeMIB.Dot3ControlEntry.table }

    func open() -> any TableReading { Reading(view: ethernet.open()) }

    struct Reading: TableReading {
        let view: EthernetView

        var rows: RowIndex { view.rows }

        func value(column: Int, row: Int) -> Value? {
            guard let column = EtherLikeMIB.Dot3ControlEntry.Column(rawValue: column) else { return nil }
            switch column {
            case .dot3ControlFunctionsSupported:
                // BITS: pause(0) is the most significant bit of the first octet.
                return view.row(row).settings?.pause.map { _ in .bytes([0x80]) }
            case .dot3ControlInUnknownOpcodes: return view.count32(row) { $0.unknownControlOpcodes }
            case .dot3HCControlInUnknownOpcodes: return view.count64(row) { $0.unknownControlOpcodes }
            }
        }
    }
}
