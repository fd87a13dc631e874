package import NetworkModel

/// The security manager's state at one moment; never changes.
package struct SecuritySnapshot: Sendable {
    package let options: SecurityOptions
    /// The policy in the form that decides, with each rule's counters, which do go on counting.
    package let compiled: CompiledPolicy
    /// How often a policy has come into force since the daemon began, the first included.
    package let revision: UInt64
    /// When the policy came into force.
    package let changed: MonotonicTime
    /// What the policy does that is hardly meant.
    package let warnings: [PolicyWarning]

    package var policy: SecurityPolicy { compiled.policy }
}
