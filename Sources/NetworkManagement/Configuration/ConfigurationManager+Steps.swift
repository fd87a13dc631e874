import NetworkModel

extension ConfigurationManager {
    /// Makes every step, looks whether the kernel kept them, and hands the rest over; or takes everything back.
    ///
    /// - Returns: the time within the kernel.
    func put(
        _ candidate: NetworkConfiguration, _ intent: ConfigurationIntent, before: ConfigurationSnapshot,
        _ request: ConfigurationRequest, _ outcome: inout ConfigurationOutcome
    ) async throws(ManagementError) -> Duration {
        let kernelStart = clock.now()
        do throws(ManagementError) {
            try make(intent.plan, within: candidate.networkManager.managerTimeout, &outcome)
            try verify(candidate, intent, &outcome)
        } catch {
            throw await restored(after: error, intent.plan)
        }
        let kernelTime = clock.now() - kernelStart
        do {
            try await target.takeOver(candidate, from: before.configuration, by: request.principal)
        } catch {
            throw await restored(after: error, intent.plan)
        }
        return kernelTime
    }

    private func restored(after error: ManagementError, _ plan: ConfigurationPlan) async -> ManagementError {
        let failures = undo(plan)
        guard let first = failures.first else { return error }
        return ManagementError(.notRestored, "\(error.message); and then: \(first)")
    }

    /// Makes the steps one by one; none is begun when `limit` (`manager_timeout`) is over.
    private func make(
        _ plan: ConfigurationPlan, within limit: Duration, _ outcome: inout ConfigurationOutcome
    ) throws(ManagementError) {
        let began = clock.now()
        for (position, step) in plan.steps.enumerated() {
            do throws(ManagementError) {
                guard clock.now() - began < limit else {
                    throw ManagementError(
                        .failed,
                        "not within manager_timeout (\(Int64(limit / .milliseconds(1))) ms); raise it, or change less "
                            + "at once")
                }
                try make(step.step)
            } catch {
                let number = UInt32(position + 1)
                outcome.findings.append(.init(.error, step.setting, error.message, step: number))
                throw ManagementError(
                    error.code, "step \(number) of \(plan.steps.count), \(step.setting): \(error.message)")
            }
        }
    }

    private func make(_ step: ConfigurationStep) throws(ManagementError) {
        do { try platform.apply(step) } catch { throw ManagementError(error) }
    }

    /// What a driver accepts and does not keep shows here.
    private func verify(
        _ candidate: NetworkConfiguration, _ intent: ConfigurationIntent, _ outcome: inout ConfigurationOutcome
    ) throws(ManagementError) {
        guard !intent.plan.isEmpty else { return }
        let observed = try observe(candidate, snapshot)
        let rest = ConfigurationPlanner(
            InterfaceResolution(candidate, observed), previous: candidate, baseline: intent.baseline,
            observed: observed)
        guard let step = rest.plan.steps.first else { return }
        let position = intent.plan.steps.lastIndex { $0.setting == step.setting }.map { UInt32($0 + 1) } ?? 0
        let text = "the kernel accepted it and kept its own: \(step.step)"
        outcome.findings.append(.init(.error, step.setting, text, step: position))
        throw ManagementError(.failed, "\(step.setting): \(text)")
    }

    /// Takes steps back, the last first, whether or not each was made.
    ///
    /// - Returns: what could not be. An interface that is gone has nothing left to restore.
    func undo(_ plan: ConfigurationPlan) -> [PlatformError] {
        var failures: [PlatformError] = []
        for step in plan.steps.reversed() {
            for undo in step.undo {
                do {
                    try platform.apply(undo)
                } catch  where error.code == .noSuchInterface {
                } catch {
                    failures.append(error)
                }
            }
        }
        return failures
    }

    /// Undoes a commit that was complete.
    func takeBack(
        _ plan: ConfigurationPlan, _ new: NetworkConfiguration, _ old: NetworkConfiguration, _ principal: Principal
    ) async throws(ManagementError) {
        let failures = undo(plan)
        try await target.takeOver(old, from: new, by: principal)
        if let first = failures.first { throw ManagementError(.notRestored, "\(first)") }
    }
}

extension ConfigurationManager.State {
    /// Adds a revision, or replaces it, as the store does.
    mutating func record(_ revision: ConfigurationRevision) {
        revisions.removeAll { $0.number == revision.number }
        revisions.append(revision)
        while revisions.count > ConfigurationRevision.maximum,
            let oldest = revisions.firstIndex(where: { $0.number != self.revision })
        {
            revisions.remove(at: oldest)
        }
    }
}
