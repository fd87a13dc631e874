package import NetworkManagement
import NetworkModel
import OrionSchema
package import SMI

/// ORION-PERFORMANCE-MIB over the performance, threshold and optimisation managers.
package struct PerformanceObjects: Sendable {
    let interfaces: InterfaceManager
    let performance: PerformanceManager
    let thresholds: ThresholdManager
    let forecasts: ForecastManager
    let optimisation: OptimisationManager
    let uptime: UptimeReference

    package init(
        interfaces: InterfaceManager, performance: PerformanceManager, thresholds: ThresholdManager,
        forecasts: ForecastManager, optimisation: OptimisationManager, uptime: UptimeReference
    ) {
        self.interfaces = interfaces
        self.performance = performance
        self.thresholds = thresholds
        self.forecasts = forecasts
        self.optimisation = optimisation
        self.uptime = uptime
    }

    package var tables: [any TableSource] {
        intervalTables + aggregateTables + [
            RateTable(objects: self), windowTable, ThresholdTable(thresholds: thresholds),
            ForecastTable(forecasts: forecasts), FindingTable(objects: self), GroupTable(optimisation: optimisation),
            GroupMemberTable(optimisation: optimisation),
        ]
    }

    package var writableTables: [any WritableTable] {
        [
            WritableThresholdTable(), WritableFindingTable(optimisation: optimisation),
            WritableGroupTable(optimisation: optimisation), WritableGroupMemberTable(optimisation: optimisation),
        ]
    }

    package var preparer: any SetPreparer { ThresholdPreparer(thresholds: thresholds) }

    package var scalars: [ScalarSource] {
        OrionPerformanceMIB.Scalar.allCases.map { scalar in
            ScalarSource(scalar.schema) {
                switch scalar {
                case .orionPerformanceThresholdMaximum: .gauge32(UInt32(Threshold.maximum))
                case .orionPerformanceThresholdInstances: .gauge32(UInt32(clamping: thresholds.counts.instances))
                case .orionPerformanceThresholdCrossings: .counter32(thresholds.counts.crossings)
                case .orionPerformanceFindings: .gauge32(UInt32(clamping: optimisation.snapshot.findings.count))
                case .orionPerformanceApplications: .counter32(optimisation.snapshot.counts.applied)
                case .orionPerformanceConfirmations: .counter32(optimisation.snapshot.counts.confirmed)
                case .orionPerformanceReversals: .counter32(optimisation.snapshot.counts.reverted)
                case .orionPerformanceFailures: .counter32(optimisation.snapshot.counts.failed)
                }
            }
        }
    }
}

extension Value {
    /// An OrionGauge64 of a rate.
    static func gauge64(_ rate: Float) -> Value {
        // Float knows no number between UInt64.max and what rounds up to 2^64.
        .counter64(rate >= 0 && rate < 1.8e19 ? UInt64(rate.rounded()) : rate > 0 ? .max : 0)
    }

    static func gauge(_ rate: Float) -> Value {
        .gauge32(rate >= 0 && rate < 4_294_967_040 ? UInt32(rate.rounded()) : rate > 0 ? .max : 0)
    }
}

/// orionPerformanceTable.
struct RateTable: TableSource {
    let objects: PerformanceObjects

    var schema: TableSchema { OrionPerformanceMIB.OrionPerformanceEntry.table }

    func open() -> any TableReading { Reading(objects) }

    final class Reading: TableReading {
        private let snapshot: PerformanceSnapshot
        private let interfaces: InterfaceSnapshot
        private let objects: PerformanceObjects
        let rows: RowIndex

        init(_ objects: PerformanceObjects) {
            self.objects = objects
            snapshot = objects.performance.snapshot
            interfaces = objects.interfaces.snapshot
            rows = .integers(snapshot.numbers)
        }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionPerformanceMIB.OrionPerformanceEntry.Column(rawValue: column) else { return nil }
            if case .orionPerformanceDiscontinuity = column {
                return objects.uptime.timeTicks(objects.performance.discontinuity(of: snapshot.indexes[position]))
            }
            let metrics = snapshot.metrics[position]
            guard metrics.isValid else { return nil }
            switch column {
            case .orionPerformanceInOctets: return .gauge64(metrics.rate(.receivedOctets))
            case .orionPerformanceOutOctets: return .gauge64(metrics.rate(.transmittedOctets))
            case .orionPerformanceInPackets: return .gauge64(metrics.rate(.receivedPackets))
            case .orionPerformanceOutPackets: return .gauge64(metrics.rate(.transmittedPackets))
            case .orionPerformanceInErrors: return .gauge(metrics.rate(.receiveErrors))
            case .orionPerformanceOutErrors: return .gauge(metrics.rate(.transmitErrors))
            case .orionPerformanceInDiscards: return .gauge(metrics.rate(.receiveDropped))
            case .orionPerformanceOutDiscards: return .gauge(metrics.rate(.transmitDropped))
            case .orionPerformanceInBits: return .gauge64(metrics.rate(.receivedOctets) * 8)
            case .orionPerformanceOutBits: return .gauge64(metrics.rate(.transmittedOctets) * 8)
            case .orionPerformanceInOctetsSmoothed: return .gauge64(metrics.smoothed[0])
            case .orionPerformanceOutOctetsSmoothed: return .gauge64(metrics.smoothed[1])
            case .orionPerformanceInPacketsSmoothed: return .gauge64(metrics.smoothed[2])
            case .orionPerformanceOutPacketsSmoothed: return .gauge64(metrics.smoothed[3])
            case .orionPerformanceInUtilisation: return utilisation(position, metrics)?.received
            case .orionPerformanceOutUtilisation: return utilisation(position, metrics)?.transmitted
            case .orionPerformanceInErrorRatio: return perMillion(metrics.errorRatio(isReceived: true))
            case .orionPerformanceOutErrorRatio: return perMillion(metrics.errorRatio(isReceived: false))
            case .orionPerformanceInDiscardRatio: return perMillion(metrics.dropRatio(isReceived: true))
            case .orionPerformanceOutDiscardRatio: return perMillion(metrics.dropRatio(isReceived: false))
            case .orionPerformanceDiscontinuity: return nil
            }
        }

        private func utilisation(
            _ position: Int, _ metrics: PerformanceMetrics
        ) -> (received: Value, transmitted: Value)? {
            guard let row = interfaces.row(snapshot.indexes[position]), let speed = interfaces.speed(of: row) else {
                return nil
            }
            let shares = metrics.utilisation(speed, row.settings?.duplex ?? .unknown)
            return (.gauge(shares.received * 100_000), .gauge(shares.transmitted * 100_000))
        }

        private func perMillion(_ ratio: Float?) -> Value? { ratio.map { .gauge($0 * 1_000_000) } }
    }
}

extension PerformanceObjects {
    /// orionPerformanceWindowTable.
    fileprivate var windowTable: any TableSource {
        typealias Window = OrionPerformanceMIB.OrionPerformanceWindowEntry
        return ColumnTable<Window.Column>(Window.table) { [performance] in
            let snapshot = performance.snapshot
            return (
                .integers(snapshot.numbers),
                { column, position in
                    guard let quantiles = performance.quantiles(of: snapshot.indexes[position]),
                        quantiles.received.count > 0
                    else { return nil }
                    switch column {
                    case .orionPerformanceWindowInMedian: return .gauge64(quantiles.received.median)
                    case .orionPerformanceWindowInPercentile95: return .gauge64(quantiles.received.percentile95)
                    case .orionPerformanceWindowInPercentile99: return .gauge64(quantiles.received.percentile99)
                    case .orionPerformanceWindowInMaximum: return .gauge64(quantiles.received.maximum)
                    case .orionPerformanceWindowOutMedian: return .gauge64(quantiles.transmitted.median)
                    case .orionPerformanceWindowOutPercentile95: return .gauge64(quantiles.transmitted.percentile95)
                    case .orionPerformanceWindowOutPercentile99: return .gauge64(quantiles.transmitted.percentile99)
                    case .orionPerformanceWindowOutMaximum: return .gauge64(quantiles.transmitted.maximum)
                    case .orionPerformanceWindowSamples: return .gauge32(UInt32(clamping: quantiles.received.count))
                    }
                }
            )
        }
    }
}
