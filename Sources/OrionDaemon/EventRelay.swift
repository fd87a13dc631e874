import AgentX
import EventLoop
import LinuxPlatform
import Logging
import NetworkManagement
import NetworkModel
import OrionMIB
import SMI
import Synchronization

/// Carries the managers' events to the log and, as notifications, to the subagent.
///
/// It exists before them, which is what lets them be made one after the other.
final class EventRelay: Sendable {
    private struct Ends {
        var interfaces: InterfaceManager?
        var interfaceAlarms: InterfaceAlarms?
        var subagent: AgentXSubagent?
        var uptime: UptimeReference?
        var security: SecurityObjects?
        var configuration: ConfigurationObjects?
        var operations: OperationObjects?
        var drivers: DriverObjects?
        var performance: PerformanceObjects?
        var alarms: AlarmManager?
        /// Whether a console hears of links.
        var isWatching = true
        /// That there are more interfaces than may be managed is said once.
        var isLimitTold = false
        /// A reading of details is handed to the upkeep thread and has not begun.
        var isDetailPending = false
        /// It was called for again since the upkeep thread last looked.
        var isDetailWantedAgain = false
    }

    /// Settings are read this long after the change that calls for it: a port that flaps is asked once, and its driver
    /// does not hold the kernel's configuration lock while the next change waits for it.
    private static let detailDelay: Duration = .milliseconds(50)
    /// While more such changes come, that is how often the delay begins anew before the settings are read all the same.
    private static let mostDelays = 20

    private let ends = Mutex(Ends())
    private let logger: Logger
    private let security = Logger(label: "oriond.security")
    let configuration = Logger(label: "oriond.configuration")
    let operations = Logger(label: "oriond.operations")
    let drivers = Logger(label: "oriond.drivers")
    let optimisation = Logger(label: "oriond.optimisation")
    let alarmLog = Logger(label: "oriond.alarms")

    init(logger: Logger) {
        self.logger = logger
    }

    func connect(
        _ interfaces: InterfaceManager, _ interfaceAlarms: InterfaceAlarms, _ subagent: AgentXSubagent,
        _ uptime: UptimeReference,
        _ security: SecurityObjects, _ configuration: ConfigurationObjects, _ operations: OperationObjects,
        _ drivers: DriverObjects, _ performance: PerformanceObjects, _ alarms: AlarmManager
    ) {
        ends.withLock { ends in
            ends.alarms = alarms
            ends.interfaces = interfaces
            ends.interfaceAlarms = interfaceAlarms
            ends.subagent = subagent
            ends.uptime = uptime
            ends.security = security
            ends.configuration = configuration
            ends.operations = operations
            ends.drivers = drivers
            ends.performance = performance
        }
    }

    /// Whether changes of interfaces are told from now on; they are logged all the same.
    func watchInterfaces(_ isWatching: Bool) {
        ends.withLock { $0.isWatching = isWatching }
    }

    func detailsWanted(on loop: EventLoop) {
        let isNew = ends.withLock { ends in
            defer { ends.isDetailPending = true }
            ends.isDetailWantedAgain = ends.isDetailPending
            return !ends.isDetailPending
        }
        if isNew { loop.perform { [self] in refreshDetails(on: loop, after: Self.mostDelays) } }
    }

    /// Waits, `delays` times at most, until settings are no longer called for, and reads them.
    private func refreshDetails(on loop: EventLoop, after delays: Int) {
        loop.schedule(after: Self.detailDelay) { [self] in
            let (interfaces, isEarly) = ends.withLock { ends in
                defer { ends.isDetailWantedAgain = false }
                ends.isDetailPending = ends.isDetailWantedAgain && delays > 1
                return (ends.interfaces, ends.isDetailPending)
            }
            if isEarly { refreshDetails(on: loop, after: delays - 1) } else { interfaces?.refreshDetails() }
        }
    }

    func take(_ events: [InterfaceEvent]) {
        let (subagent, uptime, alarms, isWatching) = ends.withLock {
            ($0.subagent, $0.uptime, $0.interfaceAlarms, $0.isWatching)
        }
        if isWatching, let subagent, let uptime {
            for event in events {
                guard let notification = MIBNotification(event, uptime: uptime) else { continue }
                subagent.notify(notification)
            }
        }
        alarms?.take(events)
        // The console is told first: the log can wait.
        for event in events { log(event) }
    }

    func take(_ event: SecurityEvent) {
        log(event)
        let (subagent, objects, alarms) = ends.withLock { ($0.subagent, $0.security, $0.alarms) }
        if let alarms { SecurityAlarms(alarms).take(event) }
        guard let subagent, let objects, let notification = MIBNotification(event, objects) else { return }
        subagent.notify(notification)
    }

    func take(_ event: ConfigurationEvent) {
        log(event)
        let (subagent, objects, alarms) = ends.withLock { ($0.subagent, $0.configuration, $0.alarms) }
        if let alarms { ManagerAlarms(alarms).take(event) }
        guard let subagent, let objects, let notification = MIBNotification(event, objects) else { return }
        subagent.notify(notification)
    }

    func take(_ event: OperationEvent) {
        let (subagent, objects, alarms) = ends.withLock { ($0.subagent, $0.operations, $0.alarms) }
        if let alarms { ManagerAlarms(alarms).take(event) }
        if let subagent, let objects, let notification = MIBNotification(event, objects) {
            subagent.notify(notification)
        }
        log(event)
    }

    func take(_ event: OptimisationEvent) {
        let (subagent, objects) = ends.withLock { ($0.subagent, $0.performance) }
        if let subagent, let objects { subagent.notify(MIBNotification(event, objects)) }
        log(event)
    }

    /// What the session with the agent has been through; nothing before there is one.
    var agentCounts: MonitoringObjects.AgentCounts {
        var counts = MonitoringObjects.AgentCounts()
        guard let counters = ends.withLock({ $0.subagent })?.counters else { return counts }
        counts.gets = counters.gets
        counts.getNexts = counters.getNexts
        counts.getBulks = counters.getBulks
        counts.sets = counters.sets
        counts.resends = counters.resends
        counts.sessions = counters.sessions
        counts.connectionsLost = counters.connectionsLost
        counts.notificationsSent = counters.notificationsSent
        counts.notificationsDropped = counters.notificationsDropped &+ counters.notificationsRefused
        counts.roundTrips = counters.roundTrips.count
        counts.roundTripLast = .nanoseconds(counters.roundTrips.last)
        counts.roundTripSmoothed = .nanoseconds(counters.roundTrips.smoothed)
        counts.roundTripLongest = .nanoseconds(counters.roundTrips.longest)
        return counts
    }

    /// Called with the alarm manager's lock held.
    func take(_ event: AlarmEvent) {
        if let subagent = ends.withLock({ $0.subagent }),
            let notification = MIBNotification(event, wallClock: CalendarClock())
        {
            subagent.notify(notification)
        }
        log(event)
    }

    func take(_ event: DriverEvent) {
        let (subagent, operations, objects, alarms) = ends.withLock {
            ($0.subagent, $0.operations, $0.drivers, $0.alarms)
        }
        if let alarms { ManagerAlarms(alarms).take(event) }
        if let subagent, let objects, let notification = MIBNotification(event, objects) {
            subagent.notify(notification)
        }
        log(event)
        guard let order = event.order, let operations else { return }
        do {
            try operations.queue.submit(order, by: .daemon)
        } catch {
            drivers.error("not asked for", metadata: ["operation": "\(order.kind)", "error": "\(error)"])
        }
    }

    private func log(_ event: SecurityEvent) {
        switch event {
        case .accessDenied(let principal, let request, let decision, let suppressed):
            security.warning(
                "access denied",
                metadata: [
                    "principal": "\(principal.printableName)", "source": "\(principal.source)",
                    "target": "\(request.target)", "decision": "\(decision)", "suppressed": "\(suppressed)",
                ])
        case .policyChanged(let principal, let revision, let warnings):
            security.notice(
                "policy changed",
                metadata: ["principal": "\(principal.printableName)", "revision": "\(revision)"])
            for warning in warnings { security.warning("policy", metadata: ["warning": "\(warning)"]) }
        case .auditFailed(let error):
            security.critical("the audit cannot be written; SETs are refused", metadata: ["error": "\(error)"])
        case .auditRestored:
            security.notice("the audit can be written again")
        case .principalUnavailable:
            security.warning(
                "SETs come without their principal; load the orion module into snmpd (dlmod orion PATH)")
        case .principalRestored:
            security.notice("SETs come with their principal again")
        case .principalForged(let reason, let suppressed):
            security.error(
                "a principal record is false", metadata: ["reason": "\(reason)", "suppressed": "\(suppressed)"])
        case .agentAccessWeak(let access):
            for writer in access.weakWriters { security.warning("snmpd", metadata: ["warning": "\(writer)"]) }
        case .agentRefused(let report, let object, let suppressed):
            let principal = report.record.principal
            security.warning(
                "snmpd refused a request",
                metadata: [
                    "principal": "\(principal.printableName)", "source": "\(principal.source)", "object": "\(object)",
                    "reason": "\(report.cause)", "suppressed": "\(suppressed)",
                ])
        }
    }

    private func log(_ event: InterfaceEvent) {
        switch event {
        case .discovered, .statusChanged: break
        case .appeared(let row): log(.debug, "interface appeared", row)
        case .disappeared(let row): log(.debug, "interface disappeared", row)
        case .configurationChanged(let row): log(.debug, "interface configuration changed", row)
        case .linkUp(let row): log(.info, "link up", row)
        case .linkDown(let row): log(.info, "link down", row)
        case .flapping(let row): log(.warning, "interface flaps; its link notifications are held back", row)
        case .settled(let row): log(.notice, "interface has settled", row)
        case .resynchronised(let overrun):
            if overrun { logger.warning("events of the kernel were lost; all interfaces were read anew") }
        case .limitExceeded(let row):
            let isTold = ends.withLock { ends in
                defer { ends.isLimitTold = true }
                return ends.isLimitTold
            }
            log(
                isTold ? .debug : .warning,
                "manager_max_interfaces is reached: this interface and further ones are shown, not managed", row)
        }
    }

    private func log(_ level: Logger.Level, _ text: Logger.Message, _ row: InterfaceRow) {
        logger.log(
            level: level, text,
            metadata: [
                "interface.name": "\(row.link.name)", "interface.index": "\(row.index)",
                "interface.status": "\(row.operationalStatus)",
            ])
    }
}

extension AgentXSubagent {
    fileprivate nonisolated func notify(_ notification: MIBNotification) {
        notify(Notification(notification.schema.oid, notification.bindings, key: notification.supersededBy))
    }
}
