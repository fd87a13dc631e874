package import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

extension MIBNotification {
    /// What a console is told of an event; nil when it is told nothing.
    package init?(_ event: ConfigurationEvent, _ objects: ConfigurationObjects) {
        let time = bind(OrionConfigMIB.orionConfigEventTime, .dateAndTime(objects.wallClock.now()))
        switch event {
        case .changed(let revision, let first):
            let text =
                revision.state == .unconfirmed ? "in force until it is confirmed or its time is over" : "in force"
            let more = revision.changes > 1 ? " and \(revision.changes - 1) more" : ""
            self.init(
                OrionConfigMIB.orionConfigChanged,
                [time] + revision.bindings + [
                    bind(OrionConfigMIB.orionConfigEventSetting, .line(first)),
                    eventText("revision \(revision.number) is \(text)" + (first.isEmpty ? "" : ": \(first)\(more)")),
                ])
        case .confirmed(let revision):
            self.init(
                OrionConfigMIB.orionConfigConfirmed,
                [time] + revision.bindings + [eventText("revision \(revision.number) is confirmed")])
        case .rolledBack(let revision):
            self.init(
                OrionConfigMIB.orionConfigRolledBack,
                [time] + revision.bindings
                    + [eventText("revision \(revision.number) was taken back: \(revision.reason)")])
        case .failed(let revision, let finding):
            self.init(
                OrionConfigMIB.orionConfigFailed,
                [time] + revision.bindings + [
                    bind(OrionConfigMIB.orionConfigEventSetting, .line(finding.setting)), eventText(revision.reason),
                ])
        case .driftDetected(let drift):
            self.init(OrionConfigMIB.orionConfigDriftDetected, [time] + driftBindings(drift))
        case .driftRepaired(let drift):
            self.init(OrionConfigMIB.orionConfigDriftRepaired, [time] + driftBindings(drift))
        // The alarm that it raises tells it: there is no revision to tell of.
        case .setNotKept, .interfacesConfigured: return nil
        }
    }
}

private func bind(_ object: ObjectSchema, _ value: Value) -> VarBind {
    VarBind(object.oid.appending(0), value)
}

private func eventText(_ text: String) -> VarBind {
    bind(OrionConfigMIB.orionConfigEventText, .line(text))
}

private func driftBindings(_ drift: [ConfigurationDrift]) -> [VarBind] {
    let more = drift.count > 1 ? " (and \(drift.count - 1) more)" : ""
    return [
        bind(OrionConfigMIB.orionConfigEventSetting, .line(drift.first?.setting ?? "")),
        bind(OrionConfigMIB.orionConfigDriftCount, .gauge32(UInt32(clamping: drift.count))),
        eventText((drift.first?.text ?? "") + more),
    ]
}

extension ConfigurationRevision {
    fileprivate var bindings: [VarBind] {
        typealias Column = OrionConfigMIB.OrionConfigRevisionEntry.Column
        let columns: [Column] = [
            .orionConfigRevisionPrincipal, .orionConfigRevisionOrigin, .orionConfigRevisionState,
            .orionConfigRevisionChanges,
        ]
        return columns.map { VarBind($0.schema.oid.appending(number), value($0)) }
    }
}
