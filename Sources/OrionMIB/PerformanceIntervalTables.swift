import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

/// orionPerformanceCurrentTable.
struct CurrentIntervalTable: TableSource {
    let objects: PerformanceObjects

    var schema: TableSchema { OrionPerformanceMIB.OrionPerformanceCurrentEntry.table }

    func open() -> any TableReading { Reading(objects) }

    final class Reading: TableReading {
        private let performance: PerformanceManager
        private let indexes: [InterfaceIndex]
        let rows: RowIndex

        init(_ objects: PerformanceObjects) {
            performance = objects.performance
            let snapshot = objects.performance.snapshot
            indexes = snapshot.indexes
            rows = .integers(snapshot.numbers)
        }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionPerformanceMIB.OrionPerformanceCurrentEntry.Column(rawValue: column) else {
                return nil
            }
            if case .orionPerformanceCurrentIntervals = column {
                return .gauge32(UInt32(clamping: performance.intervalCount(of: indexes[position])))
            }
            guard let interval = performance.interval(of: indexes[position], number: 0) else { return nil }
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
            case .orionPerformanceCurrentIntervals: return nil
            }
        }
    }
}

/// orionPerformanceIntervalTable.
struct IntervalTable: TableSource {
    let objects: PerformanceObjects

    var schema: TableSchema { OrionPerformanceMIB.OrionPerformanceIntervalEntry.table }

    func open() -> any TableReading { Reading(objects) }

    final class Reading: TableReading {
        private let performance: PerformanceManager
        private let index: PerformanceManager.IntervalIndex
        let rows: RowIndex

        init(_ objects: PerformanceObjects) {
            performance = objects.performance
            index = objects.performance.intervalIndex
            rows = .numbered(index.numbers, starts: index.starts)
        }

        func value(column: Int, row position: Int) -> Value? {
            let place = index.interval(at: position)
            guard let column = OrionPerformanceMIB.OrionPerformanceIntervalEntry.Column(rawValue: column),
                let interval = performance.interval(of: place.index, number: place.number)
            else { return nil }
            switch column {
            case .orionPerformanceIntervalInOctets: return .counter64(interval.receivedOctets)
            case .orionPerformanceIntervalOutOctets: return .counter64(interval.transmittedOctets)
            case .orionPerformanceIntervalInPackets: return .counter64(interval.receivedPackets)
            case .orionPerformanceIntervalOutPackets: return .counter64(interval.transmittedPackets)
            case .orionPerformanceIntervalInErrors: return .counter64(interval.receiveErrors)
            case .orionPerformanceIntervalOutErrors: return .counter64(interval.transmitErrors)
            case .orionPerformanceIntervalInDiscards: return .counter64(interval.receiveDropped)
            case .orionPerformanceIntervalOutDiscards: return .counter64(interval.transmitDropped)
            case .orionPerformanceIntervalSeconds: return .gauge32(interval.seconds)
            case .orionPerformanceIntervalValid: return .truth(interval.isValid)
            }
        }
    }
}

/// orionPerformanceDayTable.
struct DayTable: TableSource {
    let objects: PerformanceObjects

    var schema: TableSchema { OrionPerformanceMIB.OrionPerformanceDayEntry.table }

    func open() -> any TableReading { Reading(objects) }

    final class Reading: TableReading {
        private let performance: PerformanceManager
        private let indexes: [InterfaceIndex]
        let rows: RowIndex
        /// The sum of the row that was asked for last: a PDU asks for several columns of one.
        private var latest: (position: Int, sum: PerformanceInterval)?

        init(_ objects: PerformanceObjects) {
            performance = objects.performance
            let snapshot = objects.performance.snapshot
            indexes = snapshot.indexes
            rows = .integers(snapshot.numbers)
        }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionPerformanceMIB.OrionPerformanceDayEntry.Column(rawValue: column),
                let day = day(position)
            else { return nil }
            switch column {
            case .orionPerformanceDayInOctets: return .counter64(day.receivedOctets)
            case .orionPerformanceDayOutOctets: return .counter64(day.transmittedOctets)
            case .orionPerformanceDayInPackets: return .counter64(day.receivedPackets)
            case .orionPerformanceDayOutPackets: return .counter64(day.transmittedPackets)
            case .orionPerformanceDayInErrors: return .counter64(day.receiveErrors)
            case .orionPerformanceDayOutErrors: return .counter64(day.transmitErrors)
            case .orionPerformanceDayInDiscards: return .counter64(day.receiveDropped)
            case .orionPerformanceDayOutDiscards: return .counter64(day.transmitDropped)
            case .orionPerformanceDaySeconds: return .gauge32(day.seconds)
            case .orionPerformanceDayValid: return .truth(day.isValid)
            }
        }

        private func day(_ position: Int) -> PerformanceInterval? {
            if let latest, latest.position == position { return latest.sum }
            guard let sum = performance.history(of: indexes[position])?.day else { return nil }
            latest = (position, sum)
            return sum
        }
    }
}
