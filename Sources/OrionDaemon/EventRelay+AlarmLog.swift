import Logging
import NetworkManagement
import NetworkModel

extension EventRelay {
    func log(_ event: AlarmEvent) {
        switch event {
        case .record(let record, let suppressed):
            alarmLog.log(
                level: record.event == .cleared ? .notice : record.severity.level, "alarm \(record.event)",
                metadata: [
                    "sequence": "\(record.sequence)", "alarm": "\(record.alarm)", "kind": "\(record.key.kind)",
                    "severity": "\(record.severity)", "object": "\(record.key.subject.name)", "text": "\(record.text)",
                    "suppressed": "\(suppressed)",
                ])
        case .heldBack(let sequence, let suppressed):
            alarmLog.warning(
                "notifications of alarms were too many; the rest are in the tables",
                metadata: ["sequence": "\(sequence)", "suppressed": "\(suppressed)"])
        }
    }
}

extension AlarmSeverity {
    fileprivate var level: Logger.Level {
        switch self {
        case .critical: .critical
        case .major: .error
        case .minor, .warning: .warning
        }
    }
}
