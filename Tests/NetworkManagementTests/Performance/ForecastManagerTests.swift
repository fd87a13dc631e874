import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Testing

@Suite struct `Alarms of what the past foretells` {
    /// eth0 of 100 Mbit/s, at the end of a quarter.
    private func makeFixture() throws -> PerformanceFixture {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        var settings = LinkSettings()
        settings.speed = .megabits(100)
        settings.duplex = .full
        fixture.manager.platform.setSettings(settings, of: try index(3))
        fixture.manager.platform.deliver([.settingsChanged(try index(3))])
        fixture.manager.manager.refreshDetails()
        try fixture.pass(3) { _ in }
        // 1 700 000 000 is 800 seconds into a quarter.
        try fixture.pass(3, after: .seconds(99)) { _ in }
        return fixture
    }

    /// Lets a quarter pass with so many octets per second.
    private func quarter(_ fixture: PerformanceFixture, in received: UInt64, out transmitted: UInt64) throws {
        try fixture.pass(3, after: .seconds(900)) { counters in
            counters.receivedOctets += received * 900
            counters.transmittedOctets += transmitted * 900
        }
    }

    /// What is raised but that samples are rare.
    private func raised(_ fixture: PerformanceFixture) -> [String] {
        fixture.raised.filter { !$0.hasPrefix("samplingDegraded") }
    }

    /// Traffic that is the same for more than two days, and then three times as much is received.
    private func makeAnomaly() throws -> PerformanceFixture {
        let fixture = try makeFixture()
        for number in 0..<200 { try quarter(fixture, in: 1_000_000 + UInt64(number % 7) * 1000, out: 500_000) }
        #expect(raised(fixture) == [])
        try quarter(fixture, in: 3_000_000, out: 500_000)
        #expect(raised(fixture) == ["anomaly eth0 in"])
        return fixture
    }

    /// Traffic of a quarter of a day that grows in one direction.
    private func makeGrowth() throws -> PerformanceFixture {
        let fixture = try makeFixture()
        for number in 0..<24 { try quarter(fixture, in: 1_000_000, out: 5_000_000 + UInt64(number) * 20_000) }
        #expect(raised(fixture) == ["saturation eth0 out"])
        return fixture
    }

    @Test func `traffic that is not usual raises one in its direction, and usual traffic clears it`() throws {
        let fixture = try makeAnomaly()
        #expect(fixture.alarms.snapshot.active.last?.severity == .warning)
        try quarter(fixture, in: 1_000_000, out: 500_000)
        #expect(raised(fixture) == [])
        try quarter(fixture, in: 1_000_000, out: 1000)
        #expect(raised(fixture) == ["anomaly eth0 out"])
    }

    @Test func `growth towards the speed raises one, and its end clears it`() throws {
        let fixture = try makeGrowth()
        for _ in 0..<12 { try quarter(fixture, in: 1_000_000, out: 3_000_000) }
        #expect(raised(fixture) == [])
    }

    @Test func `growth that takes longer than a week to reach the speed raises none`() throws {
        let fixture = try makeFixture()
        for number in 0..<24 { try quarter(fixture, in: 1_000_000, out: 1_000_000 + UInt64(number) * 10_000) }
        #expect(fixture.forecasts.snapshot.forecasts.last?.saturation != nil)
        #expect(raised(fixture) == [])
    }

    /// How an interval can be not valid.
    enum Gap: CaseIterable {
        case reset, missed
    }

    @Test(arguments: Gap.allCases)
    func `an interval that is not valid clears them`(_ gap: Gap) throws {
        for fixture in [try makeAnomaly(), try makeGrowth()] {
            switch gap {
            case .reset:
                try fixture.pass(3, after: .seconds(450)) { $0 = LinkCounters() }
                try fixture.pass(3, after: .seconds(450)) { $0.receivedOctets += 3_000_000 * 450 }
            case .missed:
                try fixture.pass(3, after: .seconds(1800)) { $0.receivedOctets += 3_000_000 * 1800 }
            }
            #expect(raised(fixture) == [])
            #expect(fixture.forecasts.snapshot.forecasts.isEmpty)
        }
    }
}
