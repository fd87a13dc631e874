import NetworkManagement
import NetworkModel
import OrionMIB
import OrionSchema
import PlatformTesting
import SMI
import SecurityTesting
import Testing

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

@Suite struct `ORION-PERFORMANCE-MIB and ORION-MONITORING-MIB` {
    @Test func `every value has the type and range of its object, in order, and GET says the same`() throws {
        let fixture = try measuredFixture()
        var threshold = Threshold(name: "t")
        threshold.rising = 5
        threshold.falling = 4
        threshold.isActive = true
        _ = try fixture.thresholds.replace(["t": threshold])
        // Past a quarter of an hour, so that there is one.
        fixture.clock.advance(by: .seconds(900))
        _ = fixture.sampling.run()
        let tables = [
            OrionPerformanceMIB.OrionPerformanceEntry.table, OrionPerformanceMIB.OrionPerformanceWindowEntry.table,
            OrionPerformanceMIB.OrionPerformanceCurrentEntry.table,
            OrionPerformanceMIB.OrionPerformanceIntervalEntry.table,
            OrionPerformanceMIB.OrionPerformanceDayEntry.table,
            OrionPerformanceMIB.OrionPerformanceThresholdEntry.table,
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
            "orionPerformanceInDiscardRatio",
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
