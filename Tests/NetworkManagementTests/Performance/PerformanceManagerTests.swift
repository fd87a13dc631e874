import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Testing

@Suite struct `The performance manager` {
    @Test func `rates are differences over the time that passed`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0"), makeLink(5, "eth1")])
        try fixture.pass(3) { _ in }
        #expect(try fixture.metrics(3)?.isValid == false)
        try fixture.pass(3, after: .seconds(2)) { counters in
            counters.receivedOctets += 2000
            counters.transmittedOctets += 1_000_000
            counters.receivedPackets += 30
            counters.receiveErrors += 10
            counters.receiveMissedErrors += 4
            counters.receiveDropped += 2
        }
        let metrics = try #require(try fixture.metrics(3))
        #expect(metrics.isValid)
        #expect(metrics.rate(.receivedOctets) == 1000)
        #expect(metrics.rate(.transmittedOctets) == 500_000)
        #expect(metrics.errorRatio(isReceived: true) == 0.25)
        #expect(metrics.dropRatio(isReceived: true) == 3.0 / 18)
        #expect(metrics.dropRatio(isReceived: false) == nil)
        #expect(try fixture.metrics(5)?.rate(.receivedOctets) == 0)
        let share = metrics.utilisation(.megabits(8), .full)
        #expect(share.received == 0.001)
        #expect(share.transmitted == 0.5)
        #expect(metrics.utilisation(.megabits(8), .half).received == 0.501)
    }

    @Test func `counters that run backwards make no rate, and mark the interval`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        let limit = UInt64(UInt32.max)
        for octets in [limit - 3000, limit - 2000, limit - 1000] {
            try fixture.pass(3) { $0.receivedOctets = octets }
        }
        // A 32-bit counter wraps.
        try fixture.pass(3) { $0.receivedOctets = 500 }
        #expect(try fixture.metrics(3)?.isValid == false)
        #expect(fixture.performance.discontinuity(of: try index(3)) == fixture.clock.now())
        try fixture.pass(3) { $0.receivedOctets += 1000 }
        #expect(try fixture.metrics(3)?.rate(.receivedOctets) == 1000)
        #expect(fixture.performance.quantiles(of: try index(3))?.received.maximum == 1000)
        let current = try #require(fixture.performance.history(of: try index(3))?.current)
        #expect(current.receivedOctets == 3000)
        #expect(!current.isValid)
    }

    @Test func `an interface made anew under the same index begins anew`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        for _ in 0..<3 { try fixture.pass(3) { $0.receivedOctets += 1000 } }
        fixture.manager.platform.remove(try index(3))
        fixture.manager.platform.deliver([.gone(try index(3))])
        let anew = try makeLink(3, "new0")
        fixture.manager.platform.put(anew)
        fixture.clock.advance(by: .milliseconds(10))
        fixture.manager.platform.deliver([.link(anew)])
        // It has counted more than the old one by the time it is seen.
        try fixture.pass(3) { $0.receivedOctets = 50_000_000 }
        #expect(try fixture.metrics(3)?.isValid == false)
        #expect(fixture.performance.window(of: try index(3))?.received == [])
        try fixture.pass(3) { $0.receivedOctets += 700 }
        #expect(try fixture.metrics(3)?.rate(.receivedOctets) == 700)
    }

    @Test func `setting the clock on the wall changes no rate and no interval`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        for second in 0..<20 {
            if second == 5 { fixture.clock.setWall(WallTime(seconds: 1_900_000_000)) }
            if second == 12 { fixture.clock.setWall(WallTime(seconds: 5)) }
            try fixture.pass(3) { $0.receivedOctets += 1000 }
        }
        let window = try #require(fixture.performance.window(of: try index(3))?.received)
        #expect(window == Array(repeating: 1000, count: 19))
        #expect(fixture.performance.intervalCount(of: try index(3)) == 0)
    }

    @Test func `samples that were missed make a longer average, not a spike`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        for _ in 0..<5 { try fixture.pass(3) { $0.receivedOctets += 1000 } }
        try fixture.pass(3, after: .seconds(60)) { $0.receivedOctets += 60_000 }
        let maximum = try #require(fixture.performance.quantiles(of: try index(3))?.received.maximum)
        #expect(abs(maximum - 1000) < 0.001)
    }

    @Test func `quantiles are those of the raw samples`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        var generator = SystemRandomNumberGenerator()
        var raw: [Float] = []
        for _ in 0...400 {
            let octets = UInt64.random(in: 0...16_000_000, using: &generator)
            try fixture.pass(3) { $0.receivedOctets += octets }
            raw.append(Float(octets))
        }
        let latest = raw.suffix(240).sorted()
        let quantiles = try #require(fixture.performance.quantiles(of: try index(3))?.received)
        #expect(quantiles.count == 240)
        #expect(quantiles.median == latest[119])
        #expect(quantiles.percentile95 == latest[227])
        #expect(quantiles.percentile99 == latest[237])
        #expect(quantiles.maximum == latest[239])
        #expect(fixture.performance.window(of: try index(3))?.received == Array(raw.suffix(240)))
    }

    @Test func `smoothed rates follow with a time constant of a minute`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        try fixture.pass(3) { _ in }
        try fixture.pass(3) { _ in }
        for _ in 0..<60 { try fixture.pass(3) { $0.receivedOctets += 1000 } }
        let smoothed = try #require(try fixture.metrics(3)?.smoothed[0])
        // 1 - 1/e of the step.
        #expect(abs(smoothed - 632) < 5)
    }

    @Test func `quarters of an hour are counted, marked, summed to a day, kept and found after a restart`() async throws
    {
        let store = MemoryPerformanceStore()
        let fixture = try PerformanceFixture([makeLink(3, "eth0")], store: store)
        // 1 700 000 000 is 800 seconds into a quarter.
        for _ in 0..<(100 + 900 * 3) { try fixture.pass(3) { $0.receivedOctets += 10 } }
        try fixture.pass(3) { $0.receivedOctets += 10 }
        let history = try #require(fixture.performance.history(of: try index(3)))
        #expect(history.finished.count == 4)
        #expect(history.finished.map(\.isValid) == [true, true, true, false])
        #expect(history.finished.prefix(3).allSatisfy { $0.receivedOctets == 9000 && $0.seconds == 900 })
        #expect(history.day.receivedOctets == history.finished.reduce(0) { $0 + $1.receivedOctets })
        #expect(!history.day.isValid)
        await fixture.performance.save()
        #expect(store.intervals.count == 4)
        let again = try PerformanceFixture([makeLink(9, "eth0")], store: store)
        again.clock.setWall(fixture.clock.now())
        try again.pass(9) { _ in }
        // By the name of what it is, not by its index.
        #expect(again.performance.history(of: try index(9))?.finished == history.finished)
    }

    @Test func `a gap in sampling makes the quarter invalid`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        try fixture.pass(3) { _ in }
        try fixture.pass(3, after: .seconds(150)) { $0.receivedOctets += 10 }
        for _ in 0..<60 { try fixture.pass(3) { $0.receivedOctets += 10 } }
        try fixture.pass(3, after: .seconds(1200)) { $0.receivedOctets += 10 }
        #expect(fixture.performance.interval(of: try index(3), number: 1)?.isValid == false)
    }

    @Test func `groups add up, and what they counted stays when an interface goes`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0"), makeLink(5, "br0") { $0.kind = "bridge" }])
        try fixture.pass(3) { _ in }
        try fixture.pass(3) { $0.receivedOctets += 1000 }
        try fixture.pass(5) { $0.transmittedOctets += 300 }
        func group(_ scope: AggregatedNetworkStats.Scope) -> AggregatedNetworkStats? {
            fixture.performance.snapshot.groups.first { $0.scope == scope }
        }
        #expect(group(.all)?.totals[0] == 1000)
        #expect(group(.all)?.totals[1] == 300)
        #expect(group(.all)?.rates[1] == 300)
        #expect(group(.kind("device"))?.totals[0] == 1000)
        #expect(group(.kind("bridge"))?.interfaces == 1)
        fixture.manager.platform.remove(try index(3))
        fixture.manager.platform.deliver([.gone(try index(3))])
        try fixture.pass(5) { $0.transmittedOctets += 300 }
        #expect(group(.all)?.totals[0] == 1000)
        #expect(group(.all)?.interfaces == 1)
        #expect(group(.kind("device")) == nil)
    }

    @Test func `a driver that is read after its interface was measured has its group all the same`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        try fixture.pass(3) { _ in }
        fixture.manager.platform.setDevice(Device(driver: "e1000e"), of: try index(3))
        fixture.manager.platform.deliver([.settingsChanged(try index(3))])
        fixture.manager.manager.refreshDetails()
        try fixture.pass(3) { $0.receivedOctets += 70 }
        let group = fixture.performance.snapshot.groups.first { $0.scope == .driver("e1000e") }
        #expect(group?.interfaces == 1)
        #expect(group?.totals[0] == 70)
    }

    @Test func `an interface takes less than eight KiB`() {
        #expect(PerformanceManager.octetsPerInterface < 8192)
    }

    @Test func `interfaces come and go by the thousand without losing anything of the others`() throws {
        let fixture = try PerformanceFixture([makeLink(1, "lo")])
        try fixture.pass(1) { _ in }
        for round in 0..<3 {
            for number in 2..<800 {
                let link = try makeLink(number + round * 1000, "v\(number)")
                fixture.manager.platform.put(link)
                fixture.manager.platform.deliver([.link(link)])
            }
            try fixture.pass(1) { $0.receivedOctets += 1000 }
            #expect(try fixture.metrics(1)?.rate(.receivedOctets) == 1000)
            for number in 2..<800 {
                fixture.manager.platform.remove(try index(number + round * 1000))
                fixture.manager.platform.deliver([.gone(try index(number + round * 1000))])
            }
            try fixture.pass(1) { $0.receivedOctets += 1000 }
        }
        #expect(fixture.performance.window(of: try index(1))?.received == Array(repeating: 1000, count: 6))
    }

    @Test func `what is shed is the room of interfaces that are gone alone`() throws {
        let fixture = try PerformanceFixture(try (1...200).map { try makeLink($0, "d\($0)") })
        for _ in 0..<5 { try fixture.pass(200) { $0.receivedOctets += 1000 } }
        for number in 1..<200 {
            fixture.manager.platform.remove(try index(number))
            fixture.manager.platform.deliver([.gone(try index(number))])
        }
        try fixture.pass(200) { $0.receivedOctets += 1000 }
        let window = fixture.performance.window(of: try index(200))
        fixture.performance.shed()
        #expect(fixture.performance.window(of: try index(200))?.received == window?.received)
        try fixture.pass(200, after: .seconds(900)) { $0.receivedOctets += 9000 }
        #expect(try fixture.metrics(200)?.rate(.receivedOctets) == 10)
        #expect(fixture.performance.window(of: try index(200))?.received.count == 6)
        // Room for others is there again.
        for number in 1..<200 {
            fixture.manager.platform.put(try makeLink(number, "d\(number)"))
            fixture.manager.platform.deliver([.link(try makeLink(number, "d\(number)"))])
        }
        for _ in 0..<3 { try fixture.pass(7) { $0.receivedOctets += 700 } }
        #expect(try fixture.metrics(7)?.rate(.receivedOctets) == 700)
    }

    @Test func `the store in memory does what a store has to do`() async throws {
        let store = MemoryPerformanceStore()
        try await StoreConformance.checkPerformance { store }
    }
}
