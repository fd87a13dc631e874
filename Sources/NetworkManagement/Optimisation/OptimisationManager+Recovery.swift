import Logging
import NetworkModel
import Synchronization

// What is taken back, by request, for harm, or after a sudden end; and what the store is told of it.

extension OptimisationManager {
    /// Makes everything what it was, unless somebody else has changed it since.
    ///
    /// - Parameter requester: nil for the daemon itself.
    func revert(
        _ identifier: UInt32, _ surroundings: Surroundings, because reason: String, by requester: Principal?
    ) async {
        let stored = state.withLock { state in
            state.trials[identifier] = nil
            return state.stored[identifier]
        }
        guard let stored else {
            // Nothing of it is in the kernel yet.
            update(identifier) { finding in
                finding.state = .open
                finding.result = reason
            }
            return
        }
        var record = AuditRecord(.optimisation, principal: requester ?? .host, phase: .done)
        record.objects = stored.steps.map { step in
            AuditObject(
                name: step.change.name, target: stored.name, old: .text(step.change.value),
                new: .text(step.previous.value))
        }
        let failure = restore(stored, surroundings)
        state.withLock { $0.routesDue = nil }
        record.result = failure == nil ? "reverted" : "not reverted"
        record.reason = reason + (failure.map { "; \($0)" } ?? "") + "; it was applied by \(stored.requester)"
        if failure != nil { record.phase = .failed }
        audit.record(record)
        if let failure {
            // It stays in the store, and its finding in the table: the next start, or the next request, tries again.
            return fail(identifier, "could not be taken back (\(reason)): \(failure)")
        }
        await forget(identifier)
        state.withLock { $0.counts.reverted &+= 1 }
        let reverted = update(identifier) { finding in
            finding.state = .reverted
            finding.result = reason
            if let requester { finding.requester = requester.printableName }
        }
        if let reverted { listener(.reverted(reverted)) }
    }

    /// - Returns: what failed first; nil when all of it is as it was, or the interface is gone.
    private func restore(_ stored: StoredTrial, _ surroundings: Surroundings) -> PlatformError? {
        guard let index = InterfaceIndex(stored.interface), surroundings.interfaces.row(index) != nil else {
            return nil
        }
        var failure: PlatformError?
        for step in stored.steps.reversed() {
            do throws(PlatformError) {
                guard try platform.current(step.change, of: index) == step.change else { continue }
                try platform.apply(step.previous, to: index)
            } catch {
                // With a route its weights are gone as well.
                let isGone = error.code == .noSuchInterface || step.change.weights != nil && error.code == .notSupported
                if !isGone, failure == nil { failure = error }
            }
        }
        return failure
    }

    func fail(_ identifier: UInt32, _ reason: String) {
        state.withLock { state in
            state.trials[identifier] = nil
            state.counts.failed &+= 1
        }
        let failed = update(identifier) { finding in
            finding.state = .failed
            finding.result = reason
        }
        if let failed { listener(.failed(failed)) }
    }

    // MARK: - Keeping

    func save() async throws(StoreError) {
        try await store.saveTrials(state.withLock { $0.stored.values.sorted { $0.identifier < $1.identifier } })
    }

    func forget(_ identifier: UInt32) async {
        state.withLock { $0.stored[identifier] = nil }
        do throws(StoreError) {
            try await save()
        } catch {
            // What is kept too long is found to be undone at the next start.
            logger.error("what optimising has taken back cannot be forgotten", metadata: ["error": "\(error)"])
        }
    }

    /// Takes up what an earlier run left: a trial that nobody finished is taken back, a change that was kept is known again.
    ///
    /// - Returns: false when the store could not be read; then it is tried again.
    func recover(_ surroundings: Surroundings) async -> Bool {
        let trials: [StoredTrial]
        do throws(StoreError) {
            trials = try await store.loadTrials()
        } catch {
            logger.error("what optimising has changed cannot be read", metadata: ["error": "\(error)"])
            return false
        }
        let now = clock.now()
        var unfinished: [UInt32] = []
        state.withLock { state in
            for trial in trials {
                // After another start of the host nothing of it is in the kernel.
                guard trial.boot == boot, let index = InterfaceIndex(trial.interface),
                    let row = surroundings.interfaces.row(index),
                    row.link.name == trial.name || row.link.address.description == trial.address
                else { continue }
                var finding = Finding(
                    identifier: trial.identifier, proposal: FindingProposal(trial, row), found: nil, changed: now)
                finding.state = trial.isConfirmed ? .confirmed : .trial
                finding.requester = trial.requester
                finding.result = trial.isConfirmed ? "kept by an earlier run" : ""
                state.findings[trial.identifier] = finding
                state.identifiers[finding.proposal.key] = trial.identifier
                state.lastIdentifier = max(state.lastIdentifier, trial.identifier)
                state.stored[trial.identifier] = trial
                if !trial.isConfirmed { unfinished.append(trial.identifier) }
            }
            state.isRecovered = true
        }
        for identifier in unfinished {
            await revert(identifier, surroundings, because: "oriond ended during the trial", by: nil)
        }
        return true
    }
}

extension FindingProposal {
    fileprivate init(_ trial: StoredTrial, _ row: InterfaceRow) {
        self.init(
            rule: trial.rule, interface: row.index, name: row.link.name, detail: trial.detail,
            evidence: trial.evidence, gain: .low, gainText: "", risk: .low, riskText: "",
            changes: trial.steps.map(\.change))
    }
}
