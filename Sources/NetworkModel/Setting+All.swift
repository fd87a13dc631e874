extension Setting {
    /// Every setting there is, in the order of the default file.
    package static let all: [Setting] = networkManager + agentX + security + notifications + log

    /// The sections in the order of the default file, each with what it is about.
    package static let sections: [(name: String, summary: String)] = [
        ("network_manager", "What the managers do with drivers and interfaces."),
        ("agentx", "The connection to the SNMP master agent (snmpd) by AgentX, RFC 2741."),
        ("security", "Who may change what, and where it is written down."),
        ("notifications", "The damping of what comes and goes, and the throttling of notifications of alarms."),
        ("log", "What is logged, and where."),
    ]

    /// The setting of that name; nil when there is none.
    package static func named(section: String, key: String) -> Setting? {
        bySection[section]?.first { $0.key == key }
    }

    /// The settings of a section, in the order of the default file.
    package static func inSection(_ name: String) -> [Setting] { bySection[name] ?? [] }

    private static let bySection = Dictionary(grouping: all, by: \.section)

    private static let networkManager: [Setting] = {
        let section = "network_manager"
        return [
            .count(
                section, "manager_max_drivers", 1...65_535, \.networkManager.managerMaxDrivers,
                "How many drivers are managed. Drivers beyond that are shown, but not managed, and the log says so."),
            .count(
                section, "manager_max_interfaces", 1...65_535, \.networkManager.managerMaxInterfaces,
                "How many interfaces are managed. Interfaces beyond that are shown in IF-MIB all the same, but not "
                    + "managed, and the log says so."),
            .milliseconds(
                section, "manager_timeout", 100...3_600_000, \.networkManager.managerTimeout,
                "How long an operation on a driver, or putting a configuration in force, may take before it counts as "
                    + "failed and is taken back."),
            .flag(
                section, "manager_auto_discovery", \.networkManager.managerAutoDiscovery,
                "Manage drivers and interfaces that appear while the daemon runs."),
            .flag(
                section, "driver_auto_load", \.networkManager.driverAutoLoad,
                "Load the driver of a device that has none, and the drivers with autoload = true."),
            .flag(
                section, "driver_auto_config", \.networkManager.driverAutoConfig,
                "Load a driver with its configured parameters, and give the interfaces that it drives its configured rings, "
                    + "channels, coalescing and offloads."),
            .flag(
                section, "driver_fallback_enabled", \.networkManager.driverFallbackEnabled,
                "Try a device's next suitable driver when the preferred one fails."),
            .flag(
                section, "driver_health_monitoring", \.networkManager.driverHealthMonitoring,
                "Watch the health of drivers and report failures and recoveries."),
            .flag(
                section, "interface_auto_config", \.networkManager.interfaceAutoConfig,
                "Apply the configured settings to an interface when it appears, and again when something else changes "
                    + "them. When false, the difference is only reported."),
            .choice(
                section, "interface_absent", \.networkManager.interfaceAbsent,
                "What it means that a configured interface, what it runs on or is a port of, or the module of a driver is "
                    + "not there: \"warning\" configures it when it appears, \"error\" refuses the configuration."),
            .flag(
                section, "interface_monitoring_enabled", \.networkManager.interfaceMonitoringEnabled,
                "Watch the state of interfaces and report changes."),
            .flag(
                section, "interface_optimization_enabled", \.networkManager.interfaceOptimizationEnabled,
                "Apply the settings that tune interfaces: queue length, offloads, rings, channels and coalescing, whoever "
                    + "configured them. When false, they become what they were before, and are left alone."),
            .flag(
                section, "interface_security_enabled", \.networkManager.interfaceSecurityEnabled,
                "Watch interfaces for what opens them: promiscuous mode, and a link-layer address that nobody configured. "
                    + "Each is an alarm while it lasts, and a record of the audit."),
            .milliseconds(
                section, "performance_monitoring_interval", 100...3_600_000,
                \.networkManager.performanceMonitoringInterval,
                "How often the counters of all interfaces are sampled. A request never sees counters older than 100 "
                    + "milliseconds, whatever the interval."),
            .flag(
                section, "performance_optimization_enabled", \.networkManager.performanceOptimizationEnabled,
                "Make recommendations from the measured performance."),
            .flag(
                section, "load_balancing_enabled", \.networkManager.loadBalancingEnabled,
                "Watch how evenly the members of a group of interfaces are used."),
            .flag(
                section, "resource_management_enabled", \.networkManager.resourceManagementEnabled,
                "Bound the memory and the processor time of the daemon's own tables."),
            .flag(
                section, "security_policy_enforcement", \.networkManager.securityPolicyEnforcement,
                "Refuse what the security policy denies. When false, a denial is only counted and logged."),
            .flag(
                section, "access_control_enabled", \.networkManager.accessControlEnabled,
                "Evaluate the security policy for every SET."),
            .flag(
                section, "audit_logging_enabled", \.networkManager.auditLoggingEnabled,
                "Record every SET in the audit log.", effect: .restart),
            .flag(
                section, "encryption_enabled", \.networkManager.encryptionEnabled,
                "Encrypt secrets at rest.", effect: .restart),
        ]
    }()

    private static let agentX: [Setting] = {
        let section = "agentx"
        return [
            .socketPath(
                section, "socket", \.agentX.socket,
                "The unix socket on which snmpd accepts AgentX sessions (agentXSocket in snmpd.conf).",
                effect: .restart),
            .count(
                section, "priority", 1...126, \.agentX.priority,
                "The priority of our registrations; the lowest number wins. Anything below 127 takes over the tables "
                    + "that snmpd implements itself; they answer again when oriond is gone.",
                effect: .restart),
            .milliseconds(
                section, "timeout", 100...255_000, \.agentX.timeout,
                "How long snmpd may take to answer one of our requests before the connection is made anew.",
                effect: .restart),
            .milliseconds(
                section, "ping_interval", 1000...3_600_000, \.agentX.pingInterval,
                "How long the connection may be silent before snmpd is asked whether it is alive.",
                effect: .restart),
            .count(
                section, "notification_queue", 16...65_536, \.agentX.notificationQueue,
                "How many notifications wait for snmpd while it is away or slow. Beyond that, notifications about the "
                    + "same thing are merged, then the oldest are dropped and counted.",
                effect: .restart),
        ]
    }()

    private static let security: [Setting] = {
        let section = "security"
        return [
            .choice(
                section, "principal", \.security.principal,
                "What becomes of a SET whose sender snmpd does not tell, as without its orion module: \"required\" "
                    + "refuses it (authorizationError), \"optional\" accepts it as by the user \"unknown\"."),
            .user(
                section, "snmpd_user", \.security.snmpdUser,
                "The user that snmpd runs as. A master agent of any other user than this one, root and our own is not "
                    + "talked to: it could name any principal it likes.",
                effect: .restart),
            .directory(
                section, "state_directory", \.security.stateDirectory,
                "Where the key, the audit and the policies are kept. Made when it is not there; only our own user may "
                    + "read it.",
                effect: .restart),
            .count(
                section, "audit_file_size", 1...1024, \.security.auditFileSize,
                "Beyond how many MiB a new audit file is begun.",
                effect: .restart),
            .count(
                section, "audit_files_kept", 1...10_000, \.security.auditFilesKept,
                "How many closed audit files are kept; older ones are removed, and the audit says so.",
                effect: .restart),
            .flag(
                section, "audit_syslog", \.security.auditSyslog,
                "Send each record of the audit to the host's log daemon as well (RFC 5424, /dev/log), without waiting "
                    + "for it.",
                effect: .restart),
            .socketPath(
                section, "refusal_socket", \.security.refusalSocket,
                "The unix socket on which snmpd's orion module tells what snmpd's own access control refused "
                    + "(orionEventSocket in snmpd.conf). Its directory must be there.",
                effect: .restart),
            .milliseconds(
                section, "event_interval", 100...3_600_000, \.security.eventInterval,
                "In how long a time like denials are told once; the others are counted."),
            .flag(
                section, "persist_sets", \.security.persistSets,
                "Make each SET of ifAdminStatus, ifAlias, MTU or queue length a revision of the configuration of its "
                    + "own. When false, such a change lasts until the next commit or restart."),
        ]
    }()

    private static let notifications: [Setting] = {
        let section = "notifications"
        return [
            .count(
                section, "flap_burst", 1...1000, \.notifications.flapBurst,
                "How many linkUp and linkDown notifications of one interface may follow one another at once. Further "
                    + "changes are held back until the interface has settled, and its state is reported then."),
            .count(
                section, "flap_rate", 1...1000, \.notifications.flapRate,
                "How many linkUp and linkDown notifications per second one interface may send for ever."),
            .milliseconds(
                section, "flap_settling", 100...3_600_000, \.notifications.flapSettling,
                "How long an interface whose notifications are held back must rest before it counts as settled."),
            .count(
                section, "alarm_burst", 1...10_000, \.notifications.alarmBurst,
                "How many notifications of alarms may follow one another at once. Further ones are counted, and the next "
                    + "that goes out says how many they were; the table of active alarms has them all."),
            .count(
                section, "alarm_rate", 1...10_000, \.notifications.alarmRate,
                "How many notifications of alarms per second may be sent for ever."),
        ]
    }()

    private static let log: [Setting] = {
        let section = "log"
        return [
            .choice(
                section, "level", \.log.level,
                "The least severe level that is logged."),
            .choice(
                section, "destination", \.log.destination,
                "\"stderr\", \"journald\", or \"auto\": the journal when standard error is connected to it, standard "
                    + "error otherwise.",
                effect: .restart),
        ]
    }()
}
