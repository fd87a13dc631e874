import Logging
import SMI

extension AgentXEvent {
    /// Writes what an operator should know of this event.
    func log(to logger: Logger) {
        switch self {
        case .connectionFailed(let error):
            logger.warning("Cannot reach the master agent; trying again", metadata: error.metadata)
        case .opened: logger.debug("The master agent opened a session")
        case .ready: logger.info("Serving the master agent")
        case .closed(let error):
            logger.warning("The session with the master agent ended; connecting again", metadata: error.metadata)
        case .regionRefused(let region, let error):
            var metadata = error.metadata
            metadata["oid"] = "\(region.subtree)"
            metadata["priority"] = "\(region.priority)"
            metadata["fix"] = error.status.map { "\(region.fix(for: $0))" }
            logger.error("The master agent refused to register a subtree", metadata: metadata)
        case .capabilityRefused(let capability, let error):
            var metadata = error.metadata
            metadata["oid"] = "\(capability.identifier)"
            logger.warning("The master agent refused to list agent capabilities", metadata: metadata)
        case .notificationRefused(let identity, let error):
            var metadata = error.metadata
            metadata["oid"] = "\(identity)"
            logger.error("The master agent refused a notification", metadata: metadata)
        case .malformedPDU(let error):
            logger.error("The master agent sent a PDU that cannot be decoded", metadata: error.metadata)
        case .sysUpTime: break
        }
    }
}

extension AgentXError {
    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["error": "\(code)", "reason": "\(message)"]
        metadata["errno"] = errno.map { "\($0)" }
        return metadata
    }
}

extension Region {
    fileprivate func fix(for status: ResponseStatus) -> String {
        switch status {
        case .duplicateRegistration:
            """
            another subagent, or snmpd itself, serves \(subtree) at priority \(priority): choose a lower number (snmpd's \
            own modules have 127), or end the other
            """
        case .unsupportedContext:
            "the master agent does not know the context \(context ?? []): register in the default one"
        case .requestDenied: "the master agent does not let this subagent serve \(subtree): see its configuration"
        default: "see the log of snmpd"
        }
    }
}
