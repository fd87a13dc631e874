package import NetworkModel
import Synchronization

/// Says who stands behind a request and whether they may, and keeps the policy that decides it.
///
/// Decisions come from any thread and wait for nobody: they read the latest compiled policy, which a change replaces as a
/// whole.
package final class SecurityManager: Sendable {
    private struct State {
        var snapshot: SecuritySnapshot
        /// The counters of every rule of the policy, disabled ones included.
        var statistics: [String: RuleStatistics] = [:]
        /// The change under way; nil when there is none.
        var reservation: UInt64?
        var lastReservation: UInt64 = 0
        var denials = EventThrottle<DenialKey>()
        var forgeries = EventThrottle<String>()
        var principals = PrincipalState.unknown
    }

    /// What makes two denials alike.
    private struct DenialKey: Hashable {
        let name: [UInt8]
        let host: SourceAddress
        let rule: String?
        let reason: DenialReason?
    }

    private let state: Mutex<State>
    private let counters = SecurityCounters()
    private let store: any PolicyStore
    private let audit: (any AuditStore)?
    private let clock: any MonotonicClock
    private let wallClock: any WallClock
    private let events: @Sendable (SecurityEvent) -> Void

    /// - Parameters:
    ///   - policy: what the store holds at the start.
    ///   - audit: where changes of the policy are recorded; nil when auditing is switched off.
    ///   - events: called from any thread; must not block, nor call back into a decision.
    package init(
        policy: SecurityPolicy, options: SecurityOptions, store: any PolicyStore, audit: (any AuditStore)?,
        clock: any MonotonicClock, wallClock: any WallClock, events: @escaping @Sendable (SecurityEvent) -> Void
    ) throws(PolicyError) {
        try policy.validate()
        self.store = store
        self.audit = audit
        self.clock = clock
        self.wallClock = wallClock
        self.events = events
        let empty = SecuritySnapshot(
            options: options, compiled: CompiledPolicy(SecurityPolicy()), revision: 0, changed: clock.now(),
            warnings: [])
        state = Mutex(State(snapshot: empty))
        state.withLock { publish(policy, in: &$0) }
    }

    /// The latest state.
    package var snapshot: SecuritySnapshot { state.withLock { $0.snapshot } }

    package var counts: SecurityCounts { counters.counts }

    /// How often a rule decided, disabled or not; nil when there is no such rule.
    package func statistics(ofRule name: String) -> RuleStatistics? {
        state.withLock { $0.statistics[name] }
    }

    /// Takes other switches, as after a reload of the configuration.
    package func setOptions(_ options: SecurityOptions) {
        state.withLock { state in
            let old = state.snapshot
            state.snapshot = SecuritySnapshot(
                options: options, compiled: old.compiled, revision: old.revision, changed: old.changed,
                warnings: old.warnings)
        }
    }

    /// Passes on that the audit store failed, or works again.
    package func auditHealthChanged(_ failure: StoreError?) {
        events(failure.map { .auditFailed($0) } ?? .auditRestored)
    }
}

// MARK: - Who

/// Why a request has no principal that may be believed.
package enum PrincipalRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no record, and one is required.
    case missing
    /// There is one, but the module did not write it so.
    case malformed(PrincipalRecordError)
    /// It names another transaction than the PDU it came in.
    case otherTransaction(UInt32)

    package var description: String {
        switch self {
        case .missing: "no principal record came with the request: is snmpd's orion module loaded?"
        case .malformed(let error): error.description
        case .otherTransaction(let number): "the principal record is of transaction \(number)"
        }
    }
}

/// Whether requests come with the record of who sent them.
package enum PrincipalState: Sendable, Hashable {
    /// None has come yet.
    case unknown
    case available
    case unavailable
}

extension SecurityManager {
    /// As the last SET had it.
    package var principalState: PrincipalState { state.withLock { $0.principals } }

    /// Who stands behind a request.
    ///
    /// - Parameters:
    ///   - field: the context field of the PDU, as snmpd's own connection brought it.
    ///   - transaction: h.transactionID of the PDU.
    /// - Throws: when nobody can be named; then nothing the request asks for may happen.
    package func identify(_ field: [UInt8], transaction: UInt32) throws(PrincipalRefusal) -> PrincipalRecord {
        guard PrincipalRecord.isClaimed(by: field) else { return try identifyWithoutRecord(transaction: transaction) }
        let record: PrincipalRecord
        do {
            record = try PrincipalRecord(parsing: field)
        } catch {
            throw forged(.malformed(error))
        }
        guard record.transaction == transaction else { throw forged(.otherTransaction(record.transaction)) }
        let isRestored = state.withLock { state in
            defer { state.principals = .available }
            return state.principals == .unavailable
        }
        if isRestored { events(.principalRestored) }
        return record
    }

    private func identifyWithoutRecord(transaction: UInt32) throws(PrincipalRefusal) -> PrincipalRecord {
        counters.unknownPrincipals.wrappingAdd(1, ordering: .relaxed)
        let (requirement, isNew) = state.withLock { state in
            defer { state.principals = .unavailable }
            return (state.snapshot.options.principal, state.principals != .unavailable)
        }
        if isNew { events(.principalUnavailable) }
        guard requirement == .optional else { throw .missing }
        return PrincipalRecord(request: 0, transaction: transaction, version: .v3, principal: .unknown)
    }

    private func forged(_ refusal: PrincipalRefusal) -> PrincipalRefusal {
        counters.forgedRecords.wrappingAdd(1, ordering: .relaxed)
        let suppressed = state.withLock { state in
            state.forgeries.admit("", at: clock.now(), interval: state.snapshot.options.eventInterval)
        }
        if let suppressed { events(.principalForged(reason: refusal.description, suppressed: suppressed)) }
        return refusal
    }
}

// MARK: - May they

extension SecurityManager {
    /// Whether `principal` may do what `request` says, now. Counts it, and tells a denial.
    package func decide(_ principal: Principal, _ request: AccessRequest) -> AccessDecision {
        let snapshot = snapshot
        let (decision, statistics) = judge(principal, request, by: snapshot)
        statistics?.hit(at: clock.now())
        if let reason = decision.reason {
            if decision.isPermitted {
                counters.unenforced.wrappingAdd(1, ordering: .relaxed)
            } else {
                counters.deny(reason)
            }
            tell(principal, request, decision, interval: snapshot.options.eventInterval)
        }
        if decision.isPermitted { counters.permitted.wrappingAdd(1, ordering: .relaxed) }
        return decision
    }

    /// What `decide` would say, and what each rule made of it. Nothing is counted or told.
    package func explain(_ principal: Principal, _ request: AccessRequest) -> PolicyExplanation {
        let snapshot = snapshot
        let (decision, _) = judge(principal, request, by: snapshot)
        guard snapshot.options.isAccessControlEnabled, principal.model != .host else {
            return PolicyExplanation(decision: decision, steps: [])
        }
        let compiled = snapshot.compiled
        let tests = compiled.failedTests(for: principal, request, at: moment(for: compiled))
        var steps: [PolicyExplanation.Step] = []
        for (rule, test) in zip(compiled.rules, tests) {
            steps.append(PolicyExplanation.Step(rule: rule.name, effect: rule.effect, failedTest: test))
            if test == nil { break }
        }
        return PolicyExplanation(decision: decision, steps: steps)
    }

    private func judge(
        _ principal: Principal, _ request: AccessRequest, by snapshot: SecuritySnapshot
    ) -> (AccessDecision, RuleStatistics?) {
        guard snapshot.options.isAccessControlEnabled else {
            return (AccessDecision(outcome: .permitted, basis: .accessControlOff, reason: nil, isAudited: false), nil)
        }
        guard principal.model != .host else {
            return (AccessDecision(outcome: .permitted, basis: .host, reason: nil, isAudited: true), nil)
        }
        let compiled = snapshot.compiled
        let moment = moment(for: compiled)
        let isEnforced = snapshot.options.isPolicyEnforced
        if let index = compiled.firstRule(for: principal, request, at: moment) {
            let rule = compiled.rules[index]
            let decision = AccessDecision(
                outcome: rule.effect == .permit || !isEnforced ? .permitted : .denied(rule.denial),
                basis: .rule(rule.name), reason: rule.effect == .permit ? nil : .rule, isAudited: rule.isAudited)
            return (decision, compiled.statistics[index])
        }
        guard compiled.policy.defaultEffect == .deny else {
            return (AccessDecision(outcome: .permitted, basis: .defaultEffect, reason: nil, isAudited: false), nil)
        }
        let miss = compiled.nearestMiss(for: principal, request, at: moment)
        let reason = DenialReason(nearestMiss: miss)
        let denial: AccessDecision.Denial = reason == .target || reason == .action ? .target : .principal
        let decision = AccessDecision(
            outcome: isEnforced ? .denied(denial) : .permitted, basis: .defaultEffect, reason: reason, isAudited: true)
        return (decision, nil)
    }

    private func moment(for compiled: CompiledPolicy) -> CompiledPolicy.Moment {
        var moment = CompiledPolicy.Moment()
        guard compiled.needsTime else { return moment }
        let now = wallClock.now()
        moment.utc = TimeWindow.minuteOfWeek(at: now, offset: 0)
        if compiled.needsLocalTime {
            moment.local = TimeWindow.minuteOfWeek(at: now, offset: wallClock.secondsEastOfUTC(at: now))
        }
        return moment
    }

    private func tell(
        _ principal: Principal, _ request: AccessRequest, _ decision: AccessDecision, interval: Duration
    ) {
        let key = DenialKey(
            name: principal.name, host: principal.source.host, rule: decision.rule, reason: decision.reason)
        let suppressed = state.withLock { $0.denials.admit(key, at: clock.now(), interval: interval) }
        if let suppressed { events(.accessDenied(principal, request, decision, suppressed: suppressed)) }
    }
}

extension SecurityRule {
    /// What a denial by this rule is about: one that singles out targets denies the target.
    fileprivate var denial: AccessDecision.Denial { target == .any ? .principal : .target }
}

extension DenialReason {
    fileprivate init(nearestMiss test: CompiledPolicy.Test?) {
        self =
            switch test {
            case .principal, nil: .principal
            case .source: .source
            case .level: .level
            case .window: .window
            case .action: .action
            case .target: .target
            }
    }
}

// MARK: - Changing the policy

extension SecurityManager {
    /// Checks changes against the present policy and reserves the right to make them, until the transaction is committed,
    /// released or forgotten. Nothing observable happens yet.
    ///
    /// - Throws: what the changes lack; `.busy` when others are under way.
    package func prepare(
        _ changes: [PolicyChange], by principal: Principal
    ) throws(PolicyError) -> PolicyTransaction {
        let (number, before): (UInt64, SecurityPolicy) = try state.withLock { state throws(PolicyError) in
            guard state.reservation == nil else {
                throw PolicyError(.busy, "another change of the policy is under way")
            }
            state.lastReservation += 1
            state.reservation = state.lastReservation
            return (state.lastReservation, state.snapshot.policy)
        }
        do {
            let after = try before.applying(changes)
            return PolicyTransaction(
                manager: self, number: number, before: before, after: after, principal: principal,
                warnings: after.warnings())
        } catch {
            endReservation(number)
            throw error
        }
    }

    /// Makes changes at once: for an administrator on the host.
    ///
    /// - Returns: what the new policy does that is hardly meant.
    @discardableResult
    package func apply(_ changes: [PolicyChange], by principal: Principal) async throws(PolicyError) -> [PolicyWarning]
    {
        let transaction = try prepare(changes, by: principal)
        defer { transaction.release() }
        try await transaction.commit()
        return transaction.warnings
    }

    /// Records, keeps and publishes `policy` in the place of `replaced`.
    func replace(
        _ replaced: SecurityPolicy, with policy: SecurityPolicy, by principal: Principal, isUndo: Bool
    ) async throws(PolicyError) {
        var record = AuditRecord(.policyChange, principal: principal, phase: .begun)
        record.objects = replaced.differences(to: policy)
        record.reason = isUndo ? "takes back the change before" : ""
        let receipt: AuditReceipt?
        do {
            receipt = try await audit?.append(record)
            record.announcement = receipt?.sequence
            record.objects = []
            try await store.savePolicy(policy)
        } catch {
            record.phase = .failed
            record.reason = error.description
            if record.announcement != nil { audit?.record(record) }
            throw PolicyError(.notStored, error.description)
        }
        let snapshot = state.withLock { state in
            publish(policy, in: &state)
            return state.snapshot
        }
        record.phase = isUndo ? .undone : .committed
        audit?.record(record)
        events(.policyChanged(by: principal, revision: snapshot.revision, warnings: snapshot.warnings))
    }

    func endReservation(_ number: UInt64) {
        state.withLock { state in
            if state.reservation == number { state.reservation = nil }
        }
    }

    private func publish(_ policy: SecurityPolicy, in state: inout State) {
        var statistics: [String: RuleStatistics] = [:]
        for rule in policy.rules { statistics[rule.name] = state.statistics[rule.name] ?? RuleStatistics() }
        state.statistics = statistics
        state.snapshot = SecuritySnapshot(
            options: state.snapshot.options, compiled: CompiledPolicy(policy) { statistics[$0] },
            revision: state.snapshot.revision + 1, changed: clock.now(), warnings: policy.warnings())
    }
}
