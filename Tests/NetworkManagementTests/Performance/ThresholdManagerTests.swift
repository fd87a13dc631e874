import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Testing

private func threshold(_ name: String, _ edit: (inout Threshold) -> Void = { _ in }) -> Threshold {
    var threshold = Threshold(name: name)
    threshold.variable = .inPackets
    threshold.rising = 100
    threshold.falling = 50
    threshold.isActive = true
    edit(&threshold)
    return threshold
}

@Suite struct `The threshold manager` {
    /// Packets per second, and whether the alarm is raised after each.
    private func run(_ threshold: Threshold, _ rates: [UInt64]) throws -> [Bool] {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        _ = try fixture.thresholds.replace([threshold.name: threshold])
        try fixture.pass(3) { _ in }
        return try rates.map { rate in
            try fixture.pass(3) { $0.receivedPackets += rate }
            return fixture.raised == ["threshold eth0 \(threshold.name)"]
        }
    }

    @Test func `rising and falling with hysteresis`() throws {
        #expect(
            try run(threshold("t"), [10, 99, 100, 75, 51, 50, 75, 100]) == [
                false, false, true, true, true, false, false, true,
            ])
    }

    @Test func `falling below, when that is what is watched`() throws {
        let low = threshold("t") { threshold in
            threshold.rising = 50
            threshold.falling = 100
        }
        #expect(try run(low, [200, 51, 50, 75, 100, 75]) == [false, false, true, true, false, false])
    }

    @Test func `a duration has to be lasted out`() throws {
        let slow = threshold("t") { $0.duration = .seconds(3) }
        #expect(
            try run(slow, [200, 200, 10, 200, 200, 200, 200, 10]) == [
                false, false, false, false, false, false, true, false,
            ])
    }

    @Test func `the first value counts as RFC 2819 has it`() throws {
        #expect(try run(threshold("t"), [200, 200]) == [true, true])
        let falling = threshold("t") { $0.startup = .falling }
        // Not the first, until it came back.
        #expect(try run(falling, [200, 200, 40, 200]) == [false, false, false, true])
    }

    @Test func `a pattern picks interfaces, and each has its own alarm`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0"), makeLink(4, "eth1"), makeLink(5, "lo")])
        let picky = threshold("busy") { $0.pattern = GlobPattern("eth*") ?? .any }
        _ = try fixture.thresholds.replace(["busy": picky])
        try fixture.pass(3) { _ in }
        #expect(fixture.thresholds.counts.instances == 2)
        try fixture.pass(4) { $0.receivedPackets += 500 }
        #expect(fixture.raised == ["threshold eth1 busy"])
        #expect(fixture.thresholds.crossed("busy") == 1)
        // Taking the row away takes its alarms along.
        _ = try fixture.thresholds.replace(["busy": nil])
        try fixture.pass(4) { $0.receivedPackets += 500 }
        #expect(fixture.raised == [])
    }

    @Test func `utilisation is of the speed, and unknown without one`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        let full = threshold("full") { threshold in
            threshold.variable = .inUtilisation
            threshold.rising = 80_000
            threshold.falling = 60_000
        }
        _ = try fixture.thresholds.replace(["full": full])
        try fixture.pass(3) { _ in }
        try fixture.pass(3) { $0.receivedOctets += 112_500 }
        #expect(fixture.raised == [])
        var settings = LinkSettings()
        settings.speed = .megabits(1)
        settings.duplex = .full
        fixture.manager.platform.setSettings(settings, of: try index(3))
        fixture.manager.platform.deliver([.settingsChanged(try index(3))])
        fixture.manager.manager.refreshDetails()
        // 0.9 Mbit/s.
        try fixture.pass(3) { $0.receivedOctets += 112_500 }
        #expect(fixture.raised == ["threshold eth0 full"])
    }

    @Test func `what a restart has left is cleared when nothing watches for it, or it is over`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0"), makeLink(4, "eth1")])
        func leave(_ name: String, _ number: Int, _ interface: String) throws {
            let subject = AlarmSubject.interface(try index(number), interface)
            fixture.alarms.raise(AlarmKey(.threshold, subject, detail: name), .minor, "before the restart")
        }
        try leave("gone", 3, "eth0")
        try leave("busy", 3, "eth0")
        try leave("busy", 4, "eth1")
        // Of an interface that may come yet.
        try leave("busy", 9, "eth9")
        _ = try fixture.thresholds.replace(["busy": threshold("busy")])
        try fixture.pass(3) { _ in }
        #expect(fixture.raised == ["threshold eth0 busy", "threshold eth1 busy", "threshold eth9 busy"])
        try fixture.pass(3) { $0.receivedPackets += 500 }
        #expect(fixture.raised == ["threshold eth0 busy", "threshold eth9 busy"])
    }

    @Test func `what has been crossed stays so when other rows and interfaces come and go`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        _ = try fixture.thresholds.replace(["a": threshold("a")])
        try fixture.pass(3) { _ in }
        try fixture.pass(3) { $0.receivedPackets += 200 }
        #expect(fixture.thresholds.counts.crossings == 1)
        _ = try fixture.thresholds.replace(["b": threshold("b") { $0.rising = 4000 }])
        let link = try makeLink(1, "lo")
        fixture.manager.platform.put(link)
        fixture.manager.platform.deliver([.link(link)])
        for _ in 0..<3 { try fixture.pass(3) { $0.receivedPackets += 70 } }
        #expect(fixture.raised == ["threshold eth0 a"])
        #expect(fixture.thresholds.counts.crossings == 1)
    }

    @Test func `an interface made anew under the same index begins anew`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        _ = try fixture.thresholds.replace(["busy": threshold("busy")])
        try fixture.pass(3) { _ in }
        try fixture.pass(3) { $0.receivedPackets += 200 }
        #expect(fixture.raised == ["threshold eth0 busy"])
        fixture.manager.platform.remove(try index(3))
        fixture.manager.platform.deliver([.gone(try index(3))])
        // As it does when an interface goes.
        fixture.alarms.remove(.interface(try index(3), "eth0"))
        fixture.clock.advance(by: .milliseconds(10))
        fixture.manager.platform.put(try makeLink(3, "eth0"))
        fixture.manager.platform.deliver([.link(try makeLink(3, "eth0"))])
        try fixture.pass(3) { _ in }
        try fixture.pass(3) { $0.receivedPackets += 200 }
        #expect(fixture.raised == ["threshold eth0 busy"])
    }

    @Test func `those of the configuration replace their own kind, and nothing else`() async throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        _ = try fixture.thresholds.replace(["mine": threshold("mine")])
        fixture.thresholds.configure([threshold("one"), threshold("two")])
        fixture.thresholds.configure([threshold("two")])
        #expect(fixture.thresholds.rows.map(\.name) == ["two", "mine"])
        #expect(fixture.thresholds.row("two")?.origin == .configuration)
        try await fixture.thresholds.save()
        #expect(try await fixture.store.loadThresholds().map(\.name) == ["mine"])
    }

    @Test func `no more than there is room for`() throws {
        let fixture = try PerformanceFixture([makeLink(3, "eth0")])
        let many = Dictionary(
            uniqueKeysWithValues: (0...Threshold.maximum).map { ("t\($0)", Optional(threshold("t\($0)"))) })
        #expect(throws: ManagementError(.exhausted, "")) { try fixture.thresholds.replace(many) }
        #expect(fixture.thresholds.rows.isEmpty)
    }
}
