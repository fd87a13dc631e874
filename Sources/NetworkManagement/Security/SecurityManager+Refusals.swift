import NetworkModel
import Synchronization

extension SecurityManager {
    /// Takes in what snmpd's own access control refused, which never came here as a request: counts it, and tells the
    /// first of like ones. Only those are recorded too: whoever has no access at all must not fill the audit.
    ///
    /// - Parameter object: the name of the object that `report` tells of, for people.
    package func agentRefused(_ report: RefusalReport, object: String) {
        counters.agentRefusals.wrappingAdd(1 + UInt64(report.lost), ordering: .relaxed)
        let principal = report.record.principal
        let key = RefusalKey(name: principal.name, host: principal.source.host, code: report.code)
        let suppressed = state.withLock { state in
            state.refusals.admit(key, at: clock.now(), interval: state.snapshot.options.eventInterval)
        }
        guard let suppressed else { return }
        var record = AuditRecord(.authentication, principal: principal, phase: .refused)
        record.objects = [AuditObject(name: object)]
        record.request = report.record.request
        record.reason =
            "snmpd's access control: \(report.cause)" + (suppressed == 0 ? "" : "; \(suppressed) more before")
        audit?.record(record)
        events(.agentRefused(report, object: object, suppressed: suppressed))
    }

    /// Takes in what snmpd's access control lets its users do.
    package func learn(_ access: AgentAccess) {
        let isWorse = state.withLock { state in
            defer { state.agentAccess = access }
            return access.weakWriterCount > (state.agentAccess?.weakWriterCount ?? 0)
        }
        if isWorse { events(.agentAccessWeak(access)) }
    }

    /// Takes in a report that cannot be believed: snmpd did not send it, or its module did not write it.
    package func disbelieved(report reason: String) {
        noteForgery(reason)
    }
}

extension RefusalReport {
    /// Why access control said no (vacm.h of net-snmp, VACM_*).
    package var cause: String {
        switch code {
        case 1: "nobody known"
        case 2: "in no group"
        case 3: "no access for the group"
        case 4: "no view"
        case 5: "not in the view"
        case 6: "no such context"
        default: "code \(code)"
        }
    }
}
