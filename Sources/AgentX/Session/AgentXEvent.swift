package import SMI

/// What becomes known about the master agent.
package enum AgentXEvent: Sendable, Equatable {
    /// No connection could be made; reported once for a row of attempts that fail alike.
    case connectionFailed(AgentXError)
    /// The master has opened a session; regions follow.
    case opened
    /// Every region and capability has been accepted or refused.
    case ready
    /// The session and its connection are gone; everything registered with it too.
    case closed(AgentXError)
    case regionRefused(Region, AgentXError)
    case capabilityRefused(AgentCapability, AgentXError)
    /// A notification that the master would not take; reported once for each kind and session.
    case notificationRefused(OID, AgentXError)
    /// A PDU that cannot be decoded, answered with parseError; the first of a session is reported.
    case malformedPDU(AgentXError)
    /// The master's sysUpTime in hundredths of a second, when our CLOCK_BOOTTIME was at `nanoseconds`.
    case sysUpTime(ticks: UInt32, nanoseconds: Int64)
}
