import NetworkModel

/// A bond whose members carry unequal shares because its hash sees too little of the packets.
enum BalanceRule {
    static func proposals(_ facts: OptimisationFacts) -> [FindingProposal] {
        facts.groups.compactMap { group in
            guard let port = group.index.flatMap({ facts.port($0) }), group.isUnbalanced, group.kind == .bond,
                let policy = group.hashPolicy, policy == .layer2 || policy == .layer23
            else { return nil }
            return FindingProposal(
                .balance, port,
                evidence: "the shares of \(group.members.count) members are \(percent(group.imbalance)) apart under "
                    + "\(policy)", gain: .medium, "flows between the same two hosts use different members", risk: .low,
                "fragments of one packet may take different ways; 802.3ad asks for order within a flow alone",
                changes: [.hashPolicy(HashPolicy.layer34.rawValue)])
        }
    }
}
