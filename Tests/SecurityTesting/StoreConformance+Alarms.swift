package import NetworkManagement
import NetworkModel

extension StoreConformance {
    /// - Parameter reopen: gives a store over the same disk, as after a restart.
    package static func checkAlarms(reopen: () async throws -> any AlarmStore) async throws {
        var store = try await reopen()
        guard try await store.loadAlarms() == StoredAlarms() else { throw Failure(description: "a new store is empty") }
        guard let index = InterfaceIndex(7) else { throw Failure(description: "an index") }
        var expected = StoredAlarms()
        let subjects: [AlarmSubject] = [.system, .interface(index, "eth\u{FC}"), .driver("e1000e"), .item("bond0")]
        for (number, subject) in subjects.enumerated() {
            var alarm = Alarm(
                identifier: UInt32(number + 1), key: AlarmKey(.threshold, subject, detail: "high"),
                severity: AlarmSeverity.allCases[number], text: "line \(number)",
                raised: WallTime(seconds: 1_700_000_000, nanoseconds: 123_456_789))
            if number == 1 {
                alarm.changed = WallTime(seconds: 1_700_000_001)
                alarm.transitions = 3
                alarm.cause = 1
                alarm.acknowledgement = AlarmAcknowledgement(principal: "operator", time: WallTime(seconds: -1))
            }
            expected.active.append(alarm)
            expected.log.append(
                AlarmRecord(
                    sequence: alarm.identifier, event: .raised, time: alarm.raised, alarm: alarm, principal: "x",
                    isNotified: number == 0))
        }
        expected.sequence = .max
        var changes = AlarmChanges()
        changes.raised = expected.active
        changes.records = expected.log
        changes.sequence = .max
        changes.recordsKept = 100
        try await store.saveAlarms(changes)
        store = try await reopen()
        guard try await store.loadAlarms() == expected else { throw Failure(description: "what was saved is loaded") }
        changes = AlarmChanges()
        changes.cleared = [1, 99]
        expected.active.removeFirst()
        expected.active[0].text = "another"
        changes.raised = [expected.active[0]]
        let last = AlarmRecord(
            sequence: 1, event: .cleared, time: WallTime(seconds: 0), alarm: expected.active[2], isNotified: true)
        changes.records = [last]
        changes.sequence = 2
        changes.recordsKept = 2
        expected.log = [expected.log[3], last]
        expected.sequence = 2
        try await store.saveAlarms(changes)
        store = try await reopen()
        guard try await store.loadAlarms() == expected else {
            throw Failure(description: "alarms go, change and age; the numbers of lines may begin anew")
        }
    }
}
