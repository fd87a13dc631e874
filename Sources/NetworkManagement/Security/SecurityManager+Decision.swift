package import NetworkModel
import Synchronization

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
        if decision.isPermitted {
            counters.permitted.wrappingAdd(1, ordering: .relaxed)
            if request.action != .read { noteManager(principal.source) }
        }
        return decision
    }

    /// So many hosts are remembered, each for so long after it last changed something.
    private static let mostManagers = 16
    private static let managerMemory: Duration = .seconds(3600)

    /// From where the host was managed lately, the last first; without ports, and only over a network.
    package var managers: [SourceAddress] {
        let now = clock.now()
        return state.withLock { state in
            state.managers.filter { now - $0.seen < Self.managerMemory }.map(\.source)
        }
    }

    private func noteManager(_ source: SourceAddress) {
        switch source {
        case .ipv4, .ipv6: break
        case .unix, .local, .other: return
        }
        let now = clock.now()
        state.withLock { state in
            state.managers.removeAll { $0.source == source.host }
            state.managers.insert((source.host, now), at: 0)
            if state.managers.count > Self.mostManagers { state.managers.removeLast() }
        }
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
