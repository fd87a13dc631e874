package import NetworkManagement
package import NetworkModel
import OrionSchema
import SMI

extension MIBNotification {
    /// What a console is told of an alarm; nil for what is in the history alone.
    package init?(_ event: AlarmEvent, wallClock: any WallClock) {
        switch event {
        case .record(let record, let suppressed):
            let schema: NotificationSchema
            switch record.event {
            case .raised: schema = OrionAlarmMIB.orionAlarmRaised
            case .cleared: schema = OrionAlarmMIB.orionAlarmCleared
            case .changed: schema = OrionAlarmMIB.orionAlarmChanged
            case .acknowledged, .unacknowledged: return nil
            }
            self.init(schema, record.bindings(suppressed: suppressed))
        case .heldBack(let sequence, let suppressed):
            self.init(
                OrionAlarmMIB.orionAlarmHeldBack,
                [
                    bind(OrionAlarmMIB.orionAlarmEventSequence, .gauge32(sequence)),
                    bind(OrionAlarmMIB.orionAlarmEventTime, .dateAndTime(wallClock.now())),
                    bind(OrionAlarmMIB.orionAlarmEventSuppressed, .gauge32(suppressed)),
                ])
        }
    }
}

extension AlarmRecord {
    fileprivate func bindings(suppressed: UInt32) -> [VarBind] {
        var bindings = [
            bind(OrionAlarmMIB.orionAlarmEventSequence, .gauge32(sequence)),
            bind(OrionAlarmMIB.orionAlarmEventTime, .dateAndTime(time)),
            bind(OrionAlarmMIB.orionAlarmEventAlarm, .gauge32(alarm)),
            bind(OrionAlarmMIB.orionAlarmEventKind, .integer(Int32(key.kind.rawValue))),
            bind(OrionAlarmMIB.orionAlarmEventSeverity, .integer(Int32(severity.rawValue))),
            bind(OrionAlarmMIB.orionAlarmEventObjectType, .integer(Int32(key.subject.kind.rawValue))),
            bind(OrionAlarmMIB.orionAlarmEventObject, .line(key.subject.name)),
            bind(OrionAlarmMIB.orionAlarmEventDetail, .line(key.detail)),
            bind(OrionAlarmMIB.orionAlarmEventText, .line(text)),
            bind(OrionAlarmMIB.orionAlarmEventSuppressed, .gauge32(suppressed)),
        ]
        // Consoles file what concerns a port by its ifIndex.
        if let index = key.subject.interface {
            bindings.append(
                VarBind(IFMIB.IfEntry.Column.ifIndex.schema.oid.appending(index.number), .interfaceOrZero(index)))
        }
        return bindings
    }
}

private func bind(_ object: ObjectSchema, _ value: Value) -> VarBind {
    VarBind(object.oid.appending(0), value)
}
