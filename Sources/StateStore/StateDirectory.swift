package import NetworkManagement
package import NetworkModel

/// Everything that the daemon keeps on disk: the keys, the database and the audit, opened together and checked against
/// each other.
package struct StateDirectory: Sendable {
    package let keys: KeyRing
    package let keyFile: KeyFile
    package let database: StateDatabase
    /// nil when auditing is switched off.
    package let audit: AuditLog?
    /// What was not there and was made: for the first records of the audit.
    package let made: [Part]

    package enum Part: Sendable, Hashable {
        case key
        case database
        case audit
    }

    package static let databaseName = "state.sqlite"
    package static let auditName = "audit"

    /// What is opened, and how.
    package struct Options: Sendable {
        /// A directory that exists, as systemd's STATE_DIRECTORY.
        package var path: String
        /// CREDENTIALS_DIRECTORY; nil when systemd gives none.
        package var credentials: String?
        /// nil to keep no audit.
        package var audit: AuditOptions? = AuditOptions()
        /// Whether secrets in the audit are sealed; else they are masked.
        package var isSealing = true

        package init(path: String) {
            self.path = path
        }
    }

    /// - Parameters:
    ///   - auditHealth: as `health` of `AuditLog.init`.
    ///   - auditObserver: as `observer` there; `SyslogMirror.send` fits.
    /// - Throws: `.wrongKey` when the keys are not those that were used before, or are gone; `.corrupt` with the path and
    ///   the reason; `.permissions`; `.busy`. Nothing that was there is changed then.
    package init(
        _ options: Options, clock: any MonotonicClock, wallClock: any WallClock,
        auditHealth: @escaping @Sendable (StoreError?) -> Void,
        auditObserver: @escaping @Sendable (AuditEntry) -> Void = { _ in }
    ) throws(StoreError) {
        let databasePath = options.path + "/" + Self.databaseName
        let auditPath = options.path + "/" + Self.auditName
        keyFile = KeyFile(credentials: options.credentials, directory: options.path)
        var made: [Part] = []
        if !Directory.exists(databasePath) { made.append(.database) }
        if !Directory.exists(auditPath) { made.append(.audit) }
        if keyFile.exists {
            keys = try keyFile.read()
        } else {
            guard made == [.database, .audit] else {
                throw StoreError(
                    .wrongKey,
                    "\(keyFile.path): missing, though \(options.path) has state that was sealed with it; put it back")
            }
            keys = try keyFile.create()
            made.append(.key)
        }
        database = try StateDatabase(path: databasePath, keys: keys)
        if let auditOptions = options.audit {
            audit = try AuditLog(
                path: auditPath, keys: keys, sealer: options.isSealing ? Sealer(keys: keys) : nil,
                options: auditOptions,
                clock: clock, wallClock: wallClock, health: auditHealth,
                observer: auditObserver)
        } else {
            audit = nil
        }
        self.made = made
    }

    /// Writes what waits, and ends the use of the files.
    package func close() throws(StoreError) {
        audit?.close()
        try database.close()
    }
}
