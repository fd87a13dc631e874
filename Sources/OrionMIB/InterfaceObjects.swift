package import NetworkManagement
import NetworkModel
import OrionSchema
package import SMI

/// IF-MIB's interfaces group over the Interface and Monitoring Managers (RFC 2863).
package struct InterfaceObjects: Sendable {
    /// Counters are at most this old when they are answered.
    static let counterAge: Duration = .milliseconds(100)

    let interfaces: InterfaceManager
    let monitoring: MonitoringManager
    let statistics: DriverStatistics
    let uptime: UptimeReference

    package init(
        interfaces: InterfaceManager, monitoring: MonitoringManager, statistics: DriverStatistics,
        uptime: UptimeReference
    ) {
        self.interfaces = interfaces
        self.monitoring = monitoring
        self.statistics = statistics
        self.uptime = uptime
    }

    package var scalars: [ScalarSource] {
        IFMIB.Scalar.allCases.map { scalar in
            ScalarSource(scalar.schema) { [interfaces, uptime] in
                let snapshot = interfaces.snapshot
                switch scalar {
                case .ifNumber: return .integer(Int32(clamping: snapshot.rows.count))
                case .ifTableLastChange: return uptime.timeTicks(snapshot.tableLastChange)
                case .ifStackLastChange: return uptime.timeTicks(snapshot.stackLastChange)
                }
            }
        }
    }

    package var tables: [any TableSource] {
        [
            InterfaceTable(objects: self), InterfaceExtensionTable(objects: self),
            InterfaceStackTable(interfaces: interfaces), InvertedStackTable(interfaces: interfaces),
            ReceiveAddressTable(interfaces: interfaces),
        ]
    }

    package var writableTables: [any WritableTable] {
        [InterfaceTable(objects: self), InterfaceExtensionTable(objects: self)]
    }
}

/// The interfaces as one request sees them: one snapshot, one sample, taken when first needed.
///
/// What is only counted is found by the interface's index: it costs nothing to know the index of a position, while a row
/// has to be fetched and held.
final class InterfaceView {
    let snapshot: InterfaceSnapshot
    let uptime: UptimeReference
    let indexes: [UInt32]
    private let objects: InterfaceObjects
    /// Whether what only drivers count is asked for, or only what they add to the kernel's counts.
    private let isDetailed: Bool
    private lazy var reading = objects.monitoring.reading(atMost: InterfaceObjects.counterAge)
    /// What `reading` holds, once it has been taken.
    private var sampled: [InterfaceIndex] = []
    private var counters: [LinkCounters] = []
    private var isSampled = false
    private(set) lazy var driverStatistics = objects.statistics.demand(isDetailed ? .everything : .hardware)

    init(_ objects: InterfaceObjects, isDetailed: Bool = false) {
        self.objects = objects
        self.isDetailed = isDetailed
        snapshot = objects.interfaces.snapshot
        indexes = snapshot.indexes
        uptime = objects.uptime
    }

    var rows: RowIndex { .integers(indexes) }

    /// nil for an interface that came after the sample was taken.
    private func count<Count>(_ position: Int, _ pick: (LinkCounters) -> Count) -> Count? {
        if !isSampled { sample() }
        // An interface is mostly where it was when the sample was taken.
        if position < sampled.count, sampled[position].number == indexes[position] { return pick(counters[position]) }
        return index(position).flatMap { reading.counters(of: $0, hint: position) }.map(pick)
    }

    private func sample() {
        sampled = reading.sample.indexes
        counters = reading.sample.counters
        isSampled = true
    }

    private func index(_ position: Int) -> InterfaceIndex? {
        InterfaceIndex(indexes[position])
    }

    func count32(_ position: Int, _ pick: (LinkCounters) -> UInt64) -> Value? {
        count(position, pick)?.asCounter32
    }

    func count64(_ position: Int, _ pick: (LinkCounters) -> UInt64) -> Value? {
        count(position, pick)?.asCounter64
    }

    func packets(_ position: Int, _ pick: (PacketCounts) -> UInt64?) -> UInt64? {
        let ethernet = index(position).flatMap(ethernet)
        return count(position) { pick(PacketCounts($0, ethernet)) } ?? nil
    }

    func ethernet(_ index: InterfaceIndex) -> EthernetCounters? {
        driverStatistics.entry(index)?.ethernet
    }

    /// ifCounterDiscontinuityTime: when the interface appeared, or its counters last ran backwards.
    func discontinuity(_ row: InterfaceRow) -> MonotonicTime? {
        let reset = reading.discontinuities[row.index]
        guard let created = row.created else { return reset }
        return reset.map { max($0, created) } ?? created
    }
}

/// ifTable.
struct InterfaceTable: TableSource, WritableTable {
    let objects: InterfaceObjects

    var schema: TableSchema { IFMIB.IfEntry.table }

    func open() -> any TableReading {
        Reading(view: InterfaceView(objects))
    }

    struct Reading: TableReading {
        let view: InterfaceView

        var rows: RowIndex { view.rows }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = IFMIB.IfEntry.Column(rawValue: column) else { return nil }
            var row: InterfaceRow { view.snapshot.rows[position] }
            switch column {
            case .ifIndex: return .integer(Int32(clamping: view.indexes[position]))
            case .ifDescr: return .text(row.link.name)
            case .ifType: return .integer(row.link.interfaceType.rawValue)
            case .ifMtu: return .integer(Int32(clamping: row.link.mtu))
            case .ifSpeed: return .gauge32(UInt32(clamping: view.snapshot.speed(of: row)?.value ?? 0))
            case .ifPhysAddress: return .bytes(row.link.physicalAddress)
            case .ifAdminStatus: return .integer(row.link.administrativeStatus.rawValue)
            case .ifOperStatus: return .integer(row.operationalStatus.rawValue)
            case .ifLastChange: return view.uptime.timeTicks(row.lastChange)
            case .ifInOctets: return view.count32(position) { $0.receivedOctets }
            case .ifInUcastPkts: return view.packets(position) { $0.receivedUnicast }?.asCounter32
            case .ifInDiscards: return view.count32(position) { $0.receiveDropped &+ $0.receiveMissedErrors }
            case .ifInErrors: return view.count32(position) { $0.receiveErrors }
            // The kernel counts packets of an unknown protocol among the dropped ones, not apart.
            case .ifInUnknownProtos: return nil
            case .ifOutOctets: return view.count32(position) { $0.transmittedOctets }
            case .ifOutUcastPkts: return view.packets(position) { $0.transmittedUnicast }?.asCounter32
            case .ifOutDiscards: return view.count32(position) { $0.transmitDropped }
            case .ifOutErrors: return view.count32(position) { $0.transmitErrors }
            }
        }
    }

    func change(
        column: Int, row tail: ArraySlice<UInt32>, to value: Value
    ) throws(WriteRefusal) -> ManagedChange {
        guard let column = IFMIB.IfEntry.WritableColumn(rawValue: column) else { throw WriteRefusal(.notWritable) }
        let index = try objects.interfaces.index(of: tail)
        switch column {
        case .ifAdminStatus:
            switch try value.enumeration(IFMIB.IfAdminStatus.self) {
            case .up: return .interface(InterfaceRequest(index, .adminState(up: true)))
            case .down: return .interface(InterfaceRequest(index, .adminState(up: false)))
            // Linux has no state in which no operational packets pass.
            case .testing: throw WriteRefusal(.wrongValue)
            }
        }
    }
}

/// ifXTable.
struct InterfaceExtensionTable: TableSource, WritableTable {
    let objects: InterfaceObjects

    var schema: TableSchema { IFMIB.IfXEntry.table }

    func open() -> any TableReading {
        Reading(view: InterfaceView(objects))
    }

    struct Reading: TableReading {
        let view: InterfaceView

        var rows: RowIndex { view.rows }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = IFMIB.IfXEntry.Column(rawValue: column) else { return nil }
            var row: InterfaceRow { view.snapshot.rows[position] }
            switch column {
            case .ifName: return .text(row.link.name)
            case .ifLinkUpDownTrapEnable: return .integer(row.sendsLinkNotifications ? 1 : 2)
            case .ifHighSpeed:
                // Rounded to the nearest million, as the object's description asks.
                let speed = view.snapshot.speed(of: row)?.value ?? 0
                return .gauge32(UInt32(clamping: (speed &+ 500_000) / 1_000_000))
            case .ifPromiscuousMode:
                let row = row
                return .truth(row.link.promiscuity > 0 || row.link.flags.contains(.promiscuous))
            case .ifConnectorPresent: return .truth(row.isPhysical)
            case .ifAlias: return .text(row.link.alias.limited(toOctets: 64))
            case .ifCounterDiscontinuityTime: return view.uptime.timeTicks(view.discontinuity(row))
            case .ifInMulticastPkts: return view.packets(position) { $0.receivedMulticast }?.asCounter32
            case .ifInBroadcastPkts: return view.packets(position) { $0.receivedBroadcast }?.asCounter32
            case .ifOutMulticastPkts: return view.packets(position) { $0.transmittedMulticast }?.asCounter32
            case .ifOutBroadcastPkts: return view.packets(position) { $0.transmittedBroadcast }?.asCounter32
            case .ifHCInOctets: return view.count64(position) { $0.receivedOctets }
            case .ifHCInUcastPkts: return view.packets(position) { $0.receivedUnicast }?.asCounter64
            case .ifHCInMulticastPkts: return view.packets(position) { $0.receivedMulticast }?.asCounter64
            case .ifHCInBroadcastPkts: return view.packets(position) { $0.receivedBroadcast }?.asCounter64
            case .ifHCOutOctets: return view.count64(position) { $0.transmittedOctets }
            case .ifHCOutUcastPkts: return view.packets(position) { $0.transmittedUnicast }?.asCounter64
            case .ifHCOutMulticastPkts: return view.packets(position) { $0.transmittedMulticast }?.asCounter64
            case .ifHCOutBroadcastPkts: return view.packets(position) { $0.transmittedBroadcast }?.asCounter64
            }
        }
    }

    func change(
        column: Int, row tail: ArraySlice<UInt32>, to value: Value
    ) throws(WriteRefusal) -> ManagedChange {
        guard let column = IFMIB.IfXEntry.WritableColumn(rawValue: column) else { throw WriteRefusal(.notWritable) }
        let index = try objects.interfaces.index(of: tail)
        switch column {
        case .ifLinkUpDownTrapEnable:
            let enabled = try value.enumeration(IFMIB.IfLinkUpDownTrapEnable.self) == .enabled
            return .interface(InterfaceRequest(index, .linkNotifications(enabled)))
        case .ifPromiscuousMode:
            return .interface(InterfaceRequest(index, .promiscuous(try value.truth())))
        case .ifAlias:
            return .interface(InterfaceRequest(index, .alias(try value.text())))
        }
    }
}

/// Packets by the kind of their destination.
///
/// The kernel counts all packets, and received multicast; broadcast, and what is sent by kind, only a driver can tell
/// (ethtool's standard groups). What nobody counts is absent, never made up.
struct PacketCounts {
    let receivedUnicast: UInt64
    let receivedMulticast: UInt64
    let receivedBroadcast: UInt64?
    let transmittedUnicast: UInt64
    let transmittedMulticast: UInt64?
    let transmittedBroadcast: UInt64?

    init(_ counters: LinkCounters, _ ethernet: EthernetCounters?) {
        receivedMulticast = ethernet?.receivedMulticastFrames ?? counters.receivedMulticast
        receivedBroadcast = ethernet?.receivedBroadcastFrames
        transmittedMulticast = ethernet?.transmittedMulticastFrames
        transmittedBroadcast = ethernet?.transmittedBroadcastFrames
        receivedUnicast = counters.receivedPackets.less(receivedMulticast).less(receivedBroadcast ?? 0)
        transmittedUnicast = counters.transmittedPackets.less(transmittedMulticast ?? 0).less(transmittedBroadcast ?? 0)
    }
}

extension UInt64 {
    /// The low 32 bits: a Counter32 wraps where a Counter64 goes on.
    var asCounter32: Value { .counter32(UInt32(truncatingIfNeeded: self)) }
    var asCounter64: Value { .counter64(self) }

    /// The two counters are not read at one instant: where the part is ahead of the whole the rest is nothing, not 2^64.
    fileprivate func less(_ part: UInt64) -> UInt64 {
        self > part ? self - part : 0
    }
}

extension InterfaceManager {
    /// The interface that a table row of one sub-identifier names.
    func index(of tail: ArraySlice<UInt32>) throws(WriteRefusal) -> InterfaceIndex {
        guard tail.count == 1, let index = tail.first.flatMap({ InterfaceIndex($0) }), snapshot.row(index) != nil else {
            throw WriteRefusal(.noCreation)
        }
        return index
    }
}

extension String {
    /// The longest beginning of at most `limit` octets that ends between characters.
    package func limited(toOctets limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(startIndex, offsetBy: limit)
        while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
