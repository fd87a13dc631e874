package import NetworkModel
import Synchronization

extension ConfigurationManager {
    /// Reads what is stored, takes back what was not settled, and puts the last confirmed revision in force again.
    ///
    /// - Parameter initial: what is in force when there is no revision yet.
    /// - Returns: what could not be put in force; the rest is.
    package func start(_ initial: NetworkConfiguration) async throws(ManagementError) -> [ConfigurationFinding] {
        try await exclusively { () async throws(ManagementError) in
            let stored: StoredConfigurations
            do throws(StoreError) {
                stored = try store.loadConfigurations()
            } catch {
                throw ManagementError(error)
            }
            let newest = stored.revisions.last { $0.state == .confirmed }
            let configuration = try newest.flatMap { newest throws(ManagementError) in
                try self.configuration(ofRevision: newest.number)
            }
            update { state in
                state.configuration = configuration ?? initial
                state.revision = newest?.number ?? 0
                state.revisions = stored.revisions
                state.baseline = stored.baseline
            }
            if let intent = stored.intent { try await recover(intent) }
            return reapply()
        }
    }

    /// Undoes what a sudden end left, and what nobody confirmed.
    private func recover(_ intent: ConfigurationIntent) async throws(ManagementError) {
        guard var revision = snapshot.revisions.first(where: { $0.number == intent.revision }) else { return }
        let old = snapshot.configuration
        // What runs is still the old configuration, but rules may have been stored.
        let new = try configuration(ofRevision: intent.revision) ?? old
        var reason = revision.state == .unconfirmed ? "not confirmed before oriond ended" : "interrupted"
        // After a boot the kernel knows nothing of what was done.
        let failures = intent.boot == boot ? undo(intent.plan) : []
        if let first = failures.first { reason += "; \(first)" }
        try await target.takeOver(old, from: new, by: .host)
        revision.state = .rolledBack
        revision.reason = reason
        try settle(revision)
        update { state in
            state.record(revision)
            state.counts.rollbacks += 1
        }
        note(revision, .interrupted)
        events(.rolledBack(revision))
    }

    /// Makes the kernel what the configuration in force wants; what does not work is told, and the rest is made.
    private func reapply() -> [ConfigurationFinding] {
        let snapshot = snapshot
        guard snapshot.configuration.configuresInterfaces || !snapshot.baseline.isEmpty else { return [] }
        do {
            let observed = try observe(snapshot.configuration, snapshot)
            let planner = ConfigurationPlanner(
                InterfaceResolution(snapshot.configuration, observed), previous: snapshot.configuration,
                baseline: snapshot.baseline, observed: observed)
            var findings: [ConfigurationFinding] = []
            for (position, step) in planner.plan.steps.enumerated() {
                do throws(PlatformError) {
                    try platform.apply(step.step)
                } catch {
                    findings.append(.init(.error, step.setting, error.description, step: UInt32(position + 1)))
                }
            }
            keep(planner.baseline)
            return findings
        } catch {
            return [.init(.error, "", error.message)]
        }
    }

    /// Takes a baseline that knows of more interfaces, as when one has appeared.
    func keep(_ baseline: ConfigurationBaseline) {
        guard baseline != snapshot.baseline else { return }
        // Without it, only what a later configuration puts back is lost.
        try? store.saveBaseline(baseline)
        update { $0.baseline = baseline }
    }

    // MARK: an unconfirmed revision

    /// How long an unconfirmed revision stays in force, at least zero; nil when none is.
    package var timeLeft: Duration? {
        snapshot.deadline.map { max(.zero, $0 - clock.now()) }
    }

    /// Keeps the revision in force that waits for it.
    package func confirm(by principal: Principal) async throws(ManagementError) {
        try await exclusively { () async throws(ManagementError) in
            let (pending, found) = state.withLock { state in
                (state.pending, state.revisions.first { $0.number == state.pending?.intent.revision })
            }
            guard let pending, var revision = found else {
                throw ManagementError(.inconsistent, "no revision waits to be confirmed")
            }
            revision.state = .confirmed
            do throws(StoreError) {
                try store.settle(revision, baseline: pending.intent.baseline, intent: nil)
            } catch {
                throw ManagementError(error)
            }
            update { state in
                state.record(revision)
                state.baseline = pending.intent.baseline
                state.pending = nil
            }
            note(revision, .done, by: principal)
            events(.confirmed(revision))
        }
        await absorbWaiting()
    }

    /// Takes an unconfirmed revision back now.
    package func cancel(by principal: Principal) async throws(ManagementError) {
        try await exclusively { () async throws(ManagementError) in
            guard snapshot.deadline != nil else {
                throw ManagementError(.inconsistent, "no revision waits to be confirmed")
            }
            try await rollBackPending("taken back by \(principal.printableName)")
        }
        await absorbWaiting()
    }

    /// Takes an unconfirmed revision back whose time is over. Call several times a second.
    package func tick() async {
        guard let deadline = snapshot.deadline, clock.now() >= deadline else { return }
        try? await exclusively { () async throws(ManagementError) in
            guard let deadline = snapshot.deadline, clock.now() >= deadline else { return }
            try await rollBackPending("not confirmed in time")
        }
        await absorbWaiting()
    }

    private func rollBackPending(_ reason: String) async throws(ManagementError) {
        let (pending, found) = state.withLock { state in
            (state.pending, state.revisions.first { $0.number == state.pending?.intent.revision })
        }
        guard let pending, var revision = found else { return }
        let new = snapshot.configuration
        var failure: ManagementError?
        do throws(ManagementError) {
            try await takeBack(pending.intent.plan, new, pending.old, pending.principal)
        } catch {
            failure = error
        }
        revision.state = .rolledBack
        revision.reason = failure.map { "\(reason); \($0.message)" } ?? reason
        // When this cannot be written, the next start does it again.
        try? settle(revision)
        update { state in
            state.configuration = pending.old
            state.revision = pending.intent.previous
            state.record(revision)
            state.pending = nil
            state.drift = []
            state.counts.rollbacks += 1
        }
        note(revision, .undone)
        events(.rolledBack(revision))
        if let failure { throw failure }
    }

    private func settle(_ revision: ConfigurationRevision) throws(ManagementError) {
        do throws(StoreError) {
            try store.settle(revision, baseline: nil, intent: nil)
        } catch {
            throw ManagementError(error)
        }
    }

    private func note(_ revision: ConfigurationRevision, _ phase: AuditPhase, by principal: Principal = .host) {
        var record = AuditRecord(.configuration, principal: principal, phase: phase)
        record.result = "revision \(revision.number)"
        record.reason = revision.reason.isEmpty ? "confirmed" : revision.reason
        audit.record(record)
    }

    // MARK: an earlier revision

    /// Commits what an earlier revision held, as a new one.
    package func rollBack(
        to number: UInt32, _ request: ConfigurationRequest
    ) async -> ConfigurationOutcome {
        var request = request
        if request.comment.isEmpty { request.comment = "as revision \(number)" }
        do throws(ManagementError) {
            guard let configuration = try configuration(ofRevision: number) else {
                throw ManagementError(.notFound, "there is no revision \(number)")
            }
            return await commit(configuration, request)
        } catch {
            var outcome = ConfigurationOutcome()
            outcome.failure = error
            return outcome
        }
    }
}
