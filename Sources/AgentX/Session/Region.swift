package import SMI

/// A subtree that the master agent is to send us the requests for (RFC 2741 section 6.2.3).
package struct Region: Sendable, Hashable {
    package let subtree: OID
    /// Of overlapping regions of the same length the lowest number is served; 127 when nothing is known.
    package let priority: UInt8
    /// How long the master waits for an answer, in seconds; 0 for the session's value. net-snmp ignores it.
    package let timeout: UInt8
    /// nil for the default context.
    package let context: OctetString?
    /// Whether `subtree` names one instance.
    package let isInstance: Bool

    package init(
        _ subtree: OID, priority: UInt8 = 127, timeout: UInt8 = 0, context: OctetString? = nil, isInstance: Bool = false
    ) {
        self.subtree = subtree
        self.priority = priority
        self.timeout = timeout
        self.context = context
        self.isInstance = isInstance
    }
}

/// What the master agent shows as a row of sysORTable (RFC 2741 section 6.2.14).
package struct AgentCapability: Sendable, Hashable {
    /// The AGENT-CAPABILITIES invocation: sysORID.
    package let identifier: OID
    /// sysORDescr.
    package let description: String
    /// nil for the default context.
    package let context: OctetString?

    package init(_ identifier: OID, _ description: String, context: OctetString? = nil) {
        self.identifier = identifier
        self.description = description
        self.context = context
    }
}
