package import NetworkModel

/// Keeps the alarms across restarts.
package protocol AlarmStore: Sendable {
    /// What was last saved; nothing when nothing ever was.
    func loadAlarms() async throws(StoreError) -> StoredAlarms

    /// Makes `changes` to what is kept, all of them or none, durable when this returns.
    func saveAlarms(_ changes: AlarmChanges) async throws(StoreError)
}

/// The alarms as they are kept.
package struct StoredAlarms: Sendable, Equatable {
    /// The alarms that are raised, ascending by identifier.
    package var active: [Alarm] = []
    /// Ascending by age, the oldest first.
    package var log: [AlarmRecord] = []
    /// No sequence number beyond this one was used.
    package var sequence: UInt32 = 0

    package init() {}
}

/// What is to be changed in what is kept.
package struct AlarmChanges: Sendable, Equatable {
    /// Raised, or no longer as kept.
    package var raised: [Alarm] = []
    /// Identifiers.
    package var cleared: [UInt32] = []
    /// New lines of the history, the oldest first.
    package var records: [AlarmRecord] = []
    /// No sequence number beyond this one is used until the next save.
    package var sequence: UInt32 = 0
    /// How many lines of the history are kept; older ones are removed.
    package var recordsKept = 0

    package init() {}
}
