import NetworkManagement
import NetworkModel
import OrionSchema
import PlatformTesting
import SMI
import SecurityTesting
import Testing

@testable import OrionMIB

private let root: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 7, 1]
private let row = root.appending([7, 1])

private func named(_ name: String) -> [UInt32] { [UInt32(name.utf8.count)] + name.utf8.map { UInt32($0) } }

/// Two samples of a port, a second apart.
private func measuredFixture() throws -> MIBFixture {
    let fixture = try MIBFixture()
    let port = try fixture.row(2).index
    _ = fixture.sampling.run()
    var counters = try #require(fixture.platform.counters(of: port))
    counters.receivedOctets += 125_000_000
    counters.receivedPackets += 99
    counters.receiveErrors += 1
    fixture.platform.setCounters(counters, of: port)
    fixture.clock.advance(by: .seconds(1))
    _ = fixture.sampling.run()
    return fixture
}

/// A finding about the port that has been tried and kept, and two processors and a bond that share a load.
private func arrangeFinding(_ fixture: MIBFixture) async throws {
    let port = try fixture.row(2).index
    fixture.platform.put(
        try { () throws -> Link in
            var bond = try fixture.row(3).link
            bond.kind = "bond"
            bond.bondMode = 2
            bond.bondHashPolicy = 0
            return bond
        }())
    fixture.platform.deliver([.link(try fixture.platform.link(fixture.row(3).index))])
    var settings = try #require(fixture.row(2).settings)
    settings.features = [Feature(name: "rx-gro", isActive: false, isRequested: false, isChangeable: true)]
    fixture.platform.setSettings(settings, of: port)
    fixture.platform.deliver([.settingsChanged(port)])
    fixture.interfaces.refreshDetails()
    fixture.optimised.put([.property(.feature("rx-gro", false))], of: port)
    fixture.optimised.setRoutes([
        MultipathRoute(
            weights: RouteWeights(
                route: RouteKey(octets: [203, 0, 113, 0], prefixLength: 24),
                hops: [
                    NextHop(interface: port.number, gateway: [10, 0, 0, 2], weight: 1),
                    NextHop(interface: 3, gateway: [], weight: 3),
                ]))
    ])
    func pass(_ seconds: Int) async {
        for second in 0..<seconds {
            let packets = UInt64(second * 100)
            fixture.optimised.setProcessors([
                .init(number: 0, packets: packets), .init(number: 1, packets: packets * 2),
            ])
            fixture.clock.advance(by: .seconds(1))
            _ = fixture.sampling.run()
            await fixture.optimisation.advance()
        }
    }
    await pass(12)
    let finding = try #require(fixture.optimisation.snapshot.findings.first)
    let action = root.appending([10, 1, 23, finding.identifier])
    let set = try fixture.set([VarBind(action, .integer(2))], by: "alice")
    try await set.commit()
    set.cleanUp()
    for _ in 0..<100_000 where fixture.workers.jobCount == 0 { await Task.yield() }
    fixture.workers.runNext()
    await pass(9)
    // As the kernel would tell.
    settings.features = [Feature(name: "rx-gro", isActive: true, isRequested: true, isChangeable: true)]
    fixture.platform.setSettings(settings, of: port)
    fixture.platform.deliver([.settingsChanged(port)])
    fixture.interfaces.refreshDetails()
    await pass(15)
    #expect(fixture.optimisation.snapshot.finding(finding.identifier)?.state == .confirmed)
}

@Suite struct `ORION-PERFORMANCE-MIB and ORION-MONITORING-MIB` {
    @Test func `every value has the type and range of its object, in order, and GET says the same`() async throws {
        let fixture = try measuredFixture()
        var threshold = Threshold(name: "t")
        threshold.rising = 5
        threshold.falling = 4
        threshold.isActive = true
        _ = try fixture.thresholds.replace(["t": threshold])
        // Past a quarter of an hour, so that there is one.
        fixture.clock.advance(by: .seconds(900))
        _ = fixture.sampling.run()
        try await arrangeFinding(fixture)
        let tables = [
            OrionPerformanceMIB.OrionPerformanceEntry.table, OrionPerformanceMIB.OrionPerformanceWindowEntry.table,
            OrionPerformanceMIB.OrionPerformanceCurrentEntry.table,
            OrionPerformanceMIB.OrionPerformanceIntervalEntry.table,
            OrionPerformanceMIB.OrionPerformanceDayEntry.table,
            OrionPerformanceMIB.OrionPerformanceThresholdEntry.table,
            OrionPerformanceMIB.OrionPerformanceFindingEntry.table,
            OrionPerformanceMIB.OrionPerformanceGroupEntry.table,
            OrionPerformanceMIB.OrionPerformanceMemberEntry.table,
            OrionPerformanceMIB.OrionPerformanceAggregateEntry.table,
            OrionPerformanceMIB.OrionPerformanceAggregateWindowEntry.table,
            OrionPerformanceMIB.OrionPerformanceAggregateCurrentEntry.table,
            OrionPerformanceMIB.OrionPerformanceAggregateIntervalEntry.table,
            OrionPerformanceMIB.OrionPerformanceAggregateDayEntry.table,
            OrionMonitoringMIB.OrionMonitoringAggregateEntry.table,
            OrionMonitoringMIB.OrionMonitoringInterfaceEntry.table,
            OrionMonitoringMIB.OrionMonitoringManagerEntry.table,
            OrionMonitoringMIB.OrionMonitoringResourceEntry.table,
        ]
        let objects =
            tables.flatMap(\.columns).filter(\.access.isReadable) + OrionPerformanceMIB.Scalar.allCases.map(\.schema)
            + OrionMonitoringMIB.Scalar.allCases.map(\.schema)
        let walk = fixture.walk(in: fixture.measured)
        #expect(zip(walk, walk.dropFirst()).allSatisfy { $0.name < $1.name })
        // No packet, no ratio.
        let absent: Set<String> = [
            "orionPerformanceOutErrorRatio", "orionPerformanceOutDiscardRatio", "orionPerformanceInErrorRatio",
            "orionPerformanceInDiscardRatio", "orionPerformanceAggregateInErrorRatio",
            "orionPerformanceAggregateOutErrorRatio", "orionPerformanceAggregateInDiscardRatio",
            "orionPerformanceAggregateOutDiscardRatio",
        ]
        let reader = fixture.measured.makeReader()
        reader.begin()
        for object in objects {
            let instances = walk.filter { $0.name.starts(with: object.oid) }
            #expect(instances.isEmpty == absent.contains(object.name), "\(object.name)")
            for instance in instances {
                #expect(object.syntax.refusal(of: instance.value) == nil, "\(object.name) \(instance)")
                #expect(reader.value(of: instance.name) == instance.value)
            }
        }
    }

    @Test func `the health of a manager is the worst of what it is answerable for, whatever it is raised on`() throws {
        let fixture = try MIBFixture()
        let port = try fixture.row(2)
        let health = OrionMonitoringMIB.OrionMonitoringManagerEntry.Column.orionMonitoringManagerHealth.schema.oid
        func unwell() -> [String: Value] {
            let walk = fixture.walk(in: fixture.measured).filter { $0.name.starts(with: health) }
            return Dictionary(
                uniqueKeysWithValues: walk.filter { $0.value != .integer(1) }.map { binding in
                    let name = binding.name.words.dropFirst(health.words.count + 1)
                    return (String(decoding: name.map { UInt8(clamping: $0) }, as: UTF8.self), binding.value)
                })
        }
        #expect(unwell() == [:])
        let subject = AlarmSubject.interface(port.index, port.link.name)
        fixture.alarms.raise(AlarmKey(.interfaceExposed, subject, detail: "promiscuous"), .warning, "x")
        fixture.alarms.raise(AlarmKey(.driverFailed, .driver("one")), .minor, "x")
        fixture.alarms.raise(AlarmKey(.driverFailed, .driver("two")), .major, "x")
        #expect(unwell() == ["security": .integer(2), "drivers": .integer(4)])
        fixture.alarms.retain { _ in false }
        fixture.alarms.raise(AlarmKey(.capacityExceeded, .system, detail: "drivers"), .warning, "x")
        fixture.alarms.raise(AlarmKey(.imbalance, subject), .minor, "x")
        #expect(unwell() == ["drivers": .integer(2), "performance": .integer(3)])
        // An interface's own trouble is not its manager's.
        fixture.alarms.raise(AlarmKey(.linkDown, subject), .major, "x")
        #expect(unwell()["interfaces"] == nil)
    }

    @Test func `what cannot be done about a finding or a group is refused for its own binding`() async throws {
        let fixture = try measuredFixture()
        try await arrangeFinding(fixture)
        let finding = try #require(fixture.optimisation.snapshot.findings.first).identifier
        let bond = try fixture.row(3).index.number
        let group = try #require(fixture.optimisation.snapshot.groups.first { $0.kind == .multipath }).number
        let cases: [([UInt32], Value, ErrorStatus)] = [
            // It is applied already.
            ([10, 1, 23, finding], .integer(2), .inconsistentValue), ([10, 1, 23, finding], .integer(1), .wrongValue),
            ([10, 1, 23, finding], .integer(4), .wrongValue), ([10, 1, 23, finding], .gauge32(2), .wrongType),
            ([10, 1, 23, finding + 9], .integer(2), .noCreation), ([10, 1, 23], .integer(2), .noCreation),
            ([10, 1, 12, finding], .integer(1), .notWritable), ([11, 1, 9, bond], .integer(7), .wrongValue),
            ([11, 1, 9, 0], .integer(1), .noCreation), ([11, 1, 9, 2], .integer(1), .noCreation),
            ([12, 1, 4, 0, 1], .gauge32(1), .notWritable),
            // A weight is of a next hop, and in range; one of a processor or of no row is none.
            ([12, 1, 8, group, 1], .gauge32(0), .wrongValue), ([12, 1, 8, group, 1], .gauge32(257), .wrongValue),
            ([12, 1, 8, group, 1], .integer(1), .wrongType), ([12, 1, 8, group, 3], .gauge32(1), .noCreation),
            ([12, 1, 8, group], .gauge32(1), .noCreation), ([12, 1, 8, 0, 1], .gauge32(1), .noCreation),
        ]
        for (tail, value, status) in cases {
            let error = #expect(throws: SetFailure.self) {
                try fixture.set([VarBind(root.appending(tail), value)], by: "alice")
            }
            #expect(error?.status == status, "\(tail) \(value)")
        }
        // The operation that a SET of the policy starts names its group.
        let set = try fixture.set([VarBind(root.appending([11, 1, 9, bond]), .integer(2))], by: "alice")
        try await set.commit()
        let order = try #require(fixture.queue.operations.first { $0.order.kind == .groupHashPolicy }?.order)
        #expect(order.argument == "layer3+4")
        #expect(fixture.operations.vocabulary.pointer(to: order.target) == root.appending([11, 1, 2, bond]))
        try await set.undo()
        // And that of a weight its member.
        let heavier = try fixture.set([VarBind(root.appending([12, 1, 8, group, 2]), .gauge32(256))], by: "alice")
        try await heavier.commit()
        let weight = try #require(fixture.queue.operations.first { $0.order.kind == .memberWeight }?.order)
        let pointer = root.appending([12, 1, 2, group, 2])
        #expect(weight.argument == "256" && weight.target == .member(2, of: group))
        #expect(fixture.operations.vocabulary.pointer(to: weight.target) == pointer)
        #expect(fixture.operations.vocabulary.target(of: pointer) == weight.target)
        #expect(fixture.operations.vocabulary.target(of: root.appending([12, 1, 2, group, 3])) == nil)
        try await heavier.undo()
    }

    @Test func `rates, utilisation and ratios, by hand`() throws {
        let fixture = try measuredFixture()
        let reader = fixture.measured.makeReader()
        reader.begin()
        let entry = root.appending([1, 1])
        #expect(reader.value(of: entry.appending([1, 2])) == .counter64(125_000_000))
        #expect(reader.value(of: entry.appending([9, 2])) == .counter64(1_000_000_000))
        // A tenth of 10 Gbit/s.
        #expect(reader.value(of: entry.appending([15, 2])) == .gauge32(10_000))
        #expect(reader.value(of: entry.appending([17, 2])) == .gauge32(10_000))
        #expect(reader.value(of: entry.appending([18, 2])) == .noSuchInstance)
        #expect(reader.value(of: root.appending([2, 1, 4, 2])) == .counter64(125_000_000))
        #expect(reader.value(of: root.appending([3, 1, 1, 2])) == .counter64(125_000_000))
    }

    @Test func `groups have rates, utilisation, ratios, windows and intervals, by hand`() throws {
        let fixture = try measuredFixture()
        let reader = fixture.measured.makeReader()
        reader.begin()
        let driver = [2] + named("e1000e")
        for group in [[1, 0], driver, [3] + named("device")] {
            func rate(_ column: UInt32) -> Value { reader.value(of: root.appending([13, 1, column] + group)) }
            #expect(rate(1) == .counter64(125_000_000))
            #expect(rate(9) == .counter64(1_000_000_000))
            #expect(rate(11) == .counter64(125_000_000))
            // Of the members, one has a speed: 10 Gbit/s.
            #expect(rate(15) == .counter64(10_000_000_000))
            #expect(rate(16) == .gauge32(10_000))
            #expect(rate(18) == .gauge32(10_000))
            #expect(rate(19) == .noSuchInstance)
            #expect(reader.value(of: root.appending([14, 1, 4] + group)) == .counter64(125_000_000))
            #expect(reader.value(of: root.appending([15, 1, 1] + group)) == .counter64(125_000_000))
            #expect(reader.value(of: root.appending([16, 1, 1] + group + [1])) == .noSuchInstance)
        }
        // 1 700 000 000 is 800 seconds into a quarter.
        fixture.clock.advance(by: .seconds(99))
        _ = fixture.sampling.run()
        reader.begin()
        #expect(reader.value(of: root.appending([15, 1, 11] + driver)) == .gauge32(1))
        #expect(reader.value(of: root.appending([15, 1, 12] + driver)) == .gauge32(1))
        #expect(reader.value(of: root.appending([16, 1, 1] + driver + [1])) == .counter64(125_000_000))
        #expect(reader.value(of: root.appending([16, 1, 10] + driver + [1])) == .integer(2))
        #expect(reader.value(of: root.appending([16, 1, 1] + driver + [2])) == .noSuchInstance)
        #expect(reader.value(of: root.appending([17, 1, 1] + driver)) == .counter64(125_000_000))
        #expect(reader.value(of: root.appending([17, 1, 10] + driver)) == .integer(2))
    }

    @Test func `rates have no instance when the latest sample is older than a few intervals`() throws {
        let fixture = try measuredFixture()
        fixture.clock.advance(by: .seconds(4))
        let reader = fixture.measured.makeReader()
        reader.begin()
        #expect(reader.value(of: root.appending([1, 1, 1, 2])) == .noSuchInstance)
        // What was counted stays.
        #expect(reader.value(of: root.appending([3, 1, 1, 2])) == .counter64(125_000_000))
    }

    @Test func `a threshold is made by one SET, watches, and goes by another`() async throws {
        let fixture = try measuredFixture()
        let name = named("busy")
        let create = try fixture.set(
            [
                VarBind(row.appending([2] + name), .integer(9)), VarBind(row.appending([3] + name), .text("eth*")),
                VarBind(row.appending([4] + name), .gauge32(5000)), VarBind(row.appending([5] + name), .gauge32(4000)),
                VarBind(row.appending([7] + name), .integer(2)), VarBind(row.appending([12] + name), .integer(4)),
            ], by: "alice")
        try await create.commit()
        create.cleanUp()
        let walk = fixture.walk(row, in: fixture.measured).filter { $0.name.starts(with: row) }
        #expect(
            walk.map(\.value) == [
                .integer(9), .text("eth*"), .gauge32(5000), .gauge32(4000), .gauge32(0), .integer(2), .integer(3),
                .gauge32(0), .integer(2), .integer(3), .integer(1),
            ])
        var counters = try #require(fixture.platform.counters(of: try fixture.row(2).index))
        counters.receivedOctets += 125_000_000
        fixture.platform.setCounters(counters, of: try fixture.row(2).index)
        fixture.clock.advance(by: .seconds(1))
        _ = fixture.sampling.run()
        let alarm = try #require(fixture.alarms.snapshot.active.first)
        #expect(alarm.key.detail == "busy")
        #expect(alarm.severity == .major)
        let destroy = try fixture.set([VarBind(row.appending([12] + name), .integer(6))], by: "alice")
        try await destroy.commit()
        #expect(fixture.thresholds.rows.isEmpty)
        try await destroy.undo()
        #expect(fixture.thresholds.rows.map(\.name) == ["busy"])
    }

    @Test func `what cannot be set says so`() throws {
        let fixture = try measuredFixture()
        var given = Threshold(name: "file")
        given.rising = 1
        given.falling = 1
        fixture.thresholds.configure([given])
        let cases: [([UInt32], Value, ErrorStatus)] = [
            ([12] + named("x"), .integer(4), .inconsistentValue), ([4] + named("x"), .gauge32(1), .inconsistentName),
            ([12] + named("x"), .integer(1), .inconsistentValue), ([12] + named("x"), .integer(3), .wrongValue),
            ([3] + named("x"), .text("a\\"), .wrongValue), ([3] + named("x"), .text(""), .wrongLength),
            ([6] + named("x"), .gauge32(86_401), .wrongValue), ([2] + named("x"), .integer(15), .wrongValue),
            ([4] + named("x"), .integer(1), .wrongType), ([4, 0], .gauge32(1), .noCreation),
            ([4] + named("file"), .gauge32(2), .notWritable), ([9] + named("file"), .gauge32(2), .notWritable),
            ([11] + named("x"), .integer(5), .wrongValue),
        ]
        for (tail, value, status) in cases {
            let error = #expect(throws: SetFailure.self) {
                try fixture.set([VarBind(row.appending(tail), value)], by: "alice")
            }
            #expect(error?.status == status, "\(tail)")
        }
        #expect(fixture.thresholds.rows.map(\.name) == ["file"])
    }
}
