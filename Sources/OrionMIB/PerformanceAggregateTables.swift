import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

extension PerformanceObjects {
    /// orionPerformanceAggregateTable, and what the windows and intervals of groups show.
    var aggregateTables: [any TableSource] {
        typealias Window = OrionPerformanceMIB.OrionPerformanceAggregateWindowEntry
        typealias Current = OrionPerformanceMIB.OrionPerformanceAggregateCurrentEntry
        typealias Interval = OrionPerformanceMIB.OrionPerformanceAggregateIntervalEntry
        typealias Day = OrionPerformanceMIB.OrionPerformanceAggregateDayEntry
        let order = Derived<PerformanceSnapshot, AggregateRows> { AggregateRows($0) }
        let intervals = Derived<PerformanceManager.GroupIntervals, AggregateIntervalRows> { AggregateIntervalRows($0) }
        return [
            AggregateRateTable(objects: self, order: order),
            ColumnTable<Window.Column>(Window.table) { [performance] in
                let groups = order.of(performance.snapshot)
                return (
                    groups.rows,
                    { column, position in
                        guard let quantiles = performance.quantiles(of: .group(groups.scopes[position])),
                            quantiles.received.count > 0
                        else { return nil }
                        return column.value(quantiles.received, quantiles.transmitted)
                    }
                )
            },
            ColumnTable<Current.Column>(Current.table) { [performance] in
                let groups = order.of(performance.snapshot)
                return (groups.rows, { performance.value($0, of: groups.scopes[$1]) })
            },
            ColumnTable<Interval.Column>(Interval.table) { [performance] in
                let intervals = intervals.of(performance.groupIntervals)
                return (
                    intervals.rows,
                    { column, position in
                        let (scope, number) = intervals.intervals[position]
                        return performance.interval(of: .group(scope), number: number)?.value(column)
                    }
                )
            },
            ColumnTable<Day.Column>(Day.table) { [performance] in
                let groups = order.of(performance.snapshot)
                // The sum of the row that was asked for last: a PDU asks for several columns of one.
                var latest: (position: Int, day: PerformanceInterval?)?
                return (
                    groups.rows,
                    { column, position in
                        if latest?.position != position {
                            latest = (position, performance.history(of: .group(groups.scopes[position]))?.day)
                        }
                        return latest?.day?.value(column)
                    }
                )
            },
        ]
    }
}

/// orionPerformanceAggregateTable.
struct AggregateRateTable: TableSource {
    let objects: PerformanceObjects
    let order: Derived<PerformanceSnapshot, AggregateRows>
    private let capacities: Derived<PerformanceSnapshot, [AggregatedNetworkStats.Scope: GroupCapacity]>

    init(objects: PerformanceObjects, order: Derived<PerformanceSnapshot, AggregateRows>) {
        self.objects = objects
        self.order = order
        let interfaces = objects.interfaces
        capacities = Derived { GroupCapacity.all($0, interfaces.snapshot) }
    }

    var schema: TableSchema { OrionPerformanceMIB.OrionPerformanceAggregateEntry.table }

    func open() -> any TableReading {
        let snapshot = objects.performance.snapshot
        return Reading(snapshot: snapshot, order: order.of(snapshot), capacities: capacities)
    }

    struct Reading: TableReading {
        let snapshot: PerformanceSnapshot
        let order: AggregateRows
        let capacities: Derived<PerformanceSnapshot, [AggregatedNetworkStats.Scope: GroupCapacity]>

        var rows: RowIndex { order.rows }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionPerformanceMIB.OrionPerformanceAggregateEntry.Column(rawValue: column) else {
                return nil
            }
            let metrics = snapshot.groupMetrics[order.positions[position]]
            guard metrics.isValid else { return nil }
            // All members are looked at for it: only when it is asked for, once for each pass.
            var capacity: GroupCapacity? { capacities.of(snapshot)[order.scopes[position]] }
            switch column {
            case .orionPerformanceAggregateInOctets: return .gauge64(metrics.rate(.receivedOctets))
            case .orionPerformanceAggregateOutOctets: return .gauge64(metrics.rate(.transmittedOctets))
            case .orionPerformanceAggregateInPackets: return .gauge64(metrics.rate(.receivedPackets))
            case .orionPerformanceAggregateOutPackets: return .gauge64(metrics.rate(.transmittedPackets))
            case .orionPerformanceAggregateInErrors: return .gauge(metrics.rate(.receiveErrors))
            case .orionPerformanceAggregateOutErrors: return .gauge(metrics.rate(.transmitErrors))
            case .orionPerformanceAggregateInDiscards: return .gauge(metrics.rate(.receiveDropped))
            case .orionPerformanceAggregateOutDiscards: return .gauge(metrics.rate(.transmitDropped))
            case .orionPerformanceAggregateInBits: return .gauge64(metrics.rate(.receivedOctets) * 8)
            case .orionPerformanceAggregateOutBits: return .gauge64(metrics.rate(.transmittedOctets) * 8)
            case .orionPerformanceAggregateInOctetsSmoothed: return .gauge64(metrics.smoothed[0])
            case .orionPerformanceAggregateOutOctetsSmoothed: return .gauge64(metrics.smoothed[1])
            case .orionPerformanceAggregateInPacketsSmoothed: return .gauge64(metrics.smoothed[2])
            case .orionPerformanceAggregateOutPacketsSmoothed: return .gauge64(metrics.smoothed[3])
            case .orionPerformanceAggregateSpeed: return .counter64(capacity?.speed ?? 0)
            case .orionPerformanceAggregateInUtilisation:
                return capacity?.utilisation.map { .gauge($0.received * 100_000) }
            case .orionPerformanceAggregateOutUtilisation:
                return capacity?.utilisation.map { .gauge($0.transmitted * 100_000) }
            case .orionPerformanceAggregateInErrorRatio: return perMillion(metrics.errorRatio(isReceived: true))
            case .orionPerformanceAggregateOutErrorRatio: return perMillion(metrics.errorRatio(isReceived: false))
            case .orionPerformanceAggregateInDiscardRatio: return perMillion(metrics.dropRatio(isReceived: true))
            case .orionPerformanceAggregateOutDiscardRatio: return perMillion(metrics.dropRatio(isReceived: false))
            }
        }

        private func perMillion(_ ratio: Float?) -> Value? { ratio.map { .gauge($0 * 1_000_000) } }
    }
}

/// The rows of orionPerformanceAggregateIntervalTable.
private struct AggregateIntervalRows: Sendable {
    let intervals: [(scope: AggregatedNetworkStats.Scope, number: Int)]
    let rows: RowIndex

    init(_ groups: PerformanceManager.GroupIntervals) {
        let sorted = groups.counts.map { (tail: $0.scope.tail, scope: $0.scope, count: $0.count) }
            .sorted { $0.tail.lexicographicallyPrecedes($1.tail) }
        intervals = sorted.flatMap { group in (0..<group.count).map { (group.scope, $0 + 1) } }
        rows = RowIndex(sorted.flatMap { group in (0..<group.count).map { group.tail + [UInt32($0 + 1)] } })
    }
}

extension OrionPerformanceMIB.OrionPerformanceAggregateWindowEntry.Column {
    fileprivate func value(_ received: Quantiles, _ transmitted: Quantiles) -> Value {
        switch self {
        case .orionPerformanceAggregateWindowInMedian: .gauge64(received.median)
        case .orionPerformanceAggregateWindowInPercentile95: .gauge64(received.percentile95)
        case .orionPerformanceAggregateWindowInPercentile99: .gauge64(received.percentile99)
        case .orionPerformanceAggregateWindowInMaximum: .gauge64(received.maximum)
        case .orionPerformanceAggregateWindowOutMedian: .gauge64(transmitted.median)
        case .orionPerformanceAggregateWindowOutPercentile95: .gauge64(transmitted.percentile95)
        case .orionPerformanceAggregateWindowOutPercentile99: .gauge64(transmitted.percentile99)
        case .orionPerformanceAggregateWindowOutMaximum: .gauge64(transmitted.maximum)
        case .orionPerformanceAggregateWindowSamples: .gauge32(UInt32(clamping: received.count))
        }
    }
}

extension PerformanceManager {
    /// A cell of orionPerformanceAggregateCurrentTable.
    fileprivate func value(
        _ column: OrionPerformanceMIB.OrionPerformanceAggregateCurrentEntry.Column,
        of scope: AggregatedNetworkStats.Scope
    ) -> Value? {
        if case .orionPerformanceAggregateCurrentIntervals = column {
            return .gauge32(UInt32(clamping: intervalCount(of: .group(scope))))
        }
        if case .orionPerformanceAggregateCurrentInvalidIntervals = column {
            return .gauge32(UInt32(clamping: invalidIntervalCount(of: .group(scope))))
        }
        guard let interval = interval(of: .group(scope), number: 0) else { return nil }
        switch column {
        case .orionPerformanceAggregateCurrentInOctets: return .counter64(interval.receivedOctets)
        case .orionPerformanceAggregateCurrentOutOctets: return .counter64(interval.transmittedOctets)
        case .orionPerformanceAggregateCurrentInPackets: return .counter64(interval.receivedPackets)
        case .orionPerformanceAggregateCurrentOutPackets: return .counter64(interval.transmittedPackets)
        case .orionPerformanceAggregateCurrentInErrors: return .counter64(interval.receiveErrors)
        case .orionPerformanceAggregateCurrentOutErrors: return .counter64(interval.transmitErrors)
        case .orionPerformanceAggregateCurrentInDiscards: return .counter64(interval.receiveDropped)
        case .orionPerformanceAggregateCurrentOutDiscards: return .counter64(interval.transmitDropped)
        case .orionPerformanceAggregateCurrentSeconds: return .gauge32(interval.seconds)
        case .orionPerformanceAggregateCurrentValid: return .truth(interval.isValid)
        case .orionPerformanceAggregateCurrentIntervals, .orionPerformanceAggregateCurrentInvalidIntervals: return nil
        }
    }
}

extension PerformanceInterval {
    /// A cell of orionPerformanceAggregateIntervalTable.
    fileprivate func value(_ column: OrionPerformanceMIB.OrionPerformanceAggregateIntervalEntry.Column) -> Value? {
        switch column {
        case .orionPerformanceAggregateIntervalInOctets: .counter64(receivedOctets)
        case .orionPerformanceAggregateIntervalOutOctets: .counter64(transmittedOctets)
        case .orionPerformanceAggregateIntervalInPackets: .counter64(receivedPackets)
        case .orionPerformanceAggregateIntervalOutPackets: .counter64(transmittedPackets)
        case .orionPerformanceAggregateIntervalInErrors: .counter64(receiveErrors)
        case .orionPerformanceAggregateIntervalOutErrors: .counter64(transmitErrors)
        case .orionPerformanceAggregateIntervalInDiscards: .counter64(receiveDropped)
        case .orionPerformanceAggregateIntervalOutDiscards: .counter64(transmitDropped)
        case .orionPerformanceAggregateIntervalSeconds: .gauge32(seconds)
        case .orionPerformanceAggregateIntervalValid: .truth(isValid)
        }
    }

    /// A cell of orionPerformanceAggregateDayTable.
    fileprivate func value(_ column: OrionPerformanceMIB.OrionPerformanceAggregateDayEntry.Column) -> Value? {
        switch column {
        case .orionPerformanceAggregateDayInOctets: .counter64(receivedOctets)
        case .orionPerformanceAggregateDayOutOctets: .counter64(transmittedOctets)
        case .orionPerformanceAggregateDayInPackets: .counter64(receivedPackets)
        case .orionPerformanceAggregateDayOutPackets: .counter64(transmittedPackets)
        case .orionPerformanceAggregateDayInErrors: .counter64(receiveErrors)
        case .orionPerformanceAggregateDayOutErrors: .counter64(transmitErrors)
        case .orionPerformanceAggregateDayInDiscards: .counter64(receiveDropped)
        case .orionPerformanceAggregateDayOutDiscards: .counter64(transmitDropped)
        case .orionPerformanceAggregateDaySeconds: .gauge32(seconds)
        case .orionPerformanceAggregateDayValid: .truth(isValid)
        }
    }
}
