/// What a subagent has done since it was made.
package struct AgentXCounters: Sendable, Equatable {
    package var gets: UInt64 = 0
    package var getNexts: UInt64 = 0
    package var getBulks: UInt64 = 0
    /// TestSet PDUs, without those sent again.
    package var sets: UInt64 = 0
    package var commits: UInt64 = 0
    package var undos: UInt64 = 0
    /// PDUs of a SET that the master sent again, which were answered as before or not at all.
    package var resends: UInt64 = 0
    /// Variable bindings in answers to Get, GetNext and GetBulk.
    package var bindings: UInt64 = 0
    /// PDUs that could not be decoded.
    package var parseErrors: UInt64 = 0
    /// Sessions that the master opened.
    package var sessions: UInt64 = 0
    /// Connections that ended other than by our own shutdown.
    package var connectionsLost: UInt64 = 0
    /// Pings sent.
    package var pings: UInt64 = 0
    /// Notifications that the master acknowledged.
    package var notificationsSent: UInt64 = 0
    /// Notifications that the master refused, or that fit no PDU.
    package var notificationsRefused: UInt64 = 0
    /// Notifications dropped because too many waited, or because two connections ended over them.
    package var notificationsDropped: UInt64 = 0
    /// Notifications that a newer one with the same key replaced.
    package var notificationsCoalesced: UInt64 = 0

    /// How long the master takes to answer.
    package var roundTrips = RoundTrips()

    package init() {}
}
