import NetworkManagement
import NetworkModel
import SecurityTesting
import Testing

@Suite struct `The alarm manager` {
    @Test func `raising and clearing are a pair under one identifier, told once each`() throws {
        let fixture = AlarmFixture()
        fixture.alarms.raise(key(.driverFailed, "a"), .major, "first")
        fixture.alarms.raise(key(.driverFailed, "a"), .major, "second")
        fixture.alarms.clear(key(.driverFailed, "b"))
        let alarm = try #require(fixture.alarms.snapshot.active.first)
        #expect(alarm.identifier == 1)
        #expect(alarm.text == "second")
        #expect(fixture.alarms.snapshot.counts == [.major: 1])
        fixture.alarms.raise(key(.driverFailed, "a"), .critical, "second")
        #expect(fixture.alarms.snapshot.worst == .critical)
        fixture.alarms.clear(key(.driverFailed, "a"))
        fixture.alarms.clear(key(.driverFailed, "a"))
        #expect(fixture.take() == ["raised driverFailed a", "changed driverFailed a", "cleared driverFailed a"])
        #expect(fixture.alarms.snapshot.active.isEmpty)
        #expect(fixture.alarms.snapshot.log.map(\.sequence) == [1, 2, 3])
        #expect(fixture.alarms.snapshot.log.map(\.alarm) == [1, 1, 1])
    }

    @Test func `an alarm that another explains is shown, not told, not counted`() throws {
        let fixture = AlarmFixture()
        fixture.alarms.raise(key(.linkDown, "port"), .major, "")
        fixture.alarms.raise(key(.linkDown, "bridge"), .major, "", cause: key(.linkDown, "port"))
        #expect(fixture.take() == ["raised linkDown port"])
        #expect(fixture.alarms.snapshot.counts == [.major: 1])
        #expect(fixture.alarms.snapshot.explained == 1)
        #expect(fixture.alarms.snapshot.active.map(\.cause) == [nil, 1])
        // Both are well again, the cause first.
        fixture.alarms.clear(key(.linkDown, "port"))
        fixture.alarms.clear(key(.linkDown, "bridge"))
        fixture.pass(seconds: 5)
        #expect(fixture.take() == ["cleared linkDown port"])
    }

    @Test func `what lasts longer than its explanation is told then`() {
        let fixture = AlarmFixture()
        fixture.alarms.raise(key(.linkDown, "port"), .major, "")
        fixture.alarms.raise(key(.linkDown, "bridge"), .major, "", cause: key(.linkDown, "port"))
        fixture.alarms.clear(key(.linkDown, "port"))
        #expect(fixture.take() == ["raised linkDown port", "cleared linkDown port"])
        fixture.pass(seconds: 3)
        #expect(fixture.take() == ["raised linkDown bridge"])
        fixture.alarms.clear(key(.linkDown, "bridge"))
        #expect(fixture.take() == ["cleared linkDown bridge"])
    }

    @Test func `an explanation that comes later takes a told alarm out of the counts, and its end is told`() {
        let fixture = AlarmFixture()
        fixture.alarms.raise(key(.linkDown, "bridge"), .major, "", cause: key(.linkDown, "port"))
        fixture.alarms.raise(key(.linkDown, "port"), .major, "")
        #expect(fixture.alarms.snapshot.counts == [.major: 1])
        #expect(fixture.alarms.snapshot.active.map(\.cause) == [2, nil])
        fixture.alarms.clear(key(.linkDown, "bridge"))
        #expect(
            fixture.take() == ["raised linkDown bridge", "raised linkDown port", "cleared linkDown bridge"])
    }

    @Test func `a condition that comes and goes is damped, stays raised, and its last state is told`() {
        let fixture = AlarmFixture { $0.damping = FlapLimits(burst: 4, ratePerSecond: 1, settling: .seconds(5)) }
        for _ in 0..<50 {
            fixture.alarms.raise(key(.linkDown, "eth0"), .major, "")
            fixture.alarms.clear(key(.linkDown, "eth0"))
        }
        // Four transitions, and the one that begins damping, which leaves the alarm raised.
        #expect(fixture.take().count == 5)
        #expect(fixture.alarms.snapshot.active.first?.isDamped == true)
        fixture.pass(seconds: 10)
        #expect(fixture.take() == ["cleared linkDown eth0"])
        #expect(fixture.alarms.snapshot.active.isEmpty)
        fixture.pass(seconds: 30)
        fixture.alarms.raise(key(.linkDown, "eth0"), .major, "")
        #expect(fixture.alarms.snapshot.active.first?.isDamped == false)
    }

    @Test func `a damped condition that lasts stays raised`() {
        let fixture = AlarmFixture { $0.damping = FlapLimits(burst: 2, ratePerSecond: 1, settling: .seconds(5)) }
        for _ in 0..<10 {
            fixture.alarms.raise(key(.linkDown, "eth0"), .major, "")
            fixture.alarms.clear(key(.linkDown, "eth0"))
        }
        fixture.alarms.raise(key(.linkDown, "eth0"), .major, "")
        fixture.pass(seconds: 10)
        #expect(fixture.alarms.snapshot.active.map(\.isDamped) == [false])
        #expect(fixture.alarms.snapshot.active.first.map { $0.transitions > 0 } == true)
    }

    @Test func `a thousand alarms at once: the table is right, few are told, and their number is`() throws {
        let fixture = AlarmFixture()
        for number in 0..<1000 { fixture.alarms.raise(key(.linkDown, "p\(number)"), .major, "") }
        #expect(fixture.alarms.snapshot.active.count == 1000)
        #expect(fixture.alarms.snapshot.counts == [.major: 1000])
        #expect(fixture.take().count == 100)
        fixture.pass(seconds: 10)
        #expect(fixture.take() == ["held back 900"])
        #expect(fixture.alarms.snapshot.statistics.throttled == 900)
        fixture.alarms.clear(key(.linkDown, "p0"))
        let event = try #require(fixture.takeEvents().first)
        guard case .record(let record, let suppressed) = event else { return #expect(Bool(false), "a record") }
        #expect(record.sequence == 1001)
        #expect(suppressed == 0)
    }

    @Test func `other limits of throttling hold at once, and what was held back stays counted`() {
        let fixture = AlarmFixture { $0.notificationBurst = 2 }
        for number in 0..<5 { fixture.alarms.raise(key(.linkDown, "p\(number)"), .major, "") }
        #expect(fixture.take().count == 2)
        var limits = AlarmManager.Limits()
        limits.notificationBurst = 4
        fixture.alarms.reconfigure(limits)
        for number in 5..<10 { fixture.alarms.raise(key(.linkDown, "p\(number)"), .major, "") }
        #expect(
            fixture.take() == [
                "raised linkDown p5 +3", "raised linkDown p6", "raised linkDown p7", "raised linkDown p8",
            ])
    }

    @Test func `no more than there is room for`() {
        let fixture = AlarmFixture { $0.active = 3 }
        for number in 0..<5 { fixture.alarms.raise(key(.linkDown, "p\(number)"), .major, "") }
        #expect(fixture.alarms.snapshot.active.count == 3)
        #expect(fixture.alarms.snapshot.statistics.overflowed == 2)
    }

    @Test func `the history keeps the newest lines`() {
        let fixture = AlarmFixture { $0.records = 100 }
        for number in 0..<500 { fixture.alarms.raise(key(.linkDown, "p\(number)"), .major, "") }
        let log = fixture.alarms.snapshot.log
        #expect((100...125).contains(log.count))
        #expect(log.last?.sequence == 500)
    }

    @Test func `acknowledging is remembered with who and when, and can be taken back`() throws {
        let fixture = AlarmFixture()
        fixture.alarms.raise(key(.driverFailed, "a"), .major, "")
        let identifier = try #require(fixture.alarms.snapshot.active.first?.identifier)
        try fixture.alarms.acknowledge(identifier, true, by: "alice")
        #expect(fixture.alarms.snapshot.active.first?.acknowledgement?.principal == "alice")
        try fixture.alarms.acknowledge(identifier, false, by: "bob")
        #expect(fixture.alarms.snapshot.active.first?.acknowledgement == nil)
        #expect(fixture.alarms.snapshot.log.map(\.principal) == ["", "alice", "bob"])
        #expect(fixture.take() == ["raised driverFailed a"])
        #expect(throws: ManagementError(.notFound, "")) { try fixture.alarms.acknowledge(77, true, by: "x") }
    }

    @Test func `what goes takes its alarms along`() throws {
        let fixture = AlarmFixture()
        let index = try index(3)
        fixture.alarms.raise(AlarmKey(.linkDown, .interface(index, "old")), .major, "")
        // Renamed: the same interface.
        fixture.alarms.raise(AlarmKey(.linkDown, .interface(index, "new")), .major, "")
        fixture.alarms.raise(AlarmKey(.threshold, .interface(index, "new"), detail: "load"), .minor, "")
        #expect(fixture.alarms.snapshot.active.map(\.key.subject.name) == ["new", "new"])
        fixture.alarms.remove(.interface(index, "other"))
        #expect(fixture.alarms.snapshot.active.isEmpty)
    }

    @Test func `alarms, history and numbers outlast a restart, and a sudden end uses no number twice`() async throws {
        let store = MemoryAlarmStore()
        let first = AlarmFixture(store: store)
        first.alarms.raise(key(.driverFailed, "a"), .major, "")
        first.alarms.raise(key(.driverFailed, "b"), .major, "", cause: key(.driverFailed, "a"))
        try first.alarms.acknowledge(1, true, by: "alice")
        await first.alarms.save()
        first.alarms.raise(key(.driverFailed, "lost"), .major, "")
        // No further save: it ends suddenly.
        let second = AlarmFixture(store: store)
        #expect(second.alarms.snapshot.active.map(\.key.subject.name) == ["a", "b"])
        #expect(second.alarms.snapshot.active.first?.acknowledgement?.principal == "alice")
        #expect(second.alarms.snapshot.counts == [.major: 1])
        second.alarms.raise(key(.driverFailed, "new"), .major, "")
        #expect(second.alarms.snapshot.sequence > 4)
        second.alarms.clear(key(.driverFailed, "a"))
        await second.alarms.save(isLast: true)
        let third = AlarmFixture(store: store)
        #expect(third.alarms.snapshot.sequence == second.alarms.snapshot.sequence)
        #expect(third.alarms.snapshot.active.map(\.key.subject.name) == ["b", "new"])
        #expect(third.alarms.snapshot.log.map(\.sequence) == second.alarms.snapshot.log.map(\.sequence))
    }

    @Test func `what cannot be saved is saved later`() async {
        let fixture = AlarmFixture()
        fixture.store.fail(with: StoreError(.full, "full"))
        fixture.alarms.raise(key(.driverFailed, "a"), .major, "")
        fixture.alarms.raise(key(.driverFailed, "b"), .major, "")
        await fixture.alarms.save()
        #expect(fixture.alarms.snapshot.statistics.saveFailures == 1)
        fixture.alarms.clear(key(.driverFailed, "a"))
        fixture.store.fail(with: nil)
        await fixture.alarms.save()
        #expect(fixture.store.stored.active.map(\.key.subject.name) == ["b"])
        #expect(fixture.store.stored.log.count == 3)
    }

    @Test func `the store in memory does what a store has to do`() async throws {
        let store = MemoryAlarmStore()
        try await StoreConformance.checkAlarms { store }
    }
}
