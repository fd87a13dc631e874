/// Everything that can be set about the daemon, with its defaults as the initial values.
///
/// One nested type per section of the configuration file, one property per key. `Setting.all` declares range, unit and
/// meaning of each.
package struct NetworkConfiguration: Sendable, Hashable {
    package var networkManager = NetworkManager()
    package var agentX = AgentX()
    package var security = Security()
    package var notifications = Notifications()
    package var log = Log()
    /// What is said of drivers, interfaces, rules and thresholds, by their names; no kind without an item.
    package var items: [ItemKind: [String: ConfigurationItem]] = [:]

    package init() {}

    /// `[network_manager]`.
    package struct NetworkManager: Sendable, Hashable {
        package var managerMaxDrivers = 16
        package var managerMaxInterfaces = 32
        package var managerTimeout: Duration = .milliseconds(30_000)
        package var managerAutoDiscovery = true
        package var driverAutoLoad = true
        package var driverAutoConfig = true
        package var driverFallbackEnabled = true
        package var driverHealthMonitoring = true
        package var interfaceAutoConfig = true
        package var interfaceAbsent: AbsencePolicy = .warning
        package var interfaceMonitoringEnabled = true
        package var interfaceOptimizationEnabled = true
        package var interfaceSecurityEnabled = true
        package var performanceMonitoringInterval: Duration = .milliseconds(1000)
        package var performanceOptimizationEnabled = true
        package var loadBalancingEnabled = true
        package var resourceManagementEnabled = true
        package var securityPolicyEnforcement = true
        package var accessControlEnabled = true
        package var auditLoggingEnabled = true
        package var encryptionEnabled = true

        package init() {}
    }

    /// `[agentx]`.
    package struct AgentX: Sendable, Hashable {
        package var socket = "/var/agentx/master"
        package var priority = 100
        package var timeout: Duration = .milliseconds(5000)
        package var pingInterval: Duration = .milliseconds(15_000)
        package var notificationQueue = 1024

        package init() {}
    }

    /// `[security]`.
    package struct Security: Sendable, Hashable {
        package var principal: PrincipalPolicy = .required
        package var snmpdUser = "Debian-snmp"
        package var stateDirectory = "/var/lib/orion"
        package var auditFileSize = 64
        package var auditFilesKept = 100
        package var auditSyslog = false
        package var refusalSocket = "/run/orion/refusals"
        package var eventInterval: Duration = .milliseconds(10_000)
        package var persistSets = false

        package init() {}
    }

    /// `[notifications]`.
    package struct Notifications: Sendable, Hashable {
        package var flapBurst = 20
        package var flapRate = 2
        package var flapSettling: Duration = .milliseconds(5000)
        package var alarmBurst = 100
        package var alarmRate = 20

        package init() {}
    }

    /// `[log]`.
    package struct Log: Sendable, Hashable {
        package var level: LogLevel = .info
        package var destination: LogDestination = .automatic

        package init() {}
    }
}

/// How much is logged: this and everything more severe.
package enum LogLevel: String, Sendable, Hashable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}

/// Where the log goes.
package enum LogDestination: String, Sendable, Hashable, CaseIterable {
    /// The journal when standard error is connected to it, standard error otherwise.
    case automatic = "auto"
    case standardError = "stderr"
    case journal = "journald"
}

/// What it means that a configured interface is not there.
package enum AbsencePolicy: String, Sendable, Hashable, CaseIterable {
    case warning, error
}

/// What becomes of a SET that nobody is known to have sent.
package enum PrincipalPolicy: String, Sendable, Hashable, CaseIterable {
    case required, optional
}
