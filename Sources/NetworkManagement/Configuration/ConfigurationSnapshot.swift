package import NetworkModel

/// The configuration at one moment. Immutable; a reader keeps it as long as it likes.
package final class ConfigurationSnapshot: Sendable {
    /// The revision in force; 0 before the first.
    package let revision: UInt32
    package let configuration: NetworkConfiguration
    /// Ascending by number.
    package let revisions: [ConfigurationRevision]
    package let baseline: ConfigurationBaseline
    /// When the revision in force is taken back unless somebody confirms it; nil when it need not be.
    package let deadline: MonotonicTime?
    package let drift: [ConfigurationDrift]
    package let counts: ConfigurationCounts

    init(
        revision: UInt32, configuration: NetworkConfiguration, revisions: [ConfigurationRevision],
        baseline: ConfigurationBaseline, deadline: MonotonicTime?, drift: [ConfigurationDrift],
        counts: ConfigurationCounts
    ) {
        self.revision = revision
        self.configuration = configuration
        self.revisions = revisions
        self.baseline = baseline
        self.deadline = deadline
        self.drift = drift
        self.counts = counts
    }
}

/// A setting that the kernel has otherwise than configured.
package struct ConfigurationDrift: Sendable, Hashable {
    package let setting: String
    package let interface: String
    /// What it would take.
    package let text: String

    package init(setting: String, interface: String, text: String) {
        self.setting = setting
        self.interface = interface
        self.text = text
    }
}

package struct ConfigurationCounts: Sendable, Hashable {
    package var commits: UInt64 = 0
    package var failures: UInt64 = 0
    package var rollbacks: UInt64 = 0
    package var drifts: UInt64 = 0
    package var repairs: UInt64 = 0
    /// Of the last commit: as a whole, and within the kernel.
    package var lastDuration: Duration = .zero
    package var lastKernelTime: Duration = .zero
}

/// What the configuration manager tells.
package enum ConfigurationEvent: Sendable {
    /// A revision is in force; unconfirmed when it may be taken back. `first` is the first setting that it changes; empty
    /// when it changes none.
    case changed(ConfigurationRevision, first: String)
    case confirmed(ConfigurationRevision)
    /// A revision was taken back.
    case rolledBack(ConfigurationRevision)
    /// A revision could not be put in force.
    case failed(ConfigurationRevision, ConfigurationFinding)
    /// A SET of ordinary objects that was to become a revision did not: what it set lasts until the next commit or
    /// restart.
    case setNotKept(Principal, ConfigurationFinding)
    case driftDetected([ConfigurationDrift])
    case driftRepaired([ConfigurationDrift])
    /// Interfaces that had appeared were given their configuration.
    case interfacesConfigured([ConfigurationDrift])
}

/// What came of a commit, or of looking at what it would do.
package struct ConfigurationOutcome: Sendable {
    /// The new revision; nil when there is none.
    package var revision: UInt32?
    package var findings: [ConfigurationFinding] = []
    /// What it would do, or did, step by step.
    package var steps: [ConfigurationStep] = []
    /// Why nothing came of it; nil when something did.
    package var failure: ManagementError?

    package init() {}
}
