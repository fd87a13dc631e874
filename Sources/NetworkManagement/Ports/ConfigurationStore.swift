package import NetworkModel

/// Keeps the revisions of the configuration, and what a sudden end may leave undone. Each call that writes is durable,
/// and whole or nothing, when it returns.
package protocol ConfigurationStore: Sendable {
    func loadConfigurations() throws(StoreError) -> StoredConfigurations

    /// The content of a revision; nil when there is none of that number.
    func configuration(ofRevision number: UInt32) throws(StoreError) -> NetworkConfiguration?

    /// What identifies a content: 32 octets, SHA-256 over it as a file.
    func digest(of configuration: NetworkConfiguration) throws(StoreError) -> [UInt8]

    /// Adds a revision, and says that it is about to be put in force.
    func begin(
        _ revision: ConfigurationRevision, _ configuration: NetworkConfiguration, _ intent: ConfigurationIntent
    ) throws(StoreError)

    /// Says how far a revision is, and removes revisions beyond the number to keep.
    ///
    /// - Parameters:
    ///   - baseline: what it becomes; nil when it stays.
    ///   - intent: what may still have to be taken back; nil when nothing has.
    func settle(
        _ revision: ConfigurationRevision, baseline: ConfigurationBaseline?, intent: ConfigurationIntent?
    ) throws(StoreError)

    func saveBaseline(_ baseline: ConfigurationBaseline) throws(StoreError)
}

/// What a store holds.
package struct StoredConfigurations: Sendable {
    /// Ascending by number; at most `ConfigurationRevision.maximum`.
    package var revisions: [ConfigurationRevision] = []
    package var baseline: ConfigurationBaseline = [:]
    /// A commit that was not settled.
    package var intent: ConfigurationIntent?

    package init() {}
}

/// One state of the configuration, and who made it.
package struct ConfigurationRevision: Sendable, Hashable, Codable {
    package enum Origin: UInt8, Sendable, Hashable, Codable, CaseIterable {
        /// The first start.
        case start = 1
        /// The configuration file, at a start or on SIGHUP.
        case file = 2
        /// A command on the host.
        case command = 3
        /// A candidate that was committed by SNMP.
        case snmp = 4
        /// A SET of an ordinary object.
        case set = 5
    }

    package enum State: UInt8, Sendable, Hashable, Codable, CaseIterable {
        /// Being put in force.
        case applying = 1
        /// In force until its time is over, unless somebody confirms it.
        case unconfirmed = 2
        /// In force, or was until the next one.
        case confirmed = 3
        /// Was in force unconfirmed, or was interrupted, and was taken back.
        case rolledBack = 4
        /// Could not be put in force; what had been done was taken back.
        case failed = 5
    }

    /// From 1.
    package let number: UInt32
    package let seconds: Int64
    /// Who, printable, and how that was established.
    package let principal: String
    package let origin: Origin
    /// At most 255 octets.
    package let comment: String
    package let digest: [UInt8]
    /// How many settings it changed.
    package let changes: UInt32
    /// The digest of the file that was applied last, with this revision or an earlier one: the next start knows whether the
    /// file is another. Empty when none ever was.
    package var fileDigest: [UInt8]
    package var state: State
    /// Why it was taken back or failed; else empty.
    package var reason: String

    package static let maximum = 100

    package init(
        number: UInt32, seconds: Int64, principal: String, origin: Origin, comment: String, digest: [UInt8],
        changes: UInt32, fileDigest: [UInt8] = [], state: State, reason: String = ""
    ) {
        self.number = number
        self.seconds = seconds
        self.principal = principal
        self.origin = origin
        self.comment = comment
        self.digest = digest
        self.changes = changes
        self.fileDigest = fileDigest
        self.state = state
        self.reason = reason
    }
}

/// A commit that may have to be taken back.
package struct ConfigurationIntent: Sendable, Hashable, Codable {
    package let revision: UInt32
    /// The revision in force before; 0 when there was none.
    package let previous: UInt32
    package var plan: ConfigurationPlan
    /// What the baseline becomes with it.
    package let baseline: ConfigurationBaseline
    /// The boot of the host: another one has nothing of what was done in the kernel.
    package let boot: String

    package init(
        revision: UInt32, previous: UInt32, plan: ConfigurationPlan, baseline: ConfigurationBaseline, boot: String
    ) {
        self.revision = revision
        self.previous = previous
        self.plan = plan
        self.baseline = baseline
        self.boot = boot
    }
}
