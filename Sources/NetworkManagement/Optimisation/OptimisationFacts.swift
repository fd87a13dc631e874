import NetworkModel

/// What the rules look at: everything the managers know, as of one moment.
package struct OptimisationFacts: Sendable {
    /// One interface that may be changed.
    package struct Port: Sendable {
        package let row: InterfaceRow
        package var load: InterfaceLoad
        /// nil when it was not looked at: too little passes.
        package var queues: QueueLayout?
        package var queueShares = QueueShares()
        /// The driver it has and a better one; nil when it has the best.
        package var betterDriver: (present: String, better: String)?

        package init(row: InterfaceRow, load: InterfaceLoad) {
            self.row = row
            self.load = load
        }

        var link: Link { row.link }
        var settings: LinkSettings? { row.settings }
    }

    /// Ascending by index.
    package var ports: [Port] = []
    /// Of each processor its share of the packets that all took from the network, 0...1; ascending by number.
    package var processors: [(number: Int, share: Double)] = []
    /// Where these are; empty where that is not known: then each is a core of its own.
    package var topology: [ProcessorPlace] = []
    package var groups: [BalancingGroup] = []

    package init() {}

    func port(_ index: InterfaceIndex) -> Port? {
        let position = ports.firstPosition { $0.row.index >= index }
        return position < ports.count && ports[position].row.index == index ? ports[position] : nil
    }
}

extension FindingProposal {
    init(
        _ rule: FindingRule, _ port: OptimisationFacts.Port, detail: String = "", evidence: String,
        gain: FindingLevel, _ gainText: String, risk: FindingLevel, _ riskText: String,
        changes: [OptimisationChange], advice: String = ""
    ) {
        self.init(
            rule: rule, interface: port.row.index, name: port.link.name, detail: detail, evidence: evidence,
            gain: gain, gainText: gainText, risk: risk, riskText: riskText, changes: changes, advice: advice)
    }
}

/// Every rule, in the order of their numbers.
package enum OptimisationRules {
    package static func proposals(_ facts: OptimisationFacts) -> [FindingProposal] {
        var proposals: [FindingProposal] = []
        for port in facts.ports {
            proposals += [
                OffloadRule.proposal(port), RingRule.proposal(port), CoalescingRule.proposal(port),
                DuplexRule.proposal(port), DriverRule.proposal(port),
            ].compactMap(\.self)
            proposals += QueueLengthRule.proposals(port) + SteeringRule.proposals(port, facts)
        }
        return proposals + MTURule.proposals(facts) + BalanceRule.proposals(facts)
    }
}
