package import NetworkManagement
import NetworkModel
import OrionSchema
package import SMI

/// ORION-ALARM-MIB over the alarm manager.
package struct AlarmObjects: Sendable {
    private let alarms: AlarmManager
    private let uptime: UptimeReference

    package init(alarms: AlarmManager, uptime: UptimeReference) {
        self.alarms = alarms
        self.uptime = uptime
    }

    package var tables: [any TableSource] {
        let active = Derived<AlarmSnapshot, RowIndex> { .integers($0.active.map(\.identifier)) }
        let log = Derived<AlarmSnapshot, RowIndex> { .integers($0.log.map(\.sequence)) }
        return [ActiveAlarmTable(alarms: alarms, index: active), AlarmLogTable(alarms: alarms, index: log)]
    }

    package var writableTables: [any WritableTable] { [WritableAlarmTable(alarms: alarms)] }

    package var preparer: any SetPreparer { AlarmPreparer(alarms: alarms) }

    package var scalars: [ScalarSource] {
        OrionAlarmMIB.Scalar.allCases.map { scalar in ScalarSource(scalar.schema) { value(of: scalar) } }
    }

    private func value(of scalar: OrionAlarmMIB.Scalar) -> Value? {
        let snapshot = alarms.snapshot
        func count(_ severity: AlarmSeverity) -> Value { .gauge32(UInt32(clamping: snapshot.counts[severity] ?? 0)) }
        return switch scalar {
        case .orionAlarmActiveCount: .gauge32(UInt32(clamping: snapshot.active.count - snapshot.explained))
        case .orionAlarmCriticalCount: count(.critical)
        case .orionAlarmMajorCount: count(.major)
        case .orionAlarmMinorCount: count(.minor)
        case .orionAlarmWarningCount: count(.warning)
        case .orionAlarmExplainedCount: .gauge32(UInt32(clamping: snapshot.explained))
        case .orionAlarmWorstSeverity:
            .integer(
                snapshot.worst.map { Int32($0.rawValue) } ?? OrionAlarmMIB.OrionAlarmWorstSeverity.none.rawValue)
        case .orionAlarmLastChange: uptime.timeTicks(snapshot.lastChange)
        case .orionAlarmSequence: .gauge32(snapshot.sequence)
        case .orionAlarmNotified: .counter32(snapshot.statistics.notified)
        case .orionAlarmThrottled: .counter32(snapshot.statistics.throttled)
        case .orionAlarmDamped: .counter32(snapshot.statistics.damped)
        case .orionAlarmOverflowed: .counter32(snapshot.statistics.overflowed)
        case .orionAlarmSaveFailures: .counter32(snapshot.statistics.saveFailures)
        }
    }
}

/// orionAlarmActiveTable.
struct ActiveAlarmTable: TableSource {
    let alarms: AlarmManager
    let index: Derived<AlarmSnapshot, RowIndex>

    var schema: TableSchema { OrionAlarmMIB.OrionAlarmActiveEntry.table }

    func open() -> any TableReading {
        let snapshot = alarms.snapshot
        return Reading(snapshot: snapshot, rows: index.of(snapshot))
    }

    struct Reading: TableReading {
        let snapshot: AlarmSnapshot
        let rows: RowIndex

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionAlarmMIB.OrionAlarmActiveEntry.Column(rawValue: column) else { return nil }
            let alarm = snapshot.active[position]
            let subject = alarm.key.subject
            switch column {
            case .orionAlarmActiveKind: return .integer(Int32(alarm.key.kind.rawValue))
            case .orionAlarmActiveObjectType: return .integer(Int32(subject.kind.rawValue))
            case .orionAlarmActiveObject: return .line(subject.name)
            case .orionAlarmActiveIfIndex: return .interfaceOrZero(subject.interface)
            case .orionAlarmActiveDetail: return .line(alarm.key.detail)
            case .orionAlarmActiveSeverity: return .integer(Int32(alarm.severity.rawValue))
            case .orionAlarmActiveText: return .line(alarm.text)
            case .orionAlarmActiveRaised: return .dateAndTime(alarm.raised)
            case .orionAlarmActiveChanged: return .dateAndTime(alarm.changed)
            case .orionAlarmActiveTransitions: return .counter32(alarm.transitions)
            case .orionAlarmActiveDamped: return .truth(alarm.isDamped)
            case .orionAlarmActiveCause: return .gauge32(alarm.cause ?? 0)
            case .orionAlarmActiveAcknowledged: return .truth(alarm.acknowledgement != nil)
            case .orionAlarmActiveAcknowledgedBy: return .line(alarm.acknowledgement?.principal ?? "")
            case .orionAlarmActiveAcknowledgedAt: return alarm.acknowledgement.map { .dateAndTime($0.time) }
            }
        }
    }
}

/// orionAlarmLogTable.
struct AlarmLogTable: TableSource {
    let alarms: AlarmManager
    let index: Derived<AlarmSnapshot, RowIndex>

    var schema: TableSchema { OrionAlarmMIB.OrionAlarmLogEntry.table }

    func open() -> any TableReading {
        let snapshot = alarms.snapshot
        return Reading(snapshot: snapshot, rows: index.of(snapshot))
    }

    struct Reading: TableReading {
        let snapshot: AlarmSnapshot
        let rows: RowIndex

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionAlarmMIB.OrionAlarmLogEntry.Column(rawValue: column) else { return nil }
            let record = snapshot.log[position]
            let subject = record.key.subject
            switch column {
            case .orionAlarmLogEvent: return .integer(Int32(record.event.rawValue))
            case .orionAlarmLogTime: return .dateAndTime(record.time)
            case .orionAlarmLogAlarm: return .gauge32(record.alarm)
            case .orionAlarmLogKind: return .integer(Int32(record.key.kind.rawValue))
            case .orionAlarmLogObjectType: return .integer(Int32(subject.kind.rawValue))
            case .orionAlarmLogObject: return .line(subject.name)
            case .orionAlarmLogIfIndex: return .interfaceOrZero(subject.interface)
            case .orionAlarmLogDetail: return .line(record.key.detail)
            case .orionAlarmLogSeverity: return .integer(Int32(record.severity.rawValue))
            case .orionAlarmLogText: return .line(record.text)
            case .orionAlarmLogPrincipal: return .line(record.principal)
            case .orionAlarmLogNotified: return .truth(record.isNotified)
            }
        }
    }
}

extension Value {
    /// An InterfaceIndexOrZero.
    static func interfaceOrZero(_ index: InterfaceIndex?) -> Value {
        .integer(Int32(index?.number ?? 0))
    }
}
