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
        typealias Active = OrionAlarmMIB.OrionAlarmActiveEntry
        typealias Log = OrionAlarmMIB.OrionAlarmLogEntry
        return [
            ColumnTable<Active.Column>(Active.table) { [alarms] in
                let snapshot = alarms.snapshot
                return (active.of(snapshot), { snapshot.active[$1].value($0) })
            },
            ColumnTable<Log.Column>(Log.table) { [alarms] in
                let snapshot = alarms.snapshot
                return (log.of(snapshot), { snapshot.log[$1].value($0) })
            },
        ]
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

extension Alarm {
    /// A cell of orionAlarmActiveTable.
    fileprivate func value(_ column: OrionAlarmMIB.OrionAlarmActiveEntry.Column) -> Value? {
        switch column {
        case .orionAlarmActiveKind: .integer(Int32(key.kind.rawValue))
        case .orionAlarmActiveObjectType: .integer(Int32(key.subject.kind.rawValue))
        case .orionAlarmActiveObject: .line(key.subject.name)
        case .orionAlarmActiveIfIndex: .interfaceOrZero(key.subject.interface)
        case .orionAlarmActiveDetail: .line(key.detail)
        case .orionAlarmActiveSeverity: .integer(Int32(severity.rawValue))
        case .orionAlarmActiveText: .line(text)
        case .orionAlarmActiveRaised: .dateAndTime(raised)
        case .orionAlarmActiveChanged: .dateAndTime(changed)
        case .orionAlarmActiveTransitions: .counter32(transitions)
        case .orionAlarmActiveDamped: .truth(isDamped)
        case .orionAlarmActiveCause: .gauge32(cause ?? 0)
        case .orionAlarmActiveAcknowledged: .truth(acknowledgement != nil)
        case .orionAlarmActiveAcknowledgedBy: .line(acknowledgement?.principal ?? "")
        case .orionAlarmActiveAcknowledgedAt: acknowledgement.map { .dateAndTime($0.time) }
        }
    }
}

extension AlarmRecord {
    /// A cell of orionAlarmLogTable.
    fileprivate func value(_ column: OrionAlarmMIB.OrionAlarmLogEntry.Column) -> Value? {
        switch column {
        case .orionAlarmLogEvent: .integer(Int32(event.rawValue))
        case .orionAlarmLogTime: .dateAndTime(time)
        case .orionAlarmLogAlarm: .gauge32(alarm)
        case .orionAlarmLogKind: .integer(Int32(key.kind.rawValue))
        case .orionAlarmLogObjectType: .integer(Int32(key.subject.kind.rawValue))
        case .orionAlarmLogObject: .line(key.subject.name)
        case .orionAlarmLogIfIndex: .interfaceOrZero(key.subject.interface)
        case .orionAlarmLogDetail: .line(key.detail)
        case .orionAlarmLogSeverity: .integer(Int32(severity.rawValue))
        case .orionAlarmLogText: .line(text)
        case .orionAlarmLogPrincipal: .line(principal)
        case .orionAlarmLogNotified: .truth(isNotified)
        }
    }
}

extension Value {
    /// An InterfaceIndexOrZero.
    static func interfaceOrZero(_ index: InterfaceIndex?) -> Value {
        .integer(Int32(index?.number ?? 0))
    }
}
