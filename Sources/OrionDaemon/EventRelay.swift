import AgentX
import EventLoop
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
        var subagent: AgentXSubagent?
        var uptime: UptimeReference?
        var security: SecurityObjects?
        var configuration: ConfigurationObjects?
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
    private let configuration = Logger(label: "oriond.configuration")

    init(logger: Logger) {
        self.logger = logger
    }

    func connect(
        _ interfaces: InterfaceManager, _ subagent: AgentXSubagent, _ uptime: UptimeReference,
        _ security: SecurityObjects, _ configuration: ConfigurationObjects
    ) {
        ends.withLock { ends in
            ends.interfaces = interfaces
            ends.subagent = subagent
            ends.uptime = uptime
            ends.security = security
            ends.configuration = configuration
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
        let (subagent, uptime) = ends.withLock { ($0.subagent, $0.uptime) }
        if ends.withLock({ $0.isWatching }), let subagent, let uptime {
            for event in events {
                guard let notification = MIBNotification(event, uptime: uptime) else { continue }
                subagent.notify(notification)
            }
        }
        // The console is told first: the log can wait.
        for event in events { log(event) }
    }

    func take(_ event: SecurityEvent) {
        log(event)
        let (subagent, objects) = ends.withLock { ($0.subagent, $0.security) }
        guard let subagent, let objects, let notification = MIBNotification(event, objects) else { return }
        subagent.notify(notification)
    }

    func take(_ event: ConfigurationEvent) {
        log(event)
        let (subagent, objects) = ends.withLock { ($0.subagent, $0.configuration) }
        guard let subagent, let objects else { return }
        subagent.notify(MIBNotification(event, objects))
    }

    private func log(_ event: ConfigurationEvent) {
        func metadata(_ revision: ConfigurationRevision) -> Logger.Metadata {
            var metadata: Logger.Metadata = [
                "revision": "\(revision.number)", "principal": "\(revision.principal)",
                "origin": "\(revision.origin)", "changes": "\(revision.changes)",
            ]
            if !revision.reason.isEmpty { metadata["reason"] = "\(revision.reason)" }
            return metadata
        }
        func metadata(_ drift: [ConfigurationDrift]) -> Logger.Metadata {
            ["settings": "\(drift.count)", "first": "\(drift.first?.text ?? "")"]
        }
        switch event {
        case .changed(let revision): configuration.notice("configuration in force", metadata: metadata(revision))
        case .confirmed(let revision): configuration.notice("configuration confirmed", metadata: metadata(revision))
        case .rolledBack(let revision):
            configuration.warning("configuration taken back", metadata: metadata(revision))
        case .failed(let revision, _): configuration.error("configuration refused", metadata: metadata(revision))
        case .driftDetected(let drift):
            configuration.warning("the kernel differs from the configuration", metadata: metadata(drift))
        case .driftRepaired(let drift):
            configuration.notice("the kernel is as configured again", metadata: metadata(drift))
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
