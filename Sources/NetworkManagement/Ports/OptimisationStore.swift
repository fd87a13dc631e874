/// Keeps the changes that optimising made, so that none is forgotten when the daemon ends suddenly.
package protocol OptimisationStore: Sendable {
    /// As last saved, ascending by identifier.
    func loadTrials() async throws(StoreError) -> [StoredTrial]

    /// Puts `trials` in the place of what was kept, whole or not at all, durable when this returns.
    func saveTrials(_ trials: [StoredTrial]) async throws(StoreError)
}

/// A change of a finding that is in the kernel, or is about to be.
package struct StoredTrial: Sendable, Hashable, Codable {
    package struct Step: Sendable, Hashable, Codable {
        package let change: OptimisationChange
        /// What was before.
        package let previous: OptimisationChange

        package init(change: OptimisationChange, previous: OptimisationChange) {
            self.change = change
            self.previous = previous
        }
    }

    /// Of the finding.
    package let identifier: UInt32
    package let rule: FindingRule
    /// Tells findings of one rule about one interface apart.
    package let detail: String
    /// ifIndex, in the boot that `boot` names.
    package let interface: UInt32
    package let name: String
    package let address: String
    package let boot: String
    package let steps: [Step]
    /// Who asked for it.
    package let requester: String
    package let evidence: String
    /// It has been measured and kept.
    package var isConfirmed = false

    package init(
        identifier: UInt32, rule: FindingRule, detail: String, interface: UInt32, name: String, address: String,
        boot: String, steps: [Step], requester: String, evidence: String
    ) {
        self.identifier = identifier
        self.rule = rule
        self.detail = detail
        self.interface = interface
        self.name = name
        self.address = address
        self.boot = boot
        self.steps = steps
        self.requester = requester
        self.evidence = evidence
    }
}
