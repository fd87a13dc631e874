package import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

extension MIBNotification {
    /// What a console is told of an event.
    ///
    /// - Returns: nil for what is no notification of its own.
    package init?(_ event: SecurityEvent, _ objects: SecurityObjects) {
        let time = bind(OrionSecurityMIB.orionSecurityEventTime, .dateAndTime(objects.wallClock.now()))
        switch event {
        case .accessDenied(let principal, let request, let decision, let suppressed):
            self.init(
                OrionSecurityMIB.orionSecurityAccessDenied,
                [time] + denial(principal, request, decision, suppressed: suppressed)
                    + objects.interfaceBinding(request.target))
        case .policyChanged(let principal, let revision, let warnings):
            self.init(
                OrionSecurityMIB.orionSecurityPolicyChanged,
                [
                    time, bind(OrionSecurityMIB.orionSecurityEventPrincipal, .line(principal.printableName)),
                    bind(OrionSecurityMIB.orionSecurityEventSource, .line("\(principal.source)")),
                    bind(
                        OrionSecurityMIB.orionSecurityPolicyRevision, .counter32(UInt32(truncatingIfNeeded: revision))),
                    bind(
                        OrionSecurityMIB.orionSecurityPolicyRules,
                        .gauge32(UInt32(clamping: objects.security.snapshot.policy.rules.count))),
                    bind(OrionSecurityMIB.orionSecurityEventWarnings, .gauge32(UInt32(clamping: warnings.count))),
                    text(warnings.first.map { "policy changed: \($0)" } ?? "policy changed"),
                ])
        case .auditFailed(let error):
            self.init(
                OrionSecurityMIB.orionSecurityAuditFailed,
                [time] + audit(.failed, "\(error)") + [text("the audit takes no records; SETs are refused")])
        case .auditRestored:
            self.init(
                OrionSecurityMIB.orionSecurityAuditRestored,
                [time] + audit(.working, "") + [text("the audit takes records again")])
        case .principalUnavailable:
            self.init(
                OrionSecurityMIB.orionSecurityPrincipalUnavailable,
                [time] + objects.principals(.unavailable)
                    + [text("SETs come without their principal: is snmpd's orion module loaded?")])
        case .principalRestored:
            self.init(
                OrionSecurityMIB.orionSecurityPrincipalRestored,
                [time] + objects.principals(.available) + [text("SETs come with their principal again")])
        case .principalForged(let reason, let suppressed):
            self.init(
                OrionSecurityMIB.orionSecurityPrincipalForged,
                [
                    time,
                    bind(
                        OrionSecurityMIB.orionSecurityForgedRecords, .counter64(objects.security.counts.forgedRecords)),
                    bind(OrionSecurityMIB.orionSecurityEventSuppressed, .gauge32(UInt32(clamping: suppressed))),
                    text(reason),
                ])
        case .agentAccessWeak:
            return nil
        case .agentRefused(let report, let object, let suppressed):
            let principal = report.record.principal
            self.init(
                OrionSecurityMIB.orionSecurityAgentRefused,
                [
                    time, bind(OrionSecurityMIB.orionSecurityEventPrincipal, .line(principal.printableName)),
                    bind(OrionSecurityMIB.orionSecurityEventLevel, .integer(Int32(principal.level.rawValue))),
                    bind(OrionSecurityMIB.orionSecurityEventSource, .line("\(principal.source)")),
                    bind(OrionSecurityMIB.orionSecurityEventObject, .line(object)),
                    bind(
                        OrionSecurityMIB.orionSecurityAgentRefusals, .counter64(objects.security.counts.agentRefusals)),
                    bind(OrionSecurityMIB.orionSecurityEventSuppressed, .gauge32(UInt32(clamping: suppressed))),
                    text("\(report.operation.rawValue) refused by snmpd: \(report.cause)"),
                ])
        }
    }
}

private func bind(_ object: ObjectSchema, _ value: Value) -> VarBind {
    VarBind(object.oid.appending(0), value)
}

private func text(_ text: String) -> VarBind {
    bind(OrionSecurityMIB.orionSecurityEventText, .line(text))
}

private func audit(_ state: OrionSecurityMIB.OrionSecurityAuditState, _ failure: String) -> [VarBind] {
    [
        bind(OrionSecurityMIB.orionSecurityAuditState, .auditState(state)),
        bind(OrionSecurityMIB.orionSecurityAuditFailure, .line(failure)),
    ]
}

private func denial(
    _ principal: Principal, _ request: AccessRequest, _ decision: AccessDecision, suppressed: UInt64
) -> [VarBind] {
    [
        bind(OrionSecurityMIB.orionSecurityEventPrincipal, .line(principal.printableName)),
        bind(OrionSecurityMIB.orionSecurityEventLevel, .integer(Int32(principal.level.rawValue))),
        bind(OrionSecurityMIB.orionSecurityEventSource, .line("\(principal.source)")),
        bind(OrionSecurityMIB.orionSecurityEventAction, .integer(request.action.number.rawValue)),
        bind(OrionSecurityMIB.orionSecurityEventTarget, .line("\(request.target)")),
        bind(OrionSecurityMIB.orionSecurityEventEnforced, .truth(!decision.isPermitted)),
        bind(OrionSecurityMIB.orionSecurityEventRule, .text(decision.rule ?? "")),
        bind(OrionSecurityMIB.orionSecurityEventReason, .denialReason(decision.reason)),
        bind(OrionSecurityMIB.orionSecurityEventSuppressed, .gauge32(UInt32(clamping: suppressed))),
        text("\(decision)"),
    ]
}

extension SecurityObjects {
    fileprivate func principals(_ state: PrincipalState) -> [VarBind] {
        [
            bind(OrionSecurityMIB.orionSecurityPrincipalState, .integer(state.number.rawValue)),
            bind(OrionSecurityMIB.orionSecurityPrincipalRequired, principalRequired),
            bind(OrionSecurityMIB.orionSecurityUnknownPrincipals, .counter64(security.counts.unknownPrincipals)),
        ]
    }

    /// Consoles file what concerns a port by its ifIndex.
    fileprivate func interfaceBinding(_ target: AccessTarget) -> [VarBind] {
        guard case .interface(let name, _, _) = target,
            let row = interfaces.snapshot.row(named: name)
        else { return [] }
        let object = IFMIB.IfEntry.Column.ifIndex.schema.oid.appending(row.index.number)
        return [VarBind(object, .integer(Int32(row.index.number)))]
    }
}

extension ActionClass {
    fileprivate var number: OrionSecurityMIB.OrionActionClass {
        switch self {
        case .read: .read
        case .configure: .configure
        case .operate: .operate
        case .administer: .administer
        }
    }
}
