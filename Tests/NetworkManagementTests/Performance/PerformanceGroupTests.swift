import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Testing

@Suite struct `Groups of interfaces` {
    private let bridges = PerformanceSubject.group(.kind("bridge"))

    /// Two bridges that are sampled twice.
    private func makeFixture() throws -> PerformanceFixture {
        let fixture = try PerformanceFixture([
            makeLink(3, "br0") { $0.kind = "bridge" }, makeLink(5, "br1") { $0.kind = "bridge" }, makeLink(7, "eth0"),
        ])
        try fixture.pass(3) { _ in }
        return fixture
    }

    /// Lets each bridge receive so many octets in a second.
    private func pass(_ fixture: PerformanceFixture, _ octets: [Int: UInt64]) throws {
        for (number, octets) in octets {
            var counters = fixture.manager.platform.counters(of: try index(number)) ?? LinkCounters()
            counters.receivedOctets += octets
            counters.receivedPackets += octets / 100
            fixture.manager.platform.setCounters(counters, of: try index(number))
        }
        fixture.clock.advance(by: .seconds(1))
        _ = fixture.sampling.run()
    }

    private func metrics(_ fixture: PerformanceFixture) throws -> PerformanceMetrics {
        try #require(fixture.performance.snapshot.metrics(of: .kind("bridge")))
    }

    @Test func `have the sums of their members, smoothed, and exact quantiles of the sums`() throws {
        let fixture = try makeFixture()
        #expect(try !metrics(fixture).isValid)
        for number in 1...250 { try pass(fixture, [3: UInt64(number) * 1000, 5: 500]) }
        #expect(try metrics(fixture).rate(.receivedOctets) == 250_500)
        #expect(try metrics(fixture).rate(.receivedPackets) == 2505)
        let smoothed = try metrics(fixture).smoothed[0]
        // A ramp is followed a minute late.
        #expect(abs(smoothed - 191_000) < 3000)
        let window = (11...250).map { Float($0) * 1000 + 500 }
        #expect(fixture.performance.window(of: bridges)?.received == window)
        let quantiles = try #require(fixture.performance.quantiles(of: bridges)?.received)
        #expect(quantiles.median == window[119])
        #expect(quantiles.percentile95 == window[227])
        #expect(quantiles.percentile99 == window[237])
        #expect(quantiles.maximum == window[239])
        #expect(fixture.performance.snapshot.metrics(of: .all)?.rate(.receivedOctets) == 250_500)
        #expect(fixture.performance.snapshot.metrics(of: .kind("device"))?.rate(.receivedOctets) == 0)
    }

    @Test func `a member that comes or goes makes no spike and nothing negative`() throws {
        let fixture = try makeFixture()
        for _ in 0..<5 { try pass(fixture, [3: 1000, 5: 1000]) }
        // It has counted a lot before it is seen.
        let late = try makeLink(9, "br2") { $0.kind = "bridge" }
        fixture.manager.platform.put(late)
        fixture.manager.platform.deliver([.link(late)])
        try pass(fixture, [3: 1000, 5: 1000, 9: 5_000_000_000])
        try pass(fixture, [3: 1000, 5: 1000, 9: 300])
        fixture.manager.platform.remove(try index(3))
        fixture.manager.platform.deliver([.gone(try index(3))])
        try pass(fixture, [5: 1000, 9: 300])
        // One is reset.
        fixture.manager.platform.setCounters(LinkCounters(), of: try index(5))
        try pass(fixture, [9: 300])
        let window = try #require(fixture.performance.window(of: bridges)?.received)
        #expect(window == [2000, 2000, 2000, 2000, 2000, 2000, 2300, 1300, 300])
        let current = try #require(fixture.performance.history(of: bridges)?.current)
        #expect(current.receivedOctets == 15_900)
    }

    @Test func `there are no rates while no member has any`() throws {
        let fixture = try makeFixture()
        for _ in 0..<3 { try pass(fixture, [3: 1000, 5: 1000]) }
        for number in [3, 5] { fixture.manager.platform.setCounters(LinkCounters(), of: try index(number)) }
        try pass(fixture, [:])
        #expect(try !metrics(fixture).isValid)
        try pass(fixture, [3: 700])
        #expect(try metrics(fixture).rate(.receivedOctets) == 700)
        #expect(fixture.performance.window(of: bridges)?.received == [2000, 2000, 2000, 700])
        fixture.clock.advance(by: .seconds(10))
        #expect(try !metrics(fixture).isValid)
    }

    @Test func `have quarters of an hour, valid unless a member was reset or nobody sampled`() throws {
        let fixture = try makeFixture()
        // 1 700 000 000 is 800 seconds into a quarter.
        try fixture.pass(3, after: .seconds(99)) { $0.receivedOctets += 1 }
        try fixture.pass(3, after: .seconds(900)) { $0.receivedOctets += 900 }
        // A member that comes does no harm.
        let late = try makeLink(9, "br2") { $0.kind = "bridge" }
        fixture.manager.platform.put(late)
        fixture.manager.platform.deliver([.link(late)])
        try fixture.pass(9, after: .seconds(450)) { $0.receivedOctets += 1_000_000 }
        try fixture.pass(9, after: .seconds(450)) { $0.receivedOctets += 50 }
        try fixture.pass(5, after: .seconds(900)) { $0.receivedOctets += 400 }
        try fixture.pass(5, after: .seconds(900)) { $0.receivedOctets = 0 }
        try fixture.pass(5, after: .seconds(1800)) { $0.receivedOctets += 70 }
        try fixture.pass(5, after: .seconds(900)) { $0.receivedOctets += 8 }
        let history = try #require(fixture.performance.history(of: bridges))
        #expect(history.finished.map(\.receivedOctets) == [8, 0, 70, 0, 400, 50, 900, 1])
        #expect(history.finished.map(\.isValid) == [true, false, false, false, true, true, true, false])
        #expect(history.day.receivedOctets == 1429)
        #expect(!history.day.isValid)
        #expect(fixture.performance.invalidIntervalCount(of: bridges) == 4)
        for _ in 0..<96 { try fixture.pass(5, after: .seconds(900)) { $0.receivedOctets += 10 } }
        #expect(fixture.performance.history(of: bridges)?.day.receivedOctets == 960)
        #expect(fixture.performance.history(of: bridges)?.day.isValid == true)
        #expect(fixture.performance.groupIntervals.counts.first { $0.scope == .kind("bridge") }?.count == 96)
    }

    @Test func `use of their speed so much as their members do, of which half duplex ones share theirs`() throws {
        let fixture = try makeFixture()
        for (number, speed, duplex) in [(3, 80, Duplex.full), (5, 20, .half)] {
            var settings = LinkSettings()
            settings.speed = .megabits(UInt64(speed))
            settings.duplex = duplex
            fixture.manager.platform.setSettings(settings, of: try index(number))
            fixture.manager.platform.deliver([.settingsChanged(try index(number))])
        }
        fixture.manager.manager.refreshDetails()
        try fixture.pass(7, after: .zero) { $0.receivedOctets += 1_000_000 }
        for (number, received, transmitted) in [(3, UInt64(1_000_000), UInt64(0)), (5, 500_000, 250_000)] {
            var counters = LinkCounters()
            counters.receivedOctets = received
            counters.transmittedOctets = transmitted
            fixture.manager.platform.setCounters(counters, of: try index(number))
        }
        try fixture.pass(7) { $0.receivedOctets += 1_000_000 }
        let capacities = GroupCapacity.all(fixture.performance.snapshot, fixture.manager.manager.snapshot)
        for scope in [AggregatedNetworkStats.Scope.all, .kind("bridge")] {
            let capacity = try #require(capacities[scope])
            #expect(capacity.speed == 100_000_000)
            // 8 Mbit/s and 6 Mbit/s of 100; what eth0 does counts for nothing, as its speed is unknown.
            #expect(try abs(#require(capacity.utilisation).received - 0.14) < 0.0001)
            #expect(try abs(#require(capacity.utilisation).transmitted - 0.06) < 0.0001)
        }
        #expect(capacities[.kind("device")] == nil)
    }

    @Test func `what is shed leaves what was measured of them`() throws {
        let fixture = try PerformanceFixture(try (1...200).map { try makeLink($0, "d\($0)") })
        for _ in 0..<5 { try fixture.pass(200) { $0.receivedOctets += 1000 } }
        for number in 1..<200 {
            fixture.manager.platform.remove(try index(number))
            fixture.manager.platform.deliver([.gone(try index(number))])
        }
        try fixture.pass(200) { $0.receivedOctets += 1000 }
        fixture.performance.shed()
        try fixture.pass(200) { $0.receivedOctets += 500 }
        let window = fixture.performance.window(of: .group(.kind("device")))?.received
        #expect(window == [1000, 1000, 1000, 1000, 1000, 500])
        #expect(fixture.performance.history(of: .group(.all))?.current.receivedOctets == 5500)
    }
}
