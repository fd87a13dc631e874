package import NetworkManagement
package import NetworkModel
import OrionSchema
package import SMI

/// ORION-SECURITY-MIB over the security manager and the audit.
package struct SecurityObjects: Sendable {
    let interfaces: InterfaceManager
    let security: SecurityManager
    let audit: (any AuditStore)?
    let uptime: UptimeReference
    let wallClock: any WallClock
    private let isEncrypted: Bool
    private let clock: any MonotonicClock
    let rows: PolicyRowState
    let trials: SecurityTrials
    private let ruleTable: RuleTable
    private let memberTable: MemberTable
    /// Everything that can be set, these objects and all others: what a SET, and a trial of one, is decoded by.
    let writable: WritableObjects

    /// - Parameters:
    ///   - audit: nil when auditing is switched off.
    ///   - isEncrypted: whether secrets are kept sealed.
    ///   - lock: the first value of orionSecurityPolicyLock; best a random one.
    ///   - others: the tables of other modules that can be set.
    ///   - otherScalars: their scalars that can be set.
    package init(
        interfaces: InterfaceManager, security: SecurityManager, audit: (any AuditStore)?, uptime: UptimeReference,
        clock: any MonotonicClock, wallClock: any WallClock, isEncrypted: Bool, lock: Int32,
        others: [any WritableTable], otherScalars: [WritableScalar] = []
    ) {
        self.interfaces = interfaces
        self.security = security
        self.audit = audit
        self.uptime = uptime
        self.clock = clock
        self.wallClock = wallClock
        self.isEncrypted = isEncrypted
        rows = PolicyRowState(lock: lock)
        trials = SecurityTrials(clock: clock)
        ruleTable = RuleTable(security: security, state: rows, uptime: uptime, clock: clock)
        memberTable = MemberTable(security: security)
        writable = WritableObjects(
            tables: others + [ruleTable, memberTable, WritableTrialTable()],
            scalars: otherScalars + Self.writableScalars)
    }

    /// The name of an object for people, as `ifAdminStatus.3`; the identifier itself when it is not one that can be set.
    ///
    /// - Parameter identifier: in dotted decimal.
    package func name(ofObject identifier: String) -> String {
        OID(identifier).map { writable.name(of: $0) } ?? identifier
    }

    package var tables: [any TableSource] {
        let records = NewestRecords(audit)
        let judge = TrialJudge(
            objects: writable, interfaces: interfaces, security: security, rows: rows, trials: trials, clock: clock)
        return [WarningTable(security: security), ruleTable, memberTable, TrialTable(judge: judge)] + records.tables
    }

    package var scalars: [ScalarSource] {
        OrionSecurityMIB.Scalar.allCases.map { scalar in ScalarSource(scalar.schema) { value(of: scalar) } }
    }

    private static var writableScalars: [WritableScalar] {
        OrionSecurityMIB.WritableScalar.allCases.compactMap { scalar in
            guard let schema = OrionSecurityMIB.Scalar(rawValue: scalar.rawValue)?.schema else { return nil }
            return WritableScalar(schema) { value throws(WriteRefusal) in
                switch scalar {
                case .orionSecurityPolicyLock:
                    guard case .integer(let number) = value else { throw WriteRefusal(.wrongType) }
                    return .policy(.lock(number))
                case .orionSecurityPolicyDefaultEffect:
                    return .policy(.defaultEffect(try value.effect()))
                }
            }
        }
    }

    private func value(of scalar: OrionSecurityMIB.Scalar) -> Value? {
        switch scalar {
        case .orionSecurityAccessControl: .truth(security.snapshot.options.isAccessControlEnabled)
        case .orionSecurityEnforcement: .truth(security.snapshot.options.isPolicyEnforced)
        case .orionSecurityPrincipalRequired: principalRequired
        case .orionSecurityPrincipalState: .integer(security.principalState.number.rawValue)
        case .orionSecurityEncryption: .truth(isEncrypted)
        case .orionSecurityAuditState: .auditState(audit.map { $0.status.failure == nil ? .working : .failed })
        case .orionSecurityAuditFailure: .line(audit?.status.failure?.description ?? "")
        case .orionSecurityAgentUsersAuthPriv: security.agentAccess.map { .gauge32($0.usersAuthPriv) }
        case .orionSecurityAgentUsersAuthNoPriv: security.agentAccess.map { .gauge32($0.usersAuthNoPriv) }
        case .orionSecurityAgentUsersNoAuth: security.agentAccess.map { .gauge32($0.usersNoAuth) }
        case .orionSecurityAgentGroups: security.agentAccess.map { .gauge32($0.groups) }
        case .orionSecurityPolicyLock: .integer(rows.content(at: clock.now()).lock)
        case .orionSecurityPolicyDefaultEffect: .integer(Int32(security.snapshot.policy.defaultEffect.rawValue))
        case .orionSecurityPolicyRevision: .counter32(UInt32(truncatingIfNeeded: security.snapshot.revision))
        case .orionSecurityPolicyLastChange: uptime.timeTicks(security.snapshot.changed)
        case .orionSecurityPolicyRules: .gauge32(UInt32(clamping: security.snapshot.policy.rules.count))
        case .orionSecurityPolicyRulesMaximum: .gauge32(UInt32(clamping: SecurityPolicy.maximumRules))
        case .orionSecurityAuditHeadSequence: .counter64(audit?.status.head?.sequence ?? 0)
        case .orionSecurityAuditHeadDigest: .bytes(audit?.status.head?.digest ?? [])
        case .orionSecurityAuditRefused: .counter64(audit?.status.refused ?? 0)
        case .orionSecurityAuditLost: .counter64(audit?.status.lost ?? 0)
        case .orionSecurityAuditWaiting: .gauge32(UInt32(clamping: audit?.status.waiting ?? 0))
        case .orionSecurityAuditCommits: .counter64(audit?.status.commits ?? 0)
        case .orionSecurityPermitted: .counter64(security.counts.permitted)
        case .orionSecurityDenied: .counter64(security.counts.deniedTotal)
        case .orionSecurityDeniedByRule: .counter64(security.counts.denied(because: .rule))
        case .orionSecurityDeniedPrincipal: .counter64(security.counts.denied(because: .principal))
        case .orionSecurityDeniedSource: .counter64(security.counts.denied(because: .source))
        case .orionSecurityDeniedLevel: .counter64(security.counts.denied(because: .level))
        case .orionSecurityDeniedWindow: .counter64(security.counts.denied(because: .window))
        case .orionSecurityDeniedAction: .counter64(security.counts.denied(because: .action))
        case .orionSecurityDeniedTarget: .counter64(security.counts.denied(because: .target))
        case .orionSecurityUnenforced: .counter64(security.counts.unenforced)
        case .orionSecurityUnknownPrincipals: .counter64(security.counts.unknownPrincipals)
        case .orionSecurityForgedRecords: .counter64(security.counts.forgedRecords)
        case .orionSecurityAgentRefusals: .counter64(security.counts.agentRefusals)
        }
    }

    var principalRequired: Value { .truth(security.snapshot.options.principal == .required) }
}

extension Value {
    /// orionSecurityAuditState; nil for an audit that is switched off.
    static func auditState(_ state: OrionSecurityMIB.OrionSecurityAuditState?) -> Value {
        .integer((state ?? .disabled).rawValue)
    }
}

extension PrincipalState {
    var number: OrionSecurityMIB.OrionSecurityPrincipalState {
        switch self {
        case .unknown: .unknown
        case .available: .available
        case .unavailable: .unavailable
        }
    }
}

/// orionSecurityWarningTable.
struct WarningTable: TableSource {
    let security: SecurityManager

    var schema: TableSchema { OrionSecurityMIB.OrionSecurityWarningEntry.table }

    func open() -> any TableReading {
        Reading(policy: security.snapshot.warnings, agent: security.agentAccess?.weakWriters ?? [])
    }

    struct Reading: TableReading {
        let policy: [PolicyWarning]
        let agent: [AgentAccess.WeakWriter]

        var rows: RowIndex { .integers((0..<policy.count + agent.count).map { UInt32(clamping: $0 + 1) }) }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionSecurityMIB.OrionSecurityWarningEntry.Column(rawValue: column) else { return nil }
            switch column {
            case .orionSecurityWarningOrigin:
                let isPolicy = position < policy.count
                return .integer((isPolicy ? OrionSecurityMIB.OrionSecurityWarningOrigin.policy : .agent).rawValue)
            case .orionSecurityWarningText:
                guard position >= policy.count else { return .line("\(policy[position])") }
                return .line("\(agent[position - policy.count])")
            }
        }
    }
}
