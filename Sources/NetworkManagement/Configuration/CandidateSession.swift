package import NetworkModel

/// What somebody prepares: edits of the configuration in force, until they are committed or discarded.
package struct CandidateSession: Sendable, Hashable {
    package enum Operation: Int32, Sendable, Hashable, CaseIterable {
        case none = 1
        case validate = 2
        case commit = 3
        /// Commit, and take back after `timeout` unless confirmed.
        case commitConfirmed = 4
        case confirm = 5
        /// Takes an unconfirmed revision back now.
        case cancel = 6
        /// Forgets the edits.
        case discard = 7
        /// Commits what revision `target` held.
        case rollback = 8
    }

    package enum State: Int32, Sendable, Hashable, CaseIterable {
        case open = 1
        /// An operation was asked for and is not finished.
        case running = 2
        case succeeded = 3
        case failed = 4
    }

    /// The security name of whoever made it; nobody else may change it, and only an administrator destroy it.
    package let creator: [UInt8]
    /// The revision that the edits are of.
    package var base: UInt32
    /// nil: nothing is said any more, or the default holds.
    package var edits: [SettingPath: SettingValue?] = [:]
    package var comment = ""
    /// Seconds that a commit waits to be confirmed, 1..86400.
    package var timeout: UInt32 = 600
    /// The revision that a rollback is to.
    package var target: UInt32 = 0
    /// While true, nobody else commits, by whatever means.
    package var isLocking = false
    package var state = State.open
    package var lastOperation = Operation.none
    package var result = ""
    package var findings: [ConfigurationFinding] = []
    package var touched: MonotonicTime

    package static let maximum = 16
    package static let maximumEdits = 100_000
    /// A session that nobody touches is forgotten, and its lock with it.
    package static let life: Duration = .seconds(3600)

    package init(creator: [UInt8], base: UInt32, touched: MonotonicTime) {
        self.creator = creator
        self.base = base
        self.touched = touched
    }
}

/// One change of a session.
package enum CandidateEdit: Sendable, Hashable {
    case create
    case destroy
    /// nil: nothing is said any more, or the default holds.
    case set(SettingPath, SettingValue?)
    /// Forgets the edit of a setting.
    case forget(SettingPath)
    case comment(String)
    case timeout(UInt32)
    case target(UInt32)
    case lock(Bool)
    case operation(CandidateSession.Operation)
}
