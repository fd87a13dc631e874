import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

typealias ThresholdColumn = OrionPerformanceMIB.OrionPerformanceThresholdEntry.WritableColumn

/// What one variable binding asks of a threshold.
package struct ThresholdEdit: Sendable, Hashable {
    let name: String
    let column: OrionPerformanceMIB.OrionPerformanceThresholdEntry.WritableColumn
    let value: Value
}

/// orionPerformanceThresholdTable, as it is set.
struct WritableThresholdTable: WritableTable {
    var schema: TableSchema { OrionPerformanceMIB.OrionPerformanceThresholdEntry.table }

    func change(column: Int, row tail: ArraySlice<UInt32>, to value: Value) throws(WriteRefusal) -> ManagedChange {
        guard let column = ThresholdColumn(rawValue: column) else { throw WriteRefusal(.notWritable) }
        var index = CountedIndex(tail)
        guard let name = index.name(1...32), index.isAtEnd else { throw WriteRefusal(.noCreation) }
        // Refused here, for its own binding, when no threshold could have it.
        var threshold = Threshold(name: name)
        try threshold.set(column, to: value)
        return .threshold(ThresholdEdit(name: name, column: column, value: value))
    }
}

/// orionPerformanceThresholdTable, as it is read.
struct ThresholdTable: TableSource {
    let thresholds: ThresholdManager

    var schema: TableSchema { OrionPerformanceMIB.OrionPerformanceThresholdEntry.table }

    func open() -> any TableReading { Reading(thresholds) }

    final class Reading: TableReading {
        private let thresholds: ThresholdManager
        private let content: [Threshold]
        let rows: RowIndex

        init(_ thresholds: ThresholdManager) {
            self.thresholds = thresholds
            let sorted = thresholds.rows.map { (tail: CountedIndex.words($0.name.utf8), row: $0) }
                .sorted { $0.tail.lexicographicallyPrecedes($1.tail) }
            content = sorted.map(\.row)
            rows = RowIndex(sorted.map(\.tail))
        }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionPerformanceMIB.OrionPerformanceThresholdEntry.Column(rawValue: column) else {
                return nil
            }
            let threshold = content[position]
            switch column {
            case .orionPerformanceThresholdVariable: return .integer(Int32(threshold.variable.rawValue))
            case .orionPerformanceThresholdPattern: return .bytes(threshold.pattern.source)
            case .orionPerformanceThresholdRising: return threshold.rising.map { .gauge32($0) }
            case .orionPerformanceThresholdFalling: return threshold.falling.map { .gauge32($0) }
            case .orionPerformanceThresholdDuration:
                return .gauge32(UInt32(clamping: threshold.duration.components.seconds))
            case .orionPerformanceThresholdSeverity: return .integer(Int32(threshold.severity.rawValue))
            case .orionPerformanceThresholdStartup: return .integer(Int32(threshold.startup.rawValue))
            case .orionPerformanceThresholdCrossed:
                return .gauge32(UInt32(clamping: thresholds.crossed(threshold.name)))
            case .orionPerformanceThresholdOrigin: return .integer(Int32(threshold.origin.rawValue))
            case .orionPerformanceThresholdStorageType: return .integer(Int32(threshold.storage.rawValue))
            case .orionPerformanceThresholdRowStatus: return .integer(threshold.status.rawValue)
            }
        }
    }
}

extension Threshold {
    /// orionPerformanceThresholdRowStatus.
    fileprivate var status: SNMPv2TC.RowStatus {
        guard isReady else { return .notReady }
        return isActive ? .active : .notInService
    }

    /// Takes the value of a column, which fits its syntax; that of the row's status is not kept here.
    mutating func set(_ column: ThresholdColumn, to value: Value) throws(WriteRefusal) {
        switch column {
        case .orionPerformanceThresholdVariable: variable = try Self.named(value, Variable.init(rawValue:))
        case .orionPerformanceThresholdPattern:
            guard let pattern = GlobPattern(try value.octets()) else {
                throw WriteRefusal(.wrongValue, "a pattern cannot end in a backslash")
            }
            self.pattern = pattern
        case .orionPerformanceThresholdRising: rising = try value.unsigned()
        case .orionPerformanceThresholdFalling: falling = try value.unsigned()
        case .orionPerformanceThresholdDuration: duration = .seconds(Int64(try value.unsigned()))
        case .orionPerformanceThresholdSeverity: severity = try Self.named(value, AlarmSeverity.init(rawValue:))
        case .orionPerformanceThresholdStartup: startup = try Self.named(value, Startup.init(rawValue:))
        case .orionPerformanceThresholdStorageType:
            let storage = try Self.named(value, StorageType.init(rawValue:))
            guard storage == .volatile || storage == .nonVolatile else {
                throw WriteRefusal(.wrongValue, "a threshold is volatile or nonVolatile")
            }
            self.storage = storage
        case .orionPerformanceThresholdRowStatus: break
        }
    }

    private static func named<Name>(_ value: Value, _ make: (UInt8) -> Name?) throws(WriteRefusal) -> Name {
        guard case .integer(let number) = value else { throw WriteRefusal(.wrongType) }
        guard let name = UInt8(exactly: number).flatMap(make) else { throw WriteRefusal(.wrongValue) }
        return name
    }
}
