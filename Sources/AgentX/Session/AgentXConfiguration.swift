package import SMI

/// What a subagent is to the master agent, and the limits it keeps.
package struct AgentXConfiguration: Sendable {
    /// The master's unix-domain socket (RFC 2741 section 8.2.1 names this one).
    package var socketPath = "/var/agentx/master"
    /// o.id: what kind of subagent this is; empty for nothing.
    package var identifier: OID = []
    /// o.descr: a DisplayString that describes the subagent.
    package var description: String
    /// o.timeout, in seconds; 0 for the master's own. net-snmp ignores it.
    package var timeout: UInt8 = 0
    package var regions: [Region] = []
    package var capabilities: [AgentCapability] = []

    /// Which contexts in Get, GetNext and GetBulk are answered like the default one, besides those of `regions`.
    package var acceptsContext: @Sendable (OctetString) -> Bool = { _ in false }

    /// Whether a master that runs as this user is talked to (SO_PEERCRED of unix(7): the user at the time of listen(2)).
    package var trustsUser: @Sendable (UInt32) -> Bool = { _ in true }

    /// How long nothing may be heard from the master before it is asked for a sign of life.
    package var pingInterval = Duration.seconds(15)
    /// How long the master may take to answer us; then the connection is given up.
    package var responseTimeout = Duration.seconds(20)
    /// How long a shutdown waits for what is under way, and then for the answer to Close.
    package var shutdownTimeout = Duration.seconds(2)
    /// Before the first attempt to connect again, before jitter; it doubles up to `maximumReconnectDelay`.
    package var reconnectDelay = Duration.milliseconds(50)
    package var maximumReconnectDelay = Duration.seconds(30)
    /// Before a region or a capability that was refused is asked for again.
    package var refusalRetry = Duration.seconds(30)

    /// How many notifications wait at most; the oldest is dropped for a newer one.
    package var notificationLimit = 1000
    /// How many notifications the master has not acknowledged at most. A burst whose answers nobody reads stops
    /// net-snmp; 32 give it full speed.
    package var notificationWindow = 32
    /// How many SETs are remembered at most.
    package var transactionLimit = 1024
    /// How long a SET is remembered when the master does not end it, and its answers for a PDU sent again.
    package var transactionLifetime = Duration.seconds(60)
    /// The largest payload of a PDU, in octets, either way; a multiple of 4.
    package var payloadLimit = PDUHeader.maximumPayload
    /// How much output may wait for the master before its requests are left unread, in octets.
    package var outputLimit = 1 << 20
    /// The order of the numbers in what we send first; the master keeps to it. That of the machine saves both sides the
    /// conversion.
    package var byteOrder = ByteOrder.host

    package init(description: String) {
        self.description = description
    }
}

extension Duration {
    /// Saturating.
    var nanoseconds: Int64 {
        let (seconds, isOverflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return isOverflow ? Int64.max / 4 : min(seconds + components.attoseconds / 1_000_000_000, Int64.max / 4)
    }
}
