import Logging
import NetworkModel
import Synchronization

// A change goes through these steps: what the interface does without it is measured; the store has it on disk, then the
// audit its beginning, then the kernel the change; what the interface does with it is measured; and it is kept or taken
// back. A sudden end at any place leaves the store's word for what may be in the kernel.

extension OptimisationManager {
    /// Samples after which harm is believed before the trial is over.
    private static let earliest = 3

    /// Takes up what was asked for since the last time.
    func serveRequests(_ surroundings: Surroundings) async {
        let requests = state.withLock { state in
            defer { state.requests = [] }
            return state.requests
        }
        for (identifier, request, requester) in requests {
            guard let finding = state.withLock({ $0.findings[identifier] }) else { continue }
            switch request {
            case .apply where !finding.state.isTrial: begin(finding, surroundings, by: requester)
            case .revert where finding.state == .trial || finding.state == .confirmed || finding.state == .failed:
                await revert(identifier, surroundings, because: "asked for", by: requester)
            case .revert where finding.state == .baseline:
                state.withLock { $0.trials[identifier] = nil }
                update(identifier) { finding in
                    finding.state = .open
                    finding.result = "called off before it was applied"
                }
            case .apply, .revert: break
            }
        }
    }

    private func begin(_ finding: Finding, _ surroundings: Surroundings, by requester: Principal) {
        guard let row = surroundings.interfaces.row(finding.proposal.interface),
            let reading = trialReading(of: row, finding.proposal, isApplied: false, surroundings)
        else { return fail(finding.identifier, "interface \(finding.proposal.name) is gone") }
        update(finding.identifier) { finding in
            finding.state = .baseline
            finding.requester = requester.printableName
            finding.result = "what \(finding.proposal.name) does without the change is being measured"
            finding.before = nil
            finding.after = nil
        }
        state.withLock { state in
            state.trials[finding.identifier] = Trial(
                start: reading, latest: reading, hadCarrier: row.link.carrier, requester: requester)
        }
    }

    /// Takes the latest sample into every trial.
    func measureTrials(_ surroundings: Surroundings) async {
        for identifier in state.withLock({ $0.trials.keys.sorted() }) {
            let (finding, trial, options) = state.withLock {
                ($0.findings[identifier], $0.trials[identifier], $0.options)
            }
            guard let finding, var trial else { continue }
            guard let row = surroundings.interfaces.row(finding.proposal.interface),
                let reading = trialReading(
                    of: row, finding.proposal, isApplied: finding.state == .trial, surroundings)
            else {
                // With the interface its settings are gone.
                await forget(identifier)
                fail(identifier, "interface \(finding.proposal.name) is gone")
                continue
            }
            // A sample of before the change says nothing of it.
            guard reading.time > trial.latest.time else { continue }
            trial.latest = reading
            if trial.isSettling {
                trial.isSettling = false
                trial.start = reading
                state.withLock { [trial] in $0.trials[identifier] = trial }
                continue
            }
            trial.samples += 1
            state.withLock { [trial] in $0.trials[identifier] = trial }
            let load = InterfaceLoad(from: trial.start, to: reading)
            if finding.state == .baseline {
                guard trial.samples >= options.baselineSamples else { continue }
                update(identifier) { $0.before = load }
                await apply(identifier, finding, trial, row, surroundings)
            } else {
                update(identifier) { $0.after = load }
                await judge(identifier, finding, trial, load, row, options, surroundings)
            }
        }
    }

    private func trialReading(
        of row: InterfaceRow, _ proposal: FindingProposal, isApplied: Bool, _ surroundings: Surroundings
    ) -> LoadReading? {
        if let weights = proposal.changes.compactMap(\.weights).first {
            return routeReading(weights, isApplied: isApplied, surroundings)
        }
        let interrupts = row.isPhysical ? platform.interrupts(of: [row.link]) : [:]
        var reading = reading(
            of: row, surroundings, queueing: (try? platform.queueing()) ?? [:], interrupts: interrupts)
        if row.link.kind == "bond" {
            let members = surroundings.interfaces.rows.filter { $0.link.master == row.index }.map(\.index)
            let octets = Dictionary(
                zip(surroundings.sample.indexes, surroundings.sample.counters.map(\.transmittedOctets))
            ) { first, _ in first }
            reading?.members = members.map { octets[$0] ?? 0 }
        }
        return reading
    }

    /// What all the interfaces of a route count together: that one of them has less, and another more, is what other
    /// weights are for.
    private func routeReading(
        _ weights: RouteWeights, isApplied: Bool, _ surroundings: Surroundings
    ) -> LoadReading? {
        let queueing = (try? platform.queueing()) ?? [:]
        let readings = weights.interfaces.map { index in
            surroundings.interfaces.row(index).flatMap {
                reading(of: $0, surroundings, queueing: queueing, interrupts: [:])
            }
        }
        guard var sum = readings.first.flatMap(\.self) else { return nil }
        for reading in readings.dropFirst() { if let reading { sum.add(reading) } }
        sum.members = readings.map { $0?.counters.transmittedOctets ?? 0 }
        let present = isApplied ? nil : state.withLock { $0.routes.first { $0.key == weights.route }?.weights }
        sum.weights = weights.interfaces.map { index in
            (present ?? weights).hops.reduce(0) { $1.interface == index.number ? $0 + Double($1.weight) : $0 }
        }
        return sum
    }

    // MARK: - Applying

    private func apply(
        _ identifier: UInt32, _ finding: Finding, _ trial: Trial, _ row: InterfaceRow, _ surroundings: Surroundings
    ) async {
        let proposal = finding.proposal
        var steps: [StoredTrial.Step] = []
        do throws(PlatformError) {
            for change in proposal.changes {
                let previous = try platform.current(change, of: row.index)
                if previous != change { steps.append(.init(change: change, previous: previous)) }
            }
        } catch {
            return fail(identifier, error.description)
        }
        guard !steps.isEmpty else {
            state.withLock { $0.trials[identifier] = nil }
            update(identifier) { finding in
                finding.state = .open
                finding.result = "nothing to do: it is so already"
            }
            return
        }
        let stored = StoredTrial(
            identifier: identifier, rule: proposal.rule, detail: proposal.detail, interface: row.index.number,
            name: row.link.name, address: row.link.address.description, boot: boot, steps: steps,
            requester: trial.requester.printableName, evidence: proposal.evidence)
        state.withLock { $0.stored[identifier] = stored }
        do throws(StoreError) {
            try await save()
        } catch {
            state.withLock { $0.stored[identifier] = nil }
            return fail(identifier, "not applied, because it could not be kept: \(error)")
        }
        let ticket: AuditTicket
        do throws(StoreError) {
            ticket = try await audit.begin(
                record(of: steps, row.link.name, by: trial.requester), started: clock.now())
        } catch {
            await forget(identifier)
            return fail(identifier, "not applied, because the audit takes nothing: \(error)")
        }
        if let error = make(steps.map(\.change), of: row.index, undoing: steps) {
            ticket.end(.failed, result: "\(error.code)", reason: error.description)
            await forget(identifier)
            return fail(identifier, error.description)
        }
        ticket.end(.committed, result: "applied", reason: proposal.evidence)
        state.withLock { state in
            // What a group shows of it is to be read anew.
            state.routesDue = nil
            state.trials[identifier] = Trial(
                start: trial.latest, latest: trial.latest, isSettling: true, hadCarrier: trial.hadCarrier,
                requester: trial.requester)
            state.counts.applied &+= 1
        }
        let applied = update(identifier) { finding in
            finding.state = .trial
            finding.result = "what \(proposal.name) does with the change is being measured"
        }
        if let applied { listener(.applied(applied)) }
    }

    /// Makes `changes` in order and looks whether the kernel kept them; on failure takes back what was made.
    private func make(
        _ changes: [OptimisationChange], of index: InterfaceIndex, undoing steps: [StoredTrial.Step]
    ) -> PlatformError? {
        for (position, change) in changes.enumerated() {
            do throws(PlatformError) {
                try platform.apply(change, to: index)
                guard try platform.current(change, of: index) == change else {
                    throw PlatformError(.failed, "the kernel accepted \(change) and kept its own")
                }
            } catch {
                for step in steps[...position].reversed() { try? platform.apply(step.previous, to: index) }
                return error
            }
        }
        return nil
    }

    private func record(of steps: [StoredTrial.Step], _ name: String, by requester: Principal) -> AuditRecord {
        var record = AuditRecord(.optimisation, principal: requester, phase: .begun)
        record.objects = steps.map { step in
            AuditObject(
                name: step.change.name, target: name, old: .text(step.previous.value), new: .text(step.change.value))
        }
        return record
    }

    // MARK: - Judging

    private func judge(
        _ identifier: UInt32, _ finding: Finding, _ trial: Trial, _ load: InterfaceLoad, _ row: InterfaceRow,
        _ options: Options, _ surroundings: Surroundings
    ) async {
        let isOver = trial.samples >= options.trialSamples
        guard let before = finding.before, isOver || trial.samples >= Self.earliest else { return }
        // A link that restarts is given the whole trial to come back.
        let keepsCarrier = !isOver || row.link.carrier || !trial.hadCarrier
        switch EffectJudgement(finding.proposal.rule, before: before, after: load, keepsCarrier: keepsCarrier) {
        case .harmful(let reason):
            guard isOver || row.link.carrier else { return }
            await revert(identifier, surroundings, because: reason, by: nil)
        case .good(let reason):
            guard isOver else { return }
            state.withLock { state in
                state.trials[identifier] = nil
                state.stored[identifier]?.isConfirmed = true
                state.counts.confirmed &+= 1
            }
            do throws(StoreError) {
                try await save()
            } catch {
                // The next start takes it back: harmless, and told then.
                logger.error("what optimising has changed cannot be kept", metadata: ["error": "\(error)"])
            }
            let confirmed = update(identifier) { finding in
                finding.state = .confirmed
                finding.result = reason
            }
            var record = AuditRecord(.optimisation, principal: trial.requester, phase: .done)
            record.objects = [AuditObject(name: finding.proposal.changeText, target: finding.proposal.name)]
            record.result = "confirmed"
            record.reason = reason
            audit.record(record)
            if let confirmed { listener(.confirmed(confirmed)) }
        }
    }
}
