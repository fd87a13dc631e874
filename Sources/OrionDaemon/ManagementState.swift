import Glibc
import Logging
import NetworkManagement
import NetworkModel
import OrionSchema
import SMI
import ServiceLifecycle
import StateStore

/// What lasts beyond the daemon's run: the key, the audit, the policies, the alarms, the history of
/// performance, the thresholds; and the managers over them.
struct ManagementState: Sendable {
    let security: SecurityManager
    /// nil when auditing is switched off.
    let audit: AuditLog?
    let configurations: ConfigurationTables
    let alarms: AlarmManager
    let performance: PerformanceManager
    let thresholds: ThresholdManager
    private let directory: StateDirectory

    /// Keeps what lasts of drivers and devices.
    var drivers: any DriverStore { directory.database }
    /// Keeps the changes that optimising made.
    var optimisation: any OptimisationStore { directory.database }

    /// Opens everything, making what is not there yet.
    ///
    /// - Parameters:
    ///   - credentials: systemd's directory of credentials; nil when there is none.
    ///   - events: called from any thread; must not block.
    ///   - alarmEvents: as `listener` of `AlarmManager.init`.
    /// - Throws: when something is damaged, unreadable, in use or sealed under another key; it is left as it is.
    init(
        _ configuration: NetworkConfiguration, clock: any MonotonicClock, wallClock: any WallClock,
        credentials: String?, events: @escaping @Sendable (SecurityEvent) -> Void,
        alarmEvents: @escaping @Sendable (AlarmEvent) -> Void
    ) async throws {
        let path = configuration.security.stateDirectory
        try Self.make(path)
        var options = StateDirectory.Options(path: path)
        options.credentials = credentials
        options.audit =
            configuration.networkManager.auditLoggingEnabled ? AuditOptions(configuration.security) : nil
        options.isSealing = configuration.networkManager.encryptionEnabled
        let health = AuditHealth(events)
        // enterprises (RFC 2578) and the number behind it.
        let enterprise = OrionSMIMIB.orion.words[6]
        let mirror =
            configuration.security.auditSyslog ? try SyslogMirror(enterprise: enterprise) : nil
        let directory = try StateDirectory(
            options, clock: clock, wallClock: wallClock, auditHealth: { health.changed($0) },
            auditObserver: { mirror?.send($0) })
        audit = directory.audit
        security = try SecurityManager(
            policy: try await directory.database.loadPolicy(), options: SecurityOptions(configuration),
            store: directory.database, audit: directory.audit, clock: clock, wallClock: wallClock, events: events)
        let database = directory.database
        alarms = AlarmManager(
            stored: try await database.loadAlarms(), store: database, limits: .init(configuration), clock: clock,
            wallClock: wallClock, logger: Logger(label: "oriond.alarms"), listener: alarmEvents)
        SecurityAlarms(alarms).begin(auditFailure: audit?.status.failure)
        performance = PerformanceManager(
            store: database, clock: clock, wallClock: wallClock, logger: Logger(label: "oriond.performance"))
        let now: WallTime = wallClock.now()
        performance.restore(
            try await database.loadIntervals(since: WallTime(seconds: now.seconds - PerformanceManager.historySeconds)))
        thresholds = ThresholdManager(
            stored: try await database.loadThresholds(), store: database, alarms: alarms)
        self.directory = directory
        configurations = ConfigurationTables(
            directory.database, keys: directory.keys, isSealing: configuration.networkManager.encryptionEnabled)
        let key = directory.keyFile.path
        note(
            .keyUse,
            directory.made.contains(.key) ? "a new key was made at \(key)" : "the key of \(key) opened the state")
        note(.start)
    }

    /// The configuration to begin with, before anything is opened for good: what it says of the audit and of sealing
    /// holds from here on. See `configuration(for:)`.
    static func initialConfiguration(
        for context: DaemonContext, clock: any MonotonicClock, wallClock: any WallClock, credentials: String?
    ) throws -> NetworkConfiguration {
        let path = context.configuration.security.stateDirectory
        guard access(path + "/" + StateDirectory.databaseName, F_OK) == 0 else { return context.configuration }
        var options = StateDirectory.Options(path: path)
        options.credentials = credentials
        options.audit = nil
        let directory = try StateDirectory(options, clock: clock, wallClock: wallClock, auditHealth: { _ in })
        // Nothing was written.
        defer { try? directory.close() }
        return try configuration(
            for: context, ConfigurationTables(directory.database, keys: directory.keys, isSealing: true))
    }

    /// The configuration to begin with: that of the last confirmed revision, unless the file is another than it was
    /// when it was last applied. What the command line says, and where the state is, comes first.
    func configuration(for context: DaemonContext) throws -> NetworkConfiguration {
        try Self.configuration(for: context, configurations)
    }

    private static func configuration(
        for context: DaemonContext, _ configurations: ConfigurationTables
    ) throws -> NetworkConfiguration {
        let stored = try configurations.loadConfigurations()
        guard let newest = stored.revisions.last(where: { $0.state == .confirmed }),
            try !isNew(context.configuration, since: stored.revisions, configurations),
            var configuration = try configurations.configuration(ofRevision: newest.number)
        else { return context.configuration }
        context.source.applyOverrides(to: &configuration)
        configuration.security.stateDirectory = context.configuration.security.stateDirectory
        return configuration
    }

    /// Whether a file says something else than the one that was applied last.
    func isNew(
        _ configuration: NetworkConfiguration, since revisions: [ConfigurationRevision]
    ) throws(StoreError) -> Bool {
        try Self.isNew(configuration, since: revisions, configurations)
    }

    private static func isNew(
        _ configuration: NetworkConfiguration, since revisions: [ConfigurationRevision],
        _ configurations: ConfigurationTables
    ) throws(StoreError) -> Bool {
        let last = revisions.last { !$0.fileDigest.isEmpty && $0.state == .confirmed }
        return try configurations.digest(of: configuration) != last?.fileDigest
    }

    /// Records something that the daemon itself did.
    func note(_ event: AuditEvent, _ reason: String = "") {
        var record = AuditRecord(event, principal: .host, phase: .done)
        record.reason = reason
        audit?.record(record)
    }

    func close() {
        note(.stop)
        // Nothing is written behind this, and the next start recovers what a failure here leaves.
        try? directory.close()
    }

    /// Makes the directory, and those above it, for our own user alone.
    private static func make(_ path: String) throws {
        var partial = ""
        for component in path.split(separator: "/") {
            partial += "/" + component
            guard mkdir(partial, 0o700) == 0 || errno == EEXIST else {
                throw StoreError(.permissions, "make \(partial) for [security] state_directory", errno: errno)
            }
        }
    }
}

/// Passes the audit's health on as events.
private struct AuditHealth: Sendable {
    private let events: @Sendable (SecurityEvent) -> Void

    init(_ events: @escaping @Sendable (SecurityEvent) -> Void) {
        self.events = events
    }

    func changed(_ failure: StoreError?) {
        events(failure.map { .auditFailed($0) } ?? .auditRestored)
    }
}

/// Keeps the state open as long as anything else runs.
struct StateService: Service {
    let state: ManagementState

    func run() async throws {
        try? await gracefulShutdown()
        state.close()
    }
}

extension SecurityOptions {
    init(_ configuration: NetworkConfiguration) {
        self.init()
        isAccessControlEnabled = configuration.networkManager.accessControlEnabled
        isPolicyEnforced = configuration.networkManager.securityPolicyEnforcement
        principal = configuration.security.principal == .required ? .required : .optional
        eventInterval = configuration.security.eventInterval
    }
}

extension AlarmManager.Limits {
    init(_ configuration: NetworkConfiguration) {
        self.init()
        damping = InterfaceManager.Limits(configuration).flapping
        notificationBurst = configuration.notifications.alarmBurst
        notificationRate = configuration.notifications.alarmRate
    }
}

extension AuditOptions {
    init(_ security: NetworkConfiguration.Security) {
        self.init()
        maximumFileSize = Int64(security.auditFileSize) << 20
        closedFilesKept = security.auditFilesKept
    }
}

/// The number of a user of this host; nil when there is none of that name.
func userIdentifier(_ name: String) -> UInt32? {
    guard let entry = getpwnam(name) else { return nil }
    return entry.pointee.pw_uid
}
