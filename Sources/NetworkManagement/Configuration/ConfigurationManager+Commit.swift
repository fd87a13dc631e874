package import NetworkModel
import Synchronization

/// Who wants a configuration, and why.
package struct ConfigurationRequest: Sendable {
    package var principal: Principal
    package var origin: ConfigurationRevision.Origin
    package var comment = ""
    /// Taken back after so long unless somebody confirms it; nil to keep it.
    package var confirmWithin: Duration?
    /// The digest of the file that it comes from; empty when it comes from none.
    package var fileDigest: [UInt8] = []
    /// The revision that the candidate was made from; another one in force by now refuses it. nil to replace any.
    package var base: UInt32?
    /// The session that it is of, whose lock lets it pass; nil when it is of none.
    package var session: [UInt8]?
    /// False for the start, before which nobody can have locked anything.
    package var heedsLock = true

    package init(_ principal: Principal, _ origin: ConfigurationRevision.Origin) {
        self.principal = principal
        self.origin = origin
    }
}

extension ConfigurationManager {
    /// A look at what a commit would come to.
    struct Preparation {
        var plan: ConfigurationPlan
        /// Interfaces of which the plan drops addresses or routes.
        let disturbed: Set<String>
        let baseline: ConfigurationBaseline
        let findings: [ConfigurationFinding]
        let changes: [SettingDifference]

        var isSound: Bool { !findings.contains { $0.severity == .error } }
    }

    /// What a commit of `candidate` would do, and what is wrong with it. Changes nothing.
    package func validate(
        _ candidate: NetworkConfiguration, _ request: ConfigurationRequest
    ) -> ConfigurationOutcome {
        var outcome = ConfigurationOutcome()
        do {
            let preparation = try prepare(candidate, request)
            outcome.findings = preparation.findings
            outcome.steps = preparation.plan.steps.map(\.step)
            if !preparation.isSound { outcome.failure = Self.refusal(preparation.findings) }
        } catch {
            outcome.failure = error
        }
        return outcome
    }

    /// Puts `candidate` in force, or changes nothing and says why.
    package func commit(
        _ candidate: NetworkConfiguration, _ request: ConfigurationRequest
    ) async -> ConfigurationOutcome {
        var outcome = ConfigurationOutcome()
        do throws(ManagementError) {
            try await exclusively { () async throws(ManagementError) in
                try await commit(candidate, request, into: &outcome)
            }
        } catch {
            outcome.failure = error
        }
        return outcome
    }

    static func refusal(_ findings: [ConfigurationFinding]) -> ManagementError {
        let errors = findings.filter { $0.severity == .error }
        let more = errors.count > 1 ? " (and \(errors.count - 1) more)" : ""
        return ManagementError(.inconsistent, (errors.first?.description ?? "refused") + more)
    }

    func prepare(
        _ candidate: NetworkConfiguration, _ request: ConfigurationRequest
    ) throws(ManagementError) -> Preparation {
        let snapshot = snapshot
        let observed = try observe(candidate, snapshot)
        let resolution = InterfaceResolution(candidate, observed)
        let before = InterfaceResolution(snapshot.configuration, observed)
        let changes = snapshot.configuration.differences(to: candidate)
        var judgement = ConfigurationJudgement(request.principal, target, observed: observed)
        judgement.judge(changes)
        judgement.judge(resolution, before: before)
        let validator = ConfigurationValidator(
            candidate, resolution, observed: observed, policy: target.policy, previous: snapshot.configuration)
        var findings = validator.findings
        if changes.contains(where: { $0.path.kind == .drivers }) { findings += target.findings(for: candidate) }
        findings = judgement.findings + findings
        // Steps to what cannot be are none, and working them out may take any time.
        guard !findings.contains(where: { $0.severity == .error }) else {
            return Preparation(
                plan: ConfigurationPlan(), disturbed: [], baseline: snapshot.baseline, findings: findings,
                changes: changes)
        }
        let planner = ConfigurationPlanner(
            resolution, previous: snapshot.configuration, baseline: snapshot.baseline, observed: observed)
        findings += planner.conflicts
        let denials = judgement.findings.count
        judgement.judge(planner.plan, resolution, before: before)
        findings += judgement.findings.dropFirst(denials)
        let risks = ConfigurationRisks(planner.plan, observed, consoles: consoles(besides: request.principal))
        findings += risks.findings
        findings += ConfigurationRisks.policy(candidate, snapshot.configuration, target.policy, request.principal)
        findings += target.risks(of: candidate, from: snapshot.configuration)
        return Preparation(
            plan: planner.plan, disturbed: planner.disturbed, baseline: planner.baseline, findings: findings,
            changes: changes)
    }

    /// Reads the kernel, with ethtool's part of what is, was or will be configured there.
    func observe(
        _ candidate: NetworkConfiguration, _ snapshot: ConfigurationSnapshot
    ) throws(ManagementError) -> [ObservedLink] {
        do {
            var detailed = Set(
                snapshot.baseline.filter { $0.value.keys.contains(where: InterfaceResolution.needsDetails) }.keys)
            guard candidate.needsDetails else { return try platform.observe(detailed: detailed) }
            let links = try platform.observe(detailed: [])
            detailed.formUnion(InterfaceResolution(candidate, links).detailed)
            return try platform.observe(detailed: detailed)
        } catch {
            throw ManagementError(error)
        }
    }

    /// Who would be cut off: first whoever asks, then from where the host was managed lately.
    private func consoles(besides principal: Principal) -> [ConfigurationRisks.Console] {
        let own = principal.source.host
        let others = target.managers.map(\.host).filter { $0 != own }
        return ([own] + others).compactMap { address in
            guard address.isOfNetwork, let way = platform.interface(toward: address) else { return nil }
            let isIPv6 = if case .ipv6 = address { true } else { false }
            return .init(
                purpose: address == own ? "you talk to this host" : "\(address.hostText) manages this host", way: way,
                isIPv6: isIPv6)
        }
    }

    private func commit(
        _ candidate: NetworkConfiguration, _ request: ConfigurationRequest, into outcome: inout ConfigurationOutcome
    ) async throws(ManagementError) {
        let started = clock.now()
        let before = snapshot
        guard before.deadline == nil else {
            throw ManagementError(
                .inconsistent, "revision \(before.revision) waits to be confirmed; confirm it or take it back first")
        }
        if let base = request.base, base != before.revision {
            throw ManagementError(
                .inconsistent,
                "the candidate was made from revision \(base), and \(before.revision) is in force; discard it")
        }
        try checkLock(for: request)
        var preparation = try prepare(candidate, request)
        outcome.findings = preparation.findings
        guard preparation.isSound else { throw Self.refusal(preparation.findings) }
        try keepAddressesAndRoutes(of: preparation.disturbed, in: &preparation.plan)
        outcome.steps = preparation.plan.steps.map(\.step)

        var revision = try newRevision(candidate, request, changes: preparation.changes.count)
        let ticket = try await announce(revision, preparation.changes, request, started)
        let intent = ConfigurationIntent(
            revision: revision.number, previous: before.revision, plan: preparation.plan,
            baseline: preparation.baseline, boot: boot)
        do throws(StoreError) {
            try store.begin(revision, candidate, intent)
        } catch {
            ticket.end(.failed, result: "not stored", reason: error.description)
            throw ManagementError(error)
        }
        outcome.revision = revision.number
        do throws(ManagementError) {
            let kernelTime = try await put(candidate, intent, before: before, request, &outcome)
            revision.state = request.confirmWithin == nil ? .confirmed : .unconfirmed
            do throws(StoreError) {
                try store.settle(
                    revision, baseline: request.confirmWithin == nil ? intent.baseline : nil,
                    intent: request.confirmWithin == nil ? nil : intent)
            } catch {
                try? await takeBack(intent.plan, candidate, before.configuration, request.principal)
                throw ManagementError(error)
            }
            let deadline = request.confirmWithin.map { clock.now() + $0 }
            update { state in
                state.configuration = candidate
                state.revision = revision.number
                state.record(revision)
                if deadline == nil { state.baseline = intent.baseline }
                state.pending = deadline.map {
                    Pending(intent: intent, old: before.configuration, deadline: $0, principal: request.principal)
                }
                state.drift = []
                state.overrides = []
                state.repairs = [:]
                state.counts.commits += 1
                state.counts.lastDuration = clock.now() - started
                state.counts.lastKernelTime = kernelTime
            }
            ticket.end(.committed, result: "revision \(revision.number)")
            events(.changed(revision, first: preparation.changes.first?.path.description ?? ""))
        } catch {
            revision.state = .failed
            revision.reason = error.message
            // When this cannot be written either, the next start does it.
            try? store.settle(revision, baseline: nil, intent: nil)
            update { state in
                state.record(revision)
                state.counts.failures += 1
            }
            ticket.end(.failed, result: "revision \(revision.number)", reason: error.message)
            let finding = outcome.findings.last { $0.step > 0 }
            events(.failed(revision, finding ?? ConfigurationFinding(.error, "", error.message)))
            throw error
        }
    }

    func newRevision(
        _ candidate: NetworkConfiguration, _ request: ConfigurationRequest, changes: Int
    ) throws(ManagementError) -> ConfigurationRevision {
        let snapshot = snapshot
        // Handed on from revision to revision, since only the latest hundred are kept: which file was applied is known as
        // long as any of them is.
        let applied = snapshot.revisions.last { $0.state == .confirmed && !$0.fileDigest.isEmpty }?.fileDigest ?? []
        do throws(StoreError) {
            return ConfigurationRevision(
                number: (snapshot.revisions.last?.number ?? 0) + 1, seconds: wallClock.now().seconds,
                principal: request.principal.printableName, origin: request.origin, comment: request.comment,
                digest: try store.digest(of: candidate), changes: UInt32(clamping: changes),
                fileDigest: request.fileDigest.isEmpty ? applied : request.fileDigest, state: .applying)
        } catch {
            throw ManagementError(error)
        }
    }

    /// The audit has it before anything is touched.
    func announce(
        _ revision: ConfigurationRevision, _ changes: [SettingDifference], _ request: ConfigurationRequest,
        _ started: MonotonicTime
    ) async throws(ManagementError) -> AuditTicket {
        var record = AuditRecord(.configuration, principal: request.principal, phase: .begun)
        record.reason = "revision \(revision.number)" + (request.comment.isEmpty ? "" : ": \(request.comment)")
        // A line of the audit has an end; the revision itself says the rest.
        record.objects = changes.prefix(200).map { change in
            AuditObject(
                name: change.path.description, target: change.path.item ?? "",
                old: change.old.map { .text($0.plainText) }, new: change.new.map { .text($0.plainText) })
        }
        do {
            return try await audit.begin(record, started: started)
        } catch {
            throw ManagementError(error)
        }
    }

    /// Some steps drop addresses and routes that no other step puts back: taking the plan back ends with them, all of the
    /// addresses before the first route, which may need one of another interface.
    private func keepAddressesAndRoutes(
        of disturbed: Set<String>, in plan: inout ConfigurationPlan
    ) throws(ManagementError) {
        guard !disturbed.isEmpty, !plan.steps.isEmpty else { return }
        do throws(PlatformError) {
            let (addresses, routes) = (
                try platform.addresses(of: disturbed), try platform.routes(of: disturbed)
            )
            for (name, lost) in addresses.sorted(by: { $0.key < $1.key }) {
                plan.steps[0].undo.append(.restoreAddresses(name, lost))
            }
            for (name, lost) in routes.sorted(by: { $0.key < $1.key }) {
                plan.steps[0].undo.append(.restoreRoutes(name, lost))
            }
        } catch {
            throw ManagementError(error)
        }
    }
}
