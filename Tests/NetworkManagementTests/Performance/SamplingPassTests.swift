import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Synchronization
import Testing

/// Counters that take their time.
private final class SlowCounters: CounterPlatform {
    private let platform: FakePlatform
    private let clock: ManualClock
    private let delay = Mutex(Duration.zero)

    init(_ manager: ManagerFixture) {
        platform = manager.platform
        clock = manager.clock
    }

    func take(_ duration: Duration) { delay.withLock { $0 = duration } }

    func sample(into sample: inout CounterSample) throws(PlatformError) {
        clock.advance(by: delay.withLock { $0 })
        try platform.sample(into: &sample)
    }
}

@Suite struct `The sampling pass` {
    /// Lets passes run when they are due, while the interface counts 1000 octets a second.
    private func run(_ fixture: PerformanceFixture, passes: Int, _ due: inout Duration) throws {
        for _ in 0..<passes {
            fixture.clock.advance(by: due)
            let index = try index(3)
            var counters = fixture.manager.platform.counters(of: index) ?? LinkCounters()
            // The sample is taken in the end: what is counted by then is known only when it is.
            let now: MonotonicTime = fixture.clock.now()
            counters.receivedOctets = UInt64(now.nanoseconds / 1_000_000)
            fixture.manager.platform.setCounters(counters, of: index)
            due = fixture.sampling.run()
        }
    }

    @Test func `when it falls behind it stretches, raises the alarm, and recovers`() throws {
        let counters = Mutex<SlowCounters?>(nil)
        let fixture = try PerformanceFixture([makeLink(3, "eth0")]) { manager in
            let slow = SlowCounters(manager)
            counters.withLock { $0 = slow }
            return slow
        }
        let slow = try #require(counters.withLock { $0 })
        var due = Duration.seconds(1)
        try run(fixture, passes: 5, &due)
        #expect(fixture.raised == [])
        slow.take(.milliseconds(600))
        try run(fixture, passes: 4, &due)
        // 600 ms are a quarter of 2.4 s: 4 s have room for them.
        #expect(fixture.sampling.pace.interval == .seconds(4))
        #expect(fixture.raised == ["samplingDegraded  "])
        slow.take(.milliseconds(1))
        try run(fixture, passes: 19, &due)
        #expect(fixture.sampling.pace.interval == .seconds(2))
        #expect(fixture.raised == ["samplingDegraded  "])
        try run(fixture, passes: 10, &due)
        #expect(fixture.sampling.pace.interval == .seconds(1))
        #expect(fixture.raised == [])
        // Whatever the interval: no spike, and nothing negative.
        let window = try #require(fixture.performance.window(of: try index(3))?.received)
        #expect(window.allSatisfy { (0...1600).contains($0) })
    }

    @Test func `samples that fail are counted, and leave no gap but a longer average`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        for _ in 0..<3 { try fixture.pass(3) { $0.receivedOctets += 1000 } }
        fixture.manager.platform.failSamples(with: PlatformError(.exhausted, "no buffers", errno: 105))
        for _ in 0..<4 { try fixture.pass(3) { $0.receivedOctets += 1000 } }
        #expect(fixture.monitoring.status.failures == 4)
        fixture.manager.platform.failSamples(with: nil)
        try fixture.pass(3) { $0.receivedOctets += 1000 }
        let window = try #require(fixture.performance.window(of: try index(3))?.received)
        #expect(window == [1000, 1000, 1000])
    }

    @Test func `when samples fail for some intervals there are no rates but an alarm, until one succeeds`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        for _ in 0..<3 { try fixture.pass(3) { $0.receivedOctets += 1000 } }
        fixture.manager.platform.failSamples(with: PlatformError(.exhausted, "no buffers", errno: 105))
        for _ in 0..<3 { try fixture.pass(3) { $0.receivedOctets += 1000 } }
        #expect(try fixture.metrics(3)?.rate(.receivedOctets) == 1000)
        #expect(fixture.raised == [])
        try fixture.pass(3) { $0.receivedOctets += 1000 }
        #expect(try fixture.metrics(3)?.isValid == false)
        #expect(fixture.performance.snapshot.groups.first?.rates == SIMD8())
        #expect(fixture.performance.snapshot.groups.first?.totals[0] == 2000)
        #expect(fixture.raised == ["samplingDegraded  failed"])
        let text = try #require(fixture.alarms.snapshot.active.first?.text)
        #expect(text.contains("no buffers"))
        fixture.manager.platform.failSamples(with: nil)
        try fixture.pass(3) { $0.receivedOctets += 1000 }
        #expect(try fixture.metrics(3)?.rate(.receivedOctets) == 1000)
        #expect(fixture.raised == [])
    }

    @Test func `when no sample was ever taken there is an alarm, and history begins with the first`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        fixture.manager.platform.failSamples(with: PlatformError(.exhausted, "no buffers", errno: 105))
        for _ in 0..<4 { try fixture.pass(3) { _ in } }
        #expect(fixture.raised == ["samplingDegraded  failed"])
        #expect(fixture.performance.passes == 0)
        fixture.manager.platform.failSamples(with: nil)
        try fixture.pass(3) { _ in }
        #expect(fixture.raised == [])
        // 1 700 000 000 is 800 seconds into a quarter.
        try fixture.pass(3, after: .seconds(94)) { _ in }
        #expect(fixture.performance.intervalCount(of: try index(3)) == 0)
        try fixture.pass(3) { _ in }
        #expect(fixture.performance.intervalCount(of: try index(3)) == 1)
    }

    @Test func `rates of a pass that is long ago are none`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        for _ in 0..<2 { try fixture.pass(3) { $0.receivedOctets += 1000 } }
        fixture.clock.advance(by: .seconds(3))
        #expect(try fixture.metrics(3)?.isValid == true)
        fixture.clock.advance(by: .milliseconds(1))
        #expect(try fixture.metrics(3)?.isValid == false)
    }

    @Test func `the end of a quarter leaves no interface unjudged, however many there are`() throws {
        let numbers = Array(1...1300)
        let fixture = try PerformanceFixture(try numbers.map { try makeLink($0, "v\($0)") })
        try fixture.pass(1) { _ in }
        // 1 700 000 000 is 800 seconds into a quarter.
        try fixture.pass(1, after: .seconds(100)) { $0.receivedOctets += 1000 }
        try fixture.pass(1, after: .seconds(900)) { $0.receivedOctets += 1000 }
        #expect(fixture.performance.intervalIndex.interfaces.count == numbers.count)
        #expect(fixture.forecasts.snapshot.forecasts.count == 2 * 512)
        for _ in 0..<2 { try fixture.pass(1) { _ in } }
        let forecasts = fixture.forecasts.snapshot.forecasts
        #expect(forecasts.map(\.index.number) == numbers.flatMap { [UInt32($0), UInt32($0)] })
        #expect(forecasts.map(\.isReceived) == numbers.flatMap { _ in [true, false] })
        // One that goes takes its forecasts along with the next quarter.
        fixture.manager.platform.remove(try index(700))
        fixture.manager.platform.deliver([.gone(try index(700))])
        try fixture.pass(1, after: .seconds(897)) { $0.receivedOctets += 1000 }
        for _ in 0..<2 { try fixture.pass(1) { _ in } }
        #expect(fixture.forecasts.snapshot.forecasts.count == 2 * (numbers.count - 1))
    }
}
