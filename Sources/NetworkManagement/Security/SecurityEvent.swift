package import NetworkModel

/// What the security manager tells the rest of the daemon: alarms and notifications come of it.
package enum SecurityEvent: Sendable, Equatable {
    /// A request was denied, or, while the policy is not enforced, would have been.
    ///
    /// - Parameter suppressed: how many more denials like it were not told since the last.
    case accessDenied(Principal, AccessRequest, AccessDecision, suppressed: UInt64)
    /// The policy was changed, and is in force.
    case policyChanged(by: Principal, revision: UInt64, warnings: [PolicyWarning])
    /// Nothing can be audited at present, so that no SET is accepted.
    case auditFailed(StoreError)
    case auditRestored
    /// SETs come without the record of who sent them: snmpd's module is not loaded, or was not asked.
    case principalUnavailable
    case principalRestored
    /// A context field that claims to be a principal record is none, or names another transaction.
    case principalForged(reason: String, suppressed: UInt64)
    /// snmpd's own access control refused a request for `object`, one of ours.
    /// More of snmpd's groups than before may write objects of ours without encryption.
    case agentAccessWeak(AgentAccess)
    case agentRefused(RefusalReport, object: String, suppressed: UInt64)
}
