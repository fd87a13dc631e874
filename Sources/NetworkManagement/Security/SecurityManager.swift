package import NetworkModel
import Synchronization

/// Says who stands behind a request and whether they may, and keeps the policy that decides it.
///
/// Decisions come from any thread and wait for nobody: they read the latest compiled policy, which a change replaces as a
/// whole.
package final class SecurityManager: Sendable {
    struct State {
        var snapshot: SecuritySnapshot
        /// The counters of every rule of the policy, disabled ones included.
        var statistics: [String: RuleStatistics] = [:]
        /// The change under way; nil when there is none.
        var reservation: UInt64?
        var lastReservation: UInt64 = 0
        var denials = EventThrottle<DenialKey>()
        var forgeries = EventThrottle<String>()
        var refusals = EventThrottle<RefusalKey>()
        var principals = PrincipalState.unknown
        var agentAccess: AgentAccess?
        /// Who changed something lately, the last first.
        var managers: [(source: SourceAddress, seen: MonotonicTime)] = []
    }

    /// What makes two denials alike.
    struct DenialKey: Hashable {
        let name: [UInt8]
        let host: SourceAddress
        let rule: String?
        let reason: DenialReason?
    }

    /// What makes two refusals of snmpd's own access control alike.
    struct RefusalKey: Hashable {
        let name: [UInt8]
        let host: SourceAddress
        let code: Int32
    }

    let state: Mutex<State>
    let counters = SecurityCounters()
    let store: any PolicyStore
    let audit: (any AuditStore)?
    let clock: any MonotonicClock
    let wallClock: any WallClock
    let events: @Sendable (SecurityEvent) -> Void

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

    /// What snmpd's module last told of snmpd's access control; nil before it has.
    package var agentAccess: AgentAccess? { state.withLock { $0.agentAccess } }

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

    func publish(_ policy: SecurityPolicy, in state: inout State) {
        var statistics: [String: RuleStatistics] = [:]
        for rule in policy.rules { statistics[rule.name] = state.statistics[rule.name] ?? RuleStatistics() }
        state.statistics = statistics
        state.snapshot = SecuritySnapshot(
            options: state.snapshot.options, compiled: CompiledPolicy(policy) { statistics[$0] },
            revision: state.snapshot.revision + 1, changed: clock.now(), warnings: policy.warnings())
    }
}
