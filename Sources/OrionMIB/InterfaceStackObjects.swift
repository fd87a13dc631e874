import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

/// ifStackTable: which interface runs on which, by the upper one.
struct InterfaceStackTable: TableSource {
    let interfaces: InterfaceManager
    private let index = Derived<InterfaceSnapshot, RowIndex> { snapshot in
        RowIndex(snapshot.stack.relations.map { [$0.higher, $0.lower] })
    }

    init(interfaces: InterfaceManager) {
        self.interfaces = interfaces
    }

    var schema: TableSchema { IFMIB.IfStackEntry.table }

    func open() -> any TableReading {
        Reading(rows: index.of(interfaces.snapshot))
    }

    struct Reading: TableReading {
        let rows: RowIndex

        func value(column: Int, row: Int) -> Value? {
            guard let column = IFMIB.IfStackEntry.Column(rawValue: column) else { return nil }
            switch column {
            // RowStatus active(1): every row is there because the kernel has it.
            case .ifStackStatus: return .integer(1)
            }
        }
    }
}

/// ifInvStackTable: the same by the lower one (RFC 2864).
struct InvertedStackTable: TableSource {
    let interfaces: InterfaceManager
    private let index = Derived<InterfaceSnapshot, RowIndex> { snapshot in
        let inverted = snapshot.stack.relations.sorted { ($0.lower, $0.higher) < ($1.lower, $1.higher) }
        return RowIndex(inverted.map { [$0.lower, $0.higher] })
    }

    init(interfaces: InterfaceManager) {
        self.interfaces = interfaces
    }

    var schema: TableSchema { IFInvertedStackMIB.IfInvStackEntry.table }

    func open() -> any TableReading {
        Reading(rows: index.of(interfaces.snapshot))
    }

    struct Reading: TableReading {
        let rows: RowIndex

        func value(column: Int, row: Int) -> Value? {
            guard let column = IFInvertedStackMIB.IfInvStackEntry.Column(rawValue: column) else { return nil }
            switch column {
            case .ifInvStackStatus: return .integer(1)
            }
        }
    }
}

/// ifRcvAddressTable: the addresses an interface accepts frames for.
struct ReceiveAddressTable: TableSource {
    let interfaces: InterfaceManager
    private let reading = Derived<InterfaceSnapshot, Reading> { Reading($0) }

    init(interfaces: InterfaceManager) {
        self.interfaces = interfaces
    }

    var schema: TableSchema { IFMIB.IfRcvAddressEntry.table }

    func open() -> any TableReading {
        reading.of(interfaces.snapshot)
    }

    final class Reading: TableReading, Sendable {
        let rows: RowIndex
        private let isPermanent: [Bool]

        init(_ snapshot: InterfaceSnapshot) {
            var entries: [(tail: [UInt32], isPermanent: Bool)] = []
            for row in snapshot.rows {
                for address in row.receiveAddresses {
                    // The index is not IMPLIED: a length comes first (RFC 2578 section 7.7).
                    let tail = [row.index.number, UInt32(address.octets.count)] + address.octets.map { UInt32($0) }
                    entries.append((tail, address == row.link.permanentAddress))
                }
            }
            entries.sort { $0.tail.lexicographicallyPrecedes($1.tail) }
            rows = RowIndex(entries.map(\.tail))
            isPermanent = entries.map(\.isPermanent)
        }

        func value(column: Int, row: Int) -> Value? {
            guard let column = IFMIB.IfRcvAddressEntry.Column(rawValue: column) else { return nil }
            switch column {
            case .ifRcvAddressStatus: return .integer(1)
            case .ifRcvAddressType:
                let type: IFMIB.IfRcvAddressType = isPermanent[row] ? .nonVolatile : .volatile
                return .integer(type.rawValue)
            }
        }
    }
}

extension InterfaceRow {
    /// Its own address, broadcast and the groups it listens to; each once.
    fileprivate var receiveAddresses: Set<MACAddress> {
        var addresses: Set<MACAddress> = []
        if !link.physicalAddress.isEmpty { addresses.insert(link.address) }
        if link.flags.contains(.broadcast), !link.broadcast.isEmpty { addresses.insert(link.broadcast) }
        addresses.formUnion(interface.multicastAddresses.filter { !$0.isEmpty })
        return addresses
    }
}
