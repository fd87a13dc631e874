package import NetworkModel

/// The security manager's state at one moment; never changes.
package struct SecuritySnapshot: Sendable {
    package let options: SecurityOptions
    /// The policy in the form that decides, with each rule's counters, which do go on counting.
    package let compiled: CompiledPolicy
    /// How many changes of the policy came before; starts at 0 with the daemon.
    package let revision: UInt64
    /// What the policy does that is hardly meant.
    package let warnings: [PolicyWarning]

    package var policy: SecurityPolicy { compiled.policy }
}
