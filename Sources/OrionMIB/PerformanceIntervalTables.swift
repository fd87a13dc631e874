import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

extension PerformanceObjects {
    /// orionPerformanceCurrentTable, orionPerformanceIntervalTable and orionPerformanceDayTable.
    var intervalTables: [any TableSource] {
        typealias Current = OrionPerformanceMIB.OrionPerformanceCurrentEntry
        typealias Interval = OrionPerformanceMIB.OrionPerformanceIntervalEntry
        typealias Day = OrionPerformanceMIB.OrionPerformanceDayEntry
        return [
            ColumnTable<Current.Column>(Current.table) { [performance] in
                let snapshot = performance.snapshot
                return (.integers(snapshot.numbers), { performance.value($0, of: snapshot.indexes[$1]) })
            },
            ColumnTable<Interval.Column>(Interval.table) { [performance] in
                let index = performance.intervalIndex
                return (
                    .numbered(index.numbers, starts: index.starts),
                    { column, position in
                        let (interface, number) = index.interval(at: position)
                        return performance.interval(of: interface, number: number)?.value(column)
                    }
                )
            },
            ColumnTable<Day.Column>(Day.table) { [performance] in
                let snapshot = performance.snapshot
                // The sum of the row that was asked for last: a PDU asks for several columns of one.
                var latest: (position: Int, day: PerformanceInterval?)?
                return (
                    .integers(snapshot.numbers),
                    { column, position in
                        if latest?.position != position {
                            latest = (position, performance.history(of: snapshot.indexes[position])?.day)
                        }
                        return latest?.day?.value(column)
                    }
                )
            },
        ]
    }
}

extension PerformanceManager {
    /// A cell of orionPerformanceCurrentTable.
    fileprivate func value(
        _ column: OrionPerformanceMIB.OrionPerformanceCurrentEntry.Column, of index: InterfaceIndex
    ) -> Value? {
        if case .orionPerformanceCurrentIntervals = column {
            return .gauge32(UInt32(clamping: intervalCount(of: index)))
        }
        if case .orionPerformanceCurrentInvalidIntervals = column {
            return .gauge32(UInt32(clamping: invalidIntervalCount(of: index)))
        }
        guard let interval = interval(of: index, number: 0) else { return nil }
        switch column {
        case .orionPerformanceCurrentInOctets: return .counter64(interval.receivedOctets)
        case .orionPerformanceCurrentOutOctets: return .counter64(interval.transmittedOctets)
        case .orionPerformanceCurrentInPackets: return .counter64(interval.receivedPackets)
        case .orionPerformanceCurrentOutPackets: return .counter64(interval.transmittedPackets)
        case .orionPerformanceCurrentInErrors: return .counter64(interval.receiveErrors)
        case .orionPerformanceCurrentOutErrors: return .counter64(interval.transmitErrors)
        case .orionPerformanceCurrentInDiscards: return .counter64(interval.receiveDropped)
        case .orionPerformanceCurrentOutDiscards: return .counter64(interval.transmitDropped)
        case .orionPerformanceCurrentSeconds: return .gauge32(interval.seconds)
        case .orionPerformanceCurrentValid: return .truth(interval.isValid)
        case .orionPerformanceCurrentIntervals, .orionPerformanceCurrentInvalidIntervals: return nil
        }
    }
}

extension PerformanceInterval {
    /// A cell of orionPerformanceIntervalTable.
    fileprivate func value(_ column: OrionPerformanceMIB.OrionPerformanceIntervalEntry.Column) -> Value? {
        switch column {
        case .orionPerformanceIntervalInOctets: .counter64(receivedOctets)
        case .orionPerformanceIntervalOutOctets: .counter64(transmittedOctets)
        case .orionPerformanceIntervalInPackets: .counter64(receivedPackets)
        case .orionPerformanceIntervalOutPackets: .counter64(transmittedPackets)
        case .orionPerformanceIntervalInErrors: .counter64(receiveErrors)
        case .orionPerformanceIntervalOutErrors: .counter64(transmitErrors)
        case .orionPerformanceIntervalInDiscards: .counter64(receiveDropped)
        case .orionPerformanceIntervalOutDiscards: .counter64(transmitDropped)
        case .orionPerformanceIntervalSeconds: .gauge32(seconds)
        case .orionPerformanceIntervalValid: .truth(isValid)
        }
    }

    /// A cell of orionPerformanceDayTable.
    fileprivate func value(_ column: OrionPerformanceMIB.OrionPerformanceDayEntry.Column) -> Value? {
        switch column {
        case .orionPerformanceDayInOctets: .counter64(receivedOctets)
        case .orionPerformanceDayOutOctets: .counter64(transmittedOctets)
        case .orionPerformanceDayInPackets: .counter64(receivedPackets)
        case .orionPerformanceDayOutPackets: .counter64(transmittedPackets)
        case .orionPerformanceDayInErrors: .counter64(receiveErrors)
        case .orionPerformanceDayOutErrors: .counter64(transmitErrors)
        case .orionPerformanceDayInDiscards: .counter64(receiveDropped)
        case .orionPerformanceDayOutDiscards: .counter64(transmitDropped)
        case .orionPerformanceDaySeconds: .gauge32(seconds)
        case .orionPerformanceDayValid: .truth(isValid)
        }
    }
}
