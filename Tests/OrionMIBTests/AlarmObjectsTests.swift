import NetworkManagement
import NetworkModel
import OrionMIB
import OrionSchema
import SMI
import SecurityTesting
import Testing

private let root: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 10, 1]

/// 2023-11-14T22:13:20Z, where the clock of the tests begins.
private let time = Value.bytes([0x07, 0xE7, 11, 14, 22, 13, 20, 0, UInt8(ascii: "+"), 0, 0])

private func raise(_ fixture: MIBFixture) throws {
    let port = try fixture.row(2)
    let below = AlarmKey(.linkDown, .interface(port.index, port.link.name))
    fixture.alarms.raise(below, .major, "eth0 is down: no carrier")
    fixture.alarms.raise(AlarmKey(.threshold, .item("group"), detail: "share"), .warning, "x", cause: below)
}

@Suite struct `ORION-ALARM-MIB` {
    @Test func `everything in order, by hand from the module`() throws {
        let fixture = try MIBFixture()
        try raise(fixture)
        fixture.alarms.clear(AlarmKey(.threshold, .item("group"), detail: "share"))
        let scalars: [Value] = [
            .gauge32(1), .gauge32(0), .gauge32(1), .gauge32(0), .gauge32(0), .gauge32(0), .integer(2),
            .timeTicks(100_000), .gauge32(3), .counter32(1), .counter32(0), .counter32(0), .counter32(0), .counter32(0),
        ]
        let active: [(UInt32, Value)] = [
            (2, .integer(1)), (3, .integer(2)), (4, .text("eth0")), (5, .integer(2)), (6, .text("")), (7, .integer(2)),
            (8, .text("eth0 is down: no carrier")), (9, time), (10, time), (11, .counter32(0)), (12, .integer(2)),
            (13, .gauge32(0)), (14, .integer(2)), (15, .text("")),
        ]
        let log: [(UInt32, [Value])] = [
            (2, [.integer(1), .integer(1), .integer(2)]), (3, [time, time, time]),
            (4, [.gauge32(1), .gauge32(2), .gauge32(2)]), (5, [.integer(1), .integer(3), .integer(3)]),
            (6, [.integer(2), .integer(4), .integer(4)]), (7, [.text("eth0"), .text("group"), .text("group")]),
            (8, [.integer(2), .integer(0), .integer(0)]), (9, [.text(""), .text("share"), .text("share")]),
            (10, [.integer(2), .integer(4), .integer(4)]),
            (11, [.text("eth0 is down: no carrier"), .text("x"), .text("x")]), (12, [.text(""), .text(""), .text("")]),
            (13, [.integer(1), .integer(2), .integer(2)]),
        ]
        let expected =
            scalars.enumerated().map { VarBind(root.appending([1, UInt32($0.offset + 1), 0]), $0.element) }
            + active.map { VarBind(root.appending([2, 1, $0.0, 1]), $0.1) }
            + log.flatMap { column, values in
                values.enumerated().map { VarBind(root.appending([3, 1, column, UInt32($0.offset + 1)]), $0.element) }
            }
        #expect(fixture.walk(root).prefix { $0.name.starts(with: root) } == expected[...])
        for binding in expected { #expect(fixture.get(binding.name) == binding.value) }
    }

    @Test func `acknowledging is a SET by somebody, who is remembered and can be undone`() async throws {
        let fixture = try MIBFixture()
        try raise(fixture)
        let acknowledged = root.appending([2, 1, 14, 1])
        let transaction = try fixture.set([VarBind(acknowledged, .integer(1))], by: "alice")
        #expect(fixture.get(acknowledged) == .integer(2))
        try await transaction.commit()
        #expect(fixture.get(acknowledged) == .integer(1))
        #expect(fixture.get(root.appending([2, 1, 15, 1])) == .text("alice"))
        #expect(fixture.get(root.appending([2, 1, 16, 1])) == time)
        #expect(
            fixture.audit.newest(2).first?.record.objects.first?.name == "orionAlarmActiveAcknowledged.1")
        try await transaction.undo()
        #expect(fixture.get(acknowledged) == .integer(2))
        #expect(fixture.get(root.appending([2, 1, 16, 1])) == .noSuchInstance)
    }

    @Test func `what cannot be acknowledged says so`() throws {
        let fixture = try MIBFixture()
        try raise(fixture)
        let cases: [(OID, Value, ErrorStatus)] = [
            (root.appending([2, 1, 14, 9]), .integer(1), .noCreation),
            (root.appending([2, 1, 14, 1, 1]), .integer(1), .noCreation),
            (root.appending([2, 1, 14, 1]), .integer(3), .wrongValue),
            (root.appending([2, 1, 14, 1]), .text("1"), .wrongType),
            (root.appending([2, 1, 7, 1]), .integer(1), .notWritable),
        ]
        for (name, value, status) in cases {
            let error = #expect(throws: SetFailure.self) { try fixture.set([VarBind(name, value)], by: "alice") }
            #expect(error == SetFailure(status, index: 1), "\(name)")
        }
    }

    @Test func `an alarm that clears between test and commit fails the SET and what came before it is taken back`()
        async throws
    {
        let fixture = try MIBFixture()
        try raise(fixture)
        let transaction = try fixture.set(
            [
                VarBind(root.appending([2, 1, 14, 1]), .integer(1)),
                VarBind(root.appending([2, 1, 14, 2]), .integer(1)),
            ], by: "alice")
        fixture.alarms.clear(AlarmKey(.threshold, .item("group"), detail: "share"))
        let error = await #expect(throws: SetFailure.self) { try await transaction.commit() }
        #expect(error == SetFailure(.commitFailed, index: 2))
        #expect(fixture.get(root.appending([2, 1, 14, 1])) == .integer(2))
    }

    @Test func `a notification carries what its definition names, and the port`() throws {
        let fixture = try MIBFixture()
        let alarm = Alarm(
            identifier: 7, key: AlarmKey(.linkDown, .interface(try fixture.row(2).index, "eth0")), severity: .major,
            text: "down", raised: fixture.clock.now())
        for (event, schema) in [
            (AlarmRecord.Event.raised, OrionAlarmMIB.orionAlarmRaised), (.cleared, OrionAlarmMIB.orionAlarmCleared),
            (.changed, OrionAlarmMIB.orionAlarmChanged),
        ] {
            let record = AlarmRecord(
                sequence: 9, event: event, time: fixture.clock.now(), alarm: alarm, isNotified: true)
            let notification = try #require(
                MIBNotification(.record(record, suppressed: 4), wallClock: fixture.clock))
            #expect(notification.schema == schema)
            #expect(
                notification.bindings.map(\.name)
                    == schema.objects.map { $0.appending(0) } + [[1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 2]])
            #expect(notification.bindings.first?.value == .gauge32(9))
            #expect(notification.bindings[9].value == .gauge32(4))
        }
        let held = try #require(
            MIBNotification(.heldBack(sequence: 9, suppressed: 900), wallClock: fixture.clock))
        #expect(held.bindings.map(\.name) == OrionAlarmMIB.orionAlarmHeldBack.objects.map { $0.appending(0) })
        let seen = AlarmRecord(
            sequence: 9, event: .acknowledged, time: fixture.clock.now(), alarm: alarm, isNotified: false)
        #expect(MIBNotification(.record(seen, suppressed: 0), wallClock: fixture.clock) == nil)
    }
}
