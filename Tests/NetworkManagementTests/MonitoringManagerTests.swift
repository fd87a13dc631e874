import Logging
import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Testing

@Suite struct MonitoringManagerTests {
    let clock = ManualClock()

    private func makeManager(_ platform: FakePlatform) -> MonitoringManager {
        MonitoringManager(
            platform: platform, clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func `one sample serves every reader until it is too old`() throws {
        let platform = FakePlatform(clock: clock)
        platform.put(try makeLink(2, "eth0"))
        let manager = makeManager(platform)
        #expect(manager.age == nil)
        for _ in 0..<10 { _ = manager.reading(atMost: .milliseconds(100)) }
        #expect(platform.samples == 1)
        clock.advance(by: .milliseconds(100))
        _ = manager.reading(atMost: .milliseconds(100))
        #expect(platform.samples == 1)
        clock.advance(by: .milliseconds(1))
        _ = manager.reading(atMost: .milliseconds(100))
        #expect(platform.samples == 2)
        #expect(manager.age == .zero)
    }

    @Test func `a reader keeps its sample while others are taken`() throws {
        let platform = FakePlatform(clock: clock)
        platform.put(try makeLink(2, "eth0"))
        let manager = makeManager(platform)
        let first = manager.reading(atMost: .zero)
        var counters = LinkCounters()
        for round in 1...5 {
            counters.receivedOctets = UInt64(round) * 1000
            platform.setCounters(counters, of: try index(2))
            clock.advance(by: .seconds(1))
            manager.tick()
        }
        #expect(first.counters(of: try index(2), hint: 0)?.receivedOctets == 0)
        #expect(manager.latest.counters(of: try index(2), hint: 0)?.receivedOctets == 5000)
    }

    @Test func `a counter that runs backwards is a discontinuity, a new interface is none`() throws {
        let platform = FakePlatform(clock: clock)
        platform.put(try makeLink(2, "eth0"))
        platform.put(try makeLink(3, "eth1"))
        let manager = makeManager(platform)
        var counters = LinkCounters()
        counters.receivedOctets = 5000
        platform.setCounters(counters, of: try index(2))
        manager.tick()
        clock.advance(by: .seconds(1))
        counters.receivedOctets = 10
        platform.setCounters(counters, of: try index(2))
        platform.put(try makeLink(1, "lo"))
        manager.tick()
        let reset: MonotonicTime = clock.now()
        #expect(manager.latest.discontinuities == [try index(2): reset])
        clock.advance(by: .seconds(1))
        manager.tick()
        #expect(manager.latest.discontinuities == [try index(2): reset])
        platform.remove(try index(2))
        manager.tick()
        #expect(manager.latest.discontinuities == [:])
    }

    @Test func `drivers' own counters are read when new, when asked for, and by period for hardware`() throws {
        let fixture = try ManagerFixture([
            makeLink(2, "eth0") { $0.parentDevice = "0000:00:03.0" }, makeLink(3, "veth0"),
        ])
        let statistics = DriverStatistics(platform: fixture.platform, clock: fixture.clock)
        func value(_ number: Int) throws -> UInt64? {
            statistics.latest.entry(try index(number))?.statistics.first?.value
        }
        func count(_ value: UInt64) throws {
            for number in [2, 3] {
                fixture.platform.setStatistics(
                    [DriverStatistic(name: "rx", value: value)], of: try index(number))
            }
        }
        try count(1)
        statistics.tick(fixture.manager.snapshot)
        #expect(try [value(2), value(3)] == [1, 1])
        try count(2)
        fixture.clock.advance(by: .seconds(10))
        statistics.tick(fixture.manager.snapshot)
        #expect(try [value(2), value(3)] == [2, 1])
        _ = statistics.demand(.hardware)
        try count(3)
        statistics.tick(fixture.manager.snapshot)
        #expect(try [value(2), value(3)] == [3, 1])
        try count(2)
        _ = statistics.demand(.everything)
        fixture.clock.advance(by: .seconds(1))
        statistics.tick(fixture.manager.snapshot)
        #expect(try [value(2), value(3)] == [2, 2])
    }
}
