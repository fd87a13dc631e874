import NetworkModel
import Synchronization

extension OptimisationManager {
    /// Packets per second from which on an interface's interrupts and queues are worth a look, and how many interfaces get
    /// one in an evaluation, the busiest first.
    private static let busy = 1000.0
    private static let looks = 64
    /// In how many evaluations in a row something has to be found no more for its row to go.
    private static let absences = 3
    /// For how long the row of a change that was kept stays.
    private static let keeping: Duration = .seconds(86_400)
    /// Evaluations in a row that make an imbalance more than chance.
    private static let evaluations = 3

    func evaluateIfDue(_ surroundings: Surroundings) {
        let now = clock.now()
        let (options, isDue) = state.withLock { state in
            (state.options, state.evaluated.map { now - $0 >= state.options.period } ?? true)
        }
        guard isDue else { return }
        let facts = facts(surroundings, options, at: now)
        merge(
            OptimisationRules.proposals(facts).filter { options.isLooking(for: $0.rule) }, surroundings, options,
            at: now)
    }

    /// Everything the rules look at; what only some rules ask for, of the interfaces that it matters for.
    private func facts(_ surroundings: Surroundings, _ options: Options, at now: MonotonicTime) -> OptimisationFacts {
        var facts = OptimisationFacts()
        let queueing = (try? platform.queueing()) ?? [:]
        let devices = surroundings.interfaces.rows.filter(\.isPhysical).prefix(Self.looks).map(\.link)
        let interrupts = devices.isEmpty ? [:] : platform.interrupts(of: Array(devices))
        let processors = platform.processors()
        let (old, oldProcessors, elapsed) = state.withLock { state in
            defer {
                state.processors = processors
                state.processorsRead = now
                state.evaluated = now
            }
            return (state.readings, state.processors, state.processorsRead.map { now - $0 } ?? .zero)
        }
        var readings: [InterfaceIndex: LoadReading] = [:]
        var loads: [InterfaceIndex: InterfaceLoad] = [:]
        for row in surroundings.interfaces.rows {
            guard
                let reading = reading(of: row, surroundings, queueing: queueing, interrupts: interrupts)
            else { continue }
            readings[row.index] = reading
            // The first evaluation has nothing to compare with.
            guard let before = old[row.index], before.time < reading.time else { continue }
            let load = InterfaceLoad(from: before, to: reading)
            loads[row.index] = load
            guard row.isManaged else { continue }
            var port = OptimisationFacts.Port(row: row, load: load)
            port.betterDriver = surroundings.betterDrivers[row.index]
            facts.ports.append(port)
        }
        state.withLock { $0.readings = readings }
        let busy = facts.ports.indices.filter { facts.ports[$0].load.packets >= Self.busy }
            .sorted { facts.ports[$0].load.packets > facts.ports[$1].load.packets }
        let counts = busy.isEmpty ? [:] : platform.queueCounts()
        var watches: [InterfaceIndex: QueueWatch] = [:]
        for position in busy.prefix(Self.looks) {
            let port = facts.ports[position]
            facts.ports[position].queues = platform.queues(of: port.link)
            let told = surroundings.statistics.entry(port.row.index).map { QueueCounts($0.statistics) }
            guard let counts = counts[port.row.index] ?? told, !counts.isEmpty else { continue }
            let watch = watch(port.row.index, counts)
            watches[port.row.index] = watch
            facts.ports[position].queueShares = watch.shares
        }
        state.withLock { [watches] in $0.queues = watches }
        facts.topology = busy.isEmpty ? [] : platform.topology()
        facts.processors = Self.shares(from: oldProcessors, to: processors)
        if options.isBalancing {
            facts.groups = groups(surroundings, loads, from: oldProcessors, to: processors, in: elapsed)
        } else {
            clearImbalances(keeping: [])
        }
        let groups = facts.groups
        state.withLock { $0.groups = groups }
        return facts
    }

    /// A driver's statistics may be older than the evaluation before: then what followed from them stands.
    private func watch(_ index: InterfaceIndex, _ counts: QueueCounts) -> QueueWatch {
        guard let before = state.withLock({ $0.queues[index] }) else { return QueueWatch(counts: counts) }
        guard before.counts != counts else { return before }
        return QueueWatch(counts: counts, shares: QueueShares(from: before.counts, to: counts))
    }

    private static func growth(_ old: [ProcessorLoad], _ new: [ProcessorLoad]) -> [(number: Int, packets: Double)] {
        let before = Dictionary(old.map { ($0.number, $0.packets) }) { first, _ in first }
        return new.map { load in
            let packets = before[load.number].map { load.packets > $0 ? load.packets - $0 : 0 } ?? 0
            return (load.number, Double(packets))
        }
    }

    private static func shares(
        from old: [ProcessorLoad], to new: [ProcessorLoad]
    ) -> [(number: Int, share: Double)] {
        let growth = growth(old, new)
        let total = growth.reduce(0) { $0 + $1.packets }
        return growth.map { ($0.number, total > 0 ? $0.packets / total : 0) }
    }

    // MARK: - Groups

    private func groups(
        _ surroundings: Surroundings, _ loads: [InterfaceIndex: InterfaceLoad], from old: [ProcessorLoad],
        to new: [ProcessorLoad], in elapsed: Duration
    ) -> [BalancingGroup] {
        var groups = BalancingGroup.groups(surroundings.interfaces.rows, loads)
        groups += routeGroups(surroundings.interfaces, loads)
        let beyond = Set(groups.filter(\.isBeyondLimit).map(\.alarm))
        let unbalanced = state.withLock { state in
            state.unbalanced = Dictionary(
                uniqueKeysWithValues: beyond.map { ($0, (state.unbalanced[$0] ?? 0) + 1) })
            return state.unbalanced
        }
        for position in groups.indices {
            guard unbalanced[groups[position].alarm] ?? 0 >= Self.evaluations else { continue }
            groups[position].isUnbalanced = true
            let group = groups[position]
            alarms.raise(
                group.alarm, .minor,
                "the members of \(group.name) carry unequal shares: "
                    + group.members.map { "\($0.name) \(percent($0.share))" }.joined(separator: ", "))
        }
        clearImbalances(keeping: Set(groups.filter(\.isUnbalanced).map(\.alarm)))
        if new.count > 1 {
            // Evaluations are as far apart as samples are, or farther: not what the period says.
            let seconds = elapsed / .seconds(1)
            let members = Self.growth(old, new).map { number, packets in
                BalancingGroup.Member(
                    number: UInt32(clamping: number), name: "cpu\(number)", rate: seconds > 0 ? packets / seconds : 0)
            }
            groups.insert(BalancingGroup(.processors, index: nil, name: "processors", members: members), at: 0)
        }
        return groups
    }

    private func clearImbalances(keeping kept: Set<AlarmKey>) {
        for alarm in alarms.snapshot.active where alarm.key.kind == .imbalance && !kept.contains(alarm.key) {
            alarms.clear(alarm.key)
        }
    }

    private func routeGroups(
        _ interfaces: InterfaceSnapshot, _ loads: [InterfaceIndex: InterfaceLoad]
    ) -> [BalancingGroup] {
        readRoutesIfDue()
        let (routes, numbers) = state.withLock { ($0.routes, $0.routeNumbers) }
        return routes.compactMap { route in
            numbers.number(of: route.key).map { BalancingGroup(route, number: $0, interfaces, loads) }
        }.sorted { $0.number < $1.number }
    }

    /// A table of many routes takes the kernel long to tell: a hundredth of the time goes to it at most.
    private func readRoutesIfDue() {
        let start = clock.now()
        guard state.withLock({ $0.routesDue.map { start >= $0 } ?? true }) else { return }
        let routes = try? platform.routes()
        let end = clock.now()
        state.withLock { state in
            state.routesDue = end + (end - start) * 100
            // What cannot be read now is as it was last.
            guard let routes else { return }
            state.routes = routes
            state.routeNumbers.update(routes.map(\.key))
        }
    }

    // MARK: - Rows

    private func merge(
        _ proposals: [FindingProposal], _ surroundings: Surroundings, _ options: Options, at now: MonotonicTime
    ) {
        let present = Set(proposals.map(\.key))
        state.withLock { state in
            for proposal in proposals {
                let identifier = state.identifiers[proposal.key]
                guard let identifier, var finding = state.findings[identifier] else {
                    add(proposal, to: &state, options, at: now)
                    continue
                }
                finding.absences = 0
                switch finding.state {
                case .baseline, .trial: break
                case .failed where state.isOwed(identifier): break
                case .open, .reverted, .failed: finding.proposal = proposal
                case .confirmed:
                    // It was kept, and somebody has undone it since.
                    finding.proposal = proposal
                    finding.state = .open
                    finding.changed = now
                    finding.result = "found again after it had been kept"
                    state.stored[identifier] = nil
                }
                state.findings[identifier] = finding
            }
            for (identifier, finding) in state.findings where !present.contains(finding.proposal.key) {
                // What is no longer looked for goes at once.
                let isWithoutInterface = surroundings.interfaces.row(finding.proposal.interface) == nil
                let isGone =
                    isWithoutInterface
                    || finding.state != .confirmed && !options.isLooking(for: finding.proposal.rule)
                switch finding.state {
                case .baseline, .trial: continue
                // With the interface its settings are gone; while it is there, what the kernel has of it stays known.
                case .failed where state.isOwed(identifier) && !isWithoutInterface: continue
                case .confirmed where !isGone && (finding.changed.map { now - $0 < Self.keeping } ?? true): continue
                default: break
                }
                if !isGone, finding.state != .confirmed, finding.absences + 1 < Self.absences {
                    state.findings[identifier]?.absences += 1
                } else {
                    Self.remove(identifier, from: &state)
                }
            }
        }
    }

    @discardableResult
    private func add(
        _ proposal: FindingProposal, to state: inout State, _ options: Options, at now: MonotonicTime
    ) -> UInt32? {
        guard state.findings.count < options.findings else { return nil }
        repeat {
            state.lastIdentifier = state.lastIdentifier >= UInt32(Int32.max) ? 1 : state.lastIdentifier + 1
        } while state.findings[state.lastIdentifier] != nil
        let identifier = state.lastIdentifier
        state.findings[identifier] = Finding(
            identifier: identifier, proposal: proposal, found: now, changed: now)
        state.identifiers[proposal.key] = identifier
        return identifier
    }

    /// Puts a finding in that somebody brought about rather than a rule.
    ///
    /// - Throws: when there is no room for it.
    func add(_ proposal: FindingProposal) throws(ManagementError) -> UInt32 {
        let now = clock.now()
        let identifier: UInt32? = state.withLock { state in
            if let identifier = state.identifiers[proposal.key], let old = state.findings[identifier],
                !old.state.isTrial
            {
                state.findings[identifier]?.proposal = proposal
                state.findings[identifier]?.state = .open
                return identifier
            }
            return add(proposal, to: &state, state.options, at: now)
        }
        guard let identifier else { throw ManagementError(.exhausted, "there are too many findings") }
        return identifier
    }

    static func remove(_ identifier: UInt32, from state: inout State) {
        guard let finding = state.findings.removeValue(forKey: identifier) else { return }
        if state.identifiers[finding.proposal.key] == identifier { state.identifiers[finding.proposal.key] = nil }
        state.stored[identifier] = nil
        state.trials[identifier] = nil
    }
}

extension OptimisationManager.Options {
    /// Whether the keys want findings of a rule.
    func isLooking(for rule: FindingRule) -> Bool { rule == .balance ? isBalancing : isFinding }
}
