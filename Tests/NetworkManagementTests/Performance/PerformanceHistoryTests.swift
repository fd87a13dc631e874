import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Testing

/// The quarter of an hour that the fixture's clock begins in.
private let firstQuarter: Int64 = 1_700_000_000 / 900 * 900

@Suite struct `The history of performance` {
    /// Quarters of `eth0`, each of which received its number.
    private func store(endingAt ends: [Int64]) async throws -> MemoryPerformanceStore {
        let store = MemoryPerformanceStore()
        let intervals = ends.enumerated().map { number, end in
            var interval = PerformanceInterval()
            interval.receivedOctets = UInt64(number + 1)
            interval.seconds = 900
            interval.isValid = true
            return StoredInterval(interface: "device:eth0", end: WallTime(seconds: end), interval: interval)
        }
        try await store.saveIntervals(intervals, removingBefore: WallTime(seconds: 0))
        return store
    }

    /// What is known of `eth0` when it is first seen, the latest first.
    private func restored(_ store: MemoryPerformanceStore) throws -> [PerformanceInterval] {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")], store: store)
        try fixture.pass(3) { _ in }
        return try #require(fixture.performance.history(of: try index(3))).finished
    }

    @Test func `what ended hours before a restart is hours ago, and what was not measured in between is there`()
        async throws
    {
        let ended = firstQuarter - 19 * 3600
        let finished = try restored(try await store(endingAt: [ended - 1800, ended]))
        try #require(finished.count == 79)
        #expect(finished.prefix(76).allSatisfy { !$0.isValid && $0.seconds == 0 && $0.receivedOctets == 0 })
        #expect(finished[76].receivedOctets == 2)
        #expect(finished[77] == PerformanceInterval())
        #expect(finished[78].receivedOctets == 1)
    }

    @Test func `what is older than a day, or dated in the future, is not shown`() async throws {
        #expect(try restored(try await store(endingAt: [firstQuarter - 97 * 900])).isEmpty)
        let finished = try restored(
            try await store(endingAt: [firstQuarter - 96 * 900, firstQuarter - 95 * 900, firstQuarter + 1800]))
        #expect(finished.count == 96)
        #expect(finished.count(where: \.isValid) == 1)
        #expect(finished.last?.receivedOctets == 2)
    }

    @Test func `quarters that lie between those of the clock follow one another all the same`() async throws {
        // Exactly between, and a second early or late.
        let ends = [-3151, -2250, -1350, -449].map { firstQuarter + $0 }
        #expect(try restored(try await store(endingAt: ends)).prefix(4).map(\.receivedOctets) == [4, 3, 2, 1])
    }

    @Test func `where the clock was set back, what was stored later stands`() async throws {
        let store = try await store(endingAt: [firstQuarter - 900, firstQuarter])
        var later = PerformanceInterval()
        later.receivedOctets = 77
        later.seconds = 900
        later.isValid = true
        try await store.saveIntervals(
            [StoredInterval(interface: "device:eth0", end: WallTime(seconds: firstQuarter), interval: later)],
            removingBefore: WallTime(seconds: 0))
        #expect(try restored(store).map(\.receivedOctets) == [77, 1])
    }

    @Test func `quarters in which nobody sampled are there, and not valid`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        try fixture.pass(3) { _ in }
        // 1 700 000 000 is 800 seconds into a quarter.
        try fixture.pass(3, after: .seconds(99)) { $0.receivedOctets += 1 }
        try fixture.pass(3, after: .seconds(900)) { $0.receivedOctets += 10 }
        try fixture.pass(3, after: .seconds(900 * 4)) { $0.receivedOctets += 100 }
        try fixture.pass(3, after: .seconds(900)) { $0.receivedOctets += 1000 }
        let history = try #require(fixture.performance.history(of: try index(3)))
        #expect(history.finished.map(\.receivedOctets) == [1000, 0, 0, 0, 100, 10, 1])
        #expect(history.finished.map(\.isValid) == [true, false, false, false, false, true, false])
        #expect(history.finished.map(\.seconds) == [900, 0, 0, 0, 900, 900, 99])
        #expect(fixture.performance.invalidIntervalCount(of: try index(3)) == 5)
        // A week later there is nothing left of it.
        try fixture.pass(3, after: .seconds(7 * 86_400)) { $0.receivedOctets += 10_000 }
        #expect(fixture.performance.history(of: try index(3))?.day == PerformanceInterval())
        #expect(fixture.performance.intervalCount(of: try index(3)) == 96)
    }

    @Test func `what an end cut short is kept as far as it came, and is one quarter with what the restart adds`()
        async throws
    {
        let store = MemoryPerformanceStore()
        let fixture = try PerformanceFixture([makeLink(3, "eth0")], store: store)
        try fixture.pass(3) { _ in }
        try fixture.pass(3, after: .seconds(39)) { $0.receivedOctets += 400 }
        await fixture.performance.save(isLast: true)
        #expect(store.intervals.map(\.end.seconds) == [firstQuarter + 900])
        let again = try PerformanceFixture([makeLink(3, "eth0")], store: store)
        again.clock.setWall(fixture.clock.now())
        try again.pass(3) { _ in }
        // It is still under way.
        #expect(again.performance.intervalCount(of: try index(3)) == 0)
        try again.pass(3, after: .seconds(59)) { $0.receivedOctets += 30 }
        await again.performance.save()
        let third = try PerformanceFixture([makeLink(3, "eth0")], store: store)
        third.clock.setWall(again.clock.now())
        try third.pass(3) { _ in }
        let finished = try #require(third.performance.history(of: try index(3))).finished
        #expect(finished.map(\.receivedOctets) == [430])
        #expect(finished.map(\.seconds) == [98])
        #expect(finished.map(\.isValid) == [false])
    }

    @Test func `what could not be saved is saved later, a day of it at most`() async throws {
        let store = MemoryPerformanceStore()
        let fixture = try PerformanceFixture([makeLink(3, "eth0"), makeLink(5, "eth1")], store: store)
        try fixture.pass(3) { _ in }
        try fixture.pass(3, after: .seconds(99)) { _ in }
        store.fail(with: StoreError(.full, "no space left"))
        for number in 1...3 {
            try fixture.pass(3, after: .seconds(900)) { $0.receivedOctets += UInt64(number) }
            await fixture.performance.save()
        }
        #expect(store.intervals.isEmpty)
        store.fail(with: nil)
        await fixture.performance.save()
        func saved() -> [UInt64] {
            store.intervals.filter { $0.interface == "device:eth0" }.map(\.interval.receivedOctets)
        }
        #expect(saved() == [0, 1, 2, 3])
        // Not twice.
        await fixture.performance.save()
        #expect(store.intervals.count == 8)
        store.fail(with: StoreError(.full, "no space left"))
        for number in 4...110 {
            try fixture.pass(3, after: .seconds(900)) { $0.receivedOctets += UInt64(number) }
            await fixture.performance.save()
        }
        store.fail(with: nil)
        await fixture.performance.save()
        #expect(saved().suffix(96) == Array(15...110))
        #expect(!saved().contains(14))
    }

    /// How two hours of the second day can go without samples.
    enum Outage: CaseIterable {
        case restart, standstill
    }

    @Test(arguments: Outage.allCases)
    func `two hours without samples are no anomaly days later`(_ outage: Outage) async throws {
        let store = MemoryPerformanceStore()
        var fixture = try PerformanceFixture([makeLink(3, "eth0")], store: store)
        try fixture.pass(3) { _ in }
        try fixture.pass(3, after: .seconds(99)) { _ in }
        var state: UInt64 = 1
        func quarter() throws {
            // 5 % of noise.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let octets = 900_000_000 + (state >> 33) % 90_000_000
            try fixture.pass(3, after: .seconds(900)) { $0.receivedOctets += octets }
            #expect(!fixture.raised.contains { $0.hasPrefix("anomaly") })
        }
        for _ in 0..<100 { try quarter() }
        switch outage {
        case .standstill:
            try fixture.pass(3, after: .seconds(7200)) { _ in }
        case .restart:
            await fixture.performance.save()
            let counters = fixture.manager.platform.counters(of: try index(3))
            let wall: WallTime = fixture.clock.now()
            fixture = try PerformanceFixture([makeLink(3, "eth0")], store: store)
            fixture.clock.setWall(WallTime(seconds: wall.seconds + 7200))
            fixture.manager.platform.setCounters(try #require(counters), of: try index(3))
            try fixture.pass(3, after: .zero) { _ in }
        }
        for _ in 0..<5 * 96 { try quarter() }
        #expect(fixture.forecasts.snapshot.forecasts.first?.verdict != nil)
    }
}
