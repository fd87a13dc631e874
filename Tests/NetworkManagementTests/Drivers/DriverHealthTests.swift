import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Synchronization
import Testing

private let address = DeviceAddress(bus: "pci", name: "0000:00:03.0")
private let timeout = KernelLogEntry(
    level: 2, text: "good 0000:00:03.0 eth0: NETDEV WATCHDOG: CPU: 0: transmit queue 0 timed out 5376 ms",
    device: address)

/// A driver at work.
private func atWork(
    isUp: Bool = true, _ edit: (inout DriverManager.Options) -> Void = { _ in }
) throws -> DriverFixture {
    let fixture = try DriverFixture(isUp: isUp, edit)
    _ = try fixture.run(.driverLoad, .driver("good"))
    _ = fixture.takeEvents()
    return fixture
}

extension DriverFixture {
    /// The steps of the recovery among what was told since the last call.
    fileprivate func takeSteps() -> [String] {
        takeEvents().compactMap { event in
            switch event {
            case .recoveryWanted(_, _, let step, _): step.rawValue
            case .recoveryHeld(_, _, let reason): "held: \(reason)"
            default: nil
            }
        }
    }
}

@Suite struct `The health of drivers` {
    @Test(arguments: [
        (timeout, DriverSymptom.Kind.transmitTimeout),
        (
            KernelLogEntry(level: 4, text: "NETDEV WATCHDOG: eth0 (good): transmit queue 0 timed out"),
            .transmitTimeout
        ),
        (KernelLogEntry(level: 3, text: "good 0000:00:03.0 eth0: Detected Tx Unit Hang", device: address), .hang),
        (KernelLogEntry(level: 6, text: "good 0000:00:03.0 eth0: Reset adapter", device: address), .reset),
        (KernelLogEntry(level: 3, text: "eth0: PCIe link lost", interface: InterfaceIndex(7)), .deviceLost),
        (KernelLogEntry(level: 3, text: "something else", device: address), .loggedError),
        (KernelLogEntry(level: 4, text: "RIP: 0010:good_clean+0x40/0x9c0 [good]"), .crash),
    ])
    func `a record of the kernel's log speaks against the driver that it is about`(
        entry: KernelLogEntry, kind: DriverSymptom.Kind
    ) throws {
        let symptom = try #require(DriverSymptom(entry, in: try atWork().manager.snapshot))
        #expect(symptom.kind == kind && symptom.driver.description == "good")
        #expect(symptom.device == (kind == .crash ? nil : address))
    }

    @Test(arguments: [
        KernelLogEntry(level: 6, text: "good 0000:00:03.0 eth0: NIC Link is Up 1000 Mbps", device: address),
        KernelLogEntry(level: 2, text: "NETDEV WATCHDOG: eth9 (other): transmit queue 0 timed out"),
        KernelLogEntry(level: 0, text: "usb 1-1: reset adapter", device: DeviceAddress(bus: "usb", name: "1-1")),
        KernelLogEntry(level: 0, text: ""), KernelLogEntry(level: 0, text: "()[]"),
    ])
    func `other records speak against nobody`(entry: KernelLogEntry) throws {
        #expect(DriverSymptom(entry, in: try atWork().manager.snapshot) == nil)
    }

    @Test func `a stuck queue is told with its evidence, and over after two minutes`() throws {
        let fixture = try atWork()
        fixture.manager.take([timeout, timeout])
        var row = try fixture.row("good")
        #expect(row.health == .failed && row.evidence.hasSuffix("timed out 5376 ms (2 times)"))
        fixture.manager.refresh(because: "a uevent")
        #expect(try fixture.row("good").health == .failed)
        let told = fixture.takeEvents().compactMap { event in
            if case .healthChanged(_, let health) = event { health } else { nil }
        }
        #expect(told == [.failed])
        fixture.clock.advance(by: .seconds(121))
        fixture.manager.assessHealth()
        row = try fixture.row("good")
        #expect(row.health == .healthy && row.evidence.isEmpty)
        #expect(fixture.takeEvents().contains { if case .healthChanged(_, .healthy) = $0 { true } else { false } })
    }

    @Test func `the ladder is climbed one step at a time, and each is given its time`() throws {
        let fixture = try atWork()
        var steps: [String] = []
        for _ in 0..<7 {
            fixture.manager.take([timeout])
            fixture.clock.advance(by: .seconds(10))
            fixture.manager.take([timeout])
            steps += fixture.takeSteps()
            fixture.clock.advance(by: .seconds(25))
        }
        #expect(steps == ["link-bounce", "device-reset", "rebind", "reload", "fallback"])
    }

    @Test func `no more than six steps are made within an hour`() throws {
        let fixture = try atWork()
        var steps: [String] = []
        for _ in 0..<5 {
            for _ in 0..<2 {
                fixture.manager.take([timeout])
                steps += fixture.takeSteps()
                fixture.clock.advance(by: .seconds(31))
            }
            // Well for so long that the ladder begins anew.
            fixture.clock.advance(by: .seconds(601))
            fixture.manager.assessHealth()
        }
        #expect(
            steps == ["link-bounce", "device-reset", "link-bounce", "device-reset", "link-bounce", "device-reset"]
                + Array(repeating: "held: 6 steps were made within the hour", count: 4))
    }

    @Test func `the way by which the host is managed is not cut`() throws {
        let fixture = try atWork()
        fixture.way.all.withLock { $0 = ["eth0"] }
        fixture.manager.take([timeout])
        #expect(fixture.takeSteps() == ["held: interface eth0 has the default route"])
        #expect(throws: ManagementError(.inconsistent, "")) {
            try fixture.run(.deviceRecover, fixture.device, "link-bounce")
        }
        _ = try fixture.run(.deviceRecover, fixture.device, "force link-bounce", isAdministrator: true)
    }

    @Test func `what a driver reports of itself counts, new errors and those that it did not recover from`() throws {
        let fixture = try atWork()
        func report(_ errors: UInt64, isHealthy: Bool) throws -> DriverHealth {
            fixture.clock.advance(by: .seconds(125))
            fixture.platform.state.withLock { state in
                state.reporters = [
                    HealthReporter(device: address, name: "tx", isHealthy: isHealthy, errors: errors)
                ]
            }
            fixture.manager.readReporters()
            fixture.manager.assessHealth()
            return try fixture.row("good").health
        }
        #expect(try report(3, isHealthy: true) == .healthy)
        #expect(try report(4, isHealthy: true) == .degraded)
        #expect(fixture.takeSteps().isEmpty)
        #expect(try report(4, isHealthy: true) == .healthy)
        #expect(try report(5, isHealthy: false) == .failed)
        #expect(fixture.takeSteps() == ["link-bounce"])
    }

    @Test func `with driver_health_monitoring off nothing is seen`() throws {
        let fixture = try atWork { $0.isMonitoringHealth = false }
        fixture.manager.take([timeout])
        #expect(try fixture.row("good").health == .healthy)
        #expect(fixture.takeEvents().isEmpty)
    }

    @Test func `an interface that keeps losing carrier degrades its driver, and is bounced`() throws {
        let fixture = try atWork()
        let index = try #require(InterfaceIndex(7))
        for second in 0..<12 {
            var link = try fixture.links.link(index)
            link.carrierDownCount += 1
            fixture.put(link)
            fixture.monitoring.tick()
            fixture.manager.watch(fixture.interfaces.snapshot, fixture.monitoring.latest)
            fixture.clock.advance(by: .seconds(1))
            #expect(try fixture.row("good").health == (second < 10 ? .healthy : .degraded))
        }
        #expect(try fixture.row("good").evidence == "eth0: carrier was lost 10 times within a minute")
        #expect(fixture.takeSteps() == ["link-bounce"])
    }

    @Test func `many errors degrade a driver, and nothing is done about them`() throws {
        let fixture = try atWork()
        let index = try #require(InterfaceIndex(7))
        for round in 0..<3 {
            try fixture.count(index) { counters in
                counters.receivedPackets += 10_000
                counters.receiveErrors += round == 1 ? 60 : 90
            }
            fixture.monitoring.tick()
            fixture.manager.watch(fixture.interfaces.snapshot, fixture.monitoring.latest)
            fixture.clock.advance(by: .seconds(6))
        }
        #expect(try fixture.row("good").health == .healthy)
        try fixture.count(index) { counters in
            counters.receivedPackets += 1_000
            counters.transmitErrors += 900
        }
        fixture.monitoring.tick()
        fixture.manager.watch(fixture.interfaces.snapshot, fixture.monitoring.latest)
        #expect(try fixture.row("good").health == .degraded)
        #expect(fixture.takeSteps().isEmpty)
    }
}

@Suite struct `Steps of the recovery` {
    private func step(_ fixture: DriverFixture, _ step: RecoveryStep) throws -> String {
        try fixture.run(.deviceRecover, fixture.device, step.rawValue)
    }

    @Test func `a bounce sets the link down and up with its addresses and routes`() throws {
        let fixture = try atWork()
        let before = fixture.kernel.link("eth0")
        let addresses = try #require(try fixture.kernel.addresses(of: ["eth0"])["eth0"])
        let result = try step(fixture, .linkBounce)
        #expect(result == "eth0 was set down and up")
        #expect(
            fixture.kernel.applied == [
                .set("eth0", .up(false)), .set("eth0", .up(true)), .restoreAddresses("eth0", addresses),
            ])
        #expect(fixture.kernel.link("eth0") == before)
    }

    @Test func `a reset is made between, and the link is up again though it fails`() throws {
        let fixture = try atWork()
        #expect(try step(fixture, .deviceReset) == "pci/0000:00:03.0 was reset, eth0 being down")
        fixture.platform.state.withLock { $0.isResettable = nil }
        #expect(throws: ManagementError(.failed, "")) { try step(fixture, .deviceReset) }
        #expect(fixture.kernel.link("eth0")?.isUp == true)
        fixture.platform.state.withLock { $0.isResettable = false }
        #expect(throws: ManagementError(.notSupported, "")) { try step(fixture, .deviceReset) }
    }

    @Test(arguments: [RecoveryStep.rebind, .reload])
    func `rebinding and reloading leave the device with its driver`(step kind: RecoveryStep) throws {
        let fixture = try atWork()
        _ = try step(fixture, kind)
        #expect(try fixture.row("good").state == .bound)
    }

    @Test func `a fallback gives the device its next driver, and is told as one`() throws {
        let fixture = try atWork()
        _ = try step(fixture, .fallback)
        #expect(fixture.manager.snapshot.devices[0].device.driver?.description == "better")
        #expect(
            fixture.takeEvents().contains {
                if case .fallbackUsed(_, let wanted, let used, _) = $0 {
                    wanted.description == "good" && used.description == "better"
                } else {
                    false
                }
            })
    }

    @Test(arguments: ["", "bounce", "link-bounce rebind", "force"])
    func `anything else is no step`(argument: String) throws {
        #expect(throws: ManagementError(.invalidValue, "")) {
            try atWork().run(.deviceRecover, try atWork().device, argument)
        }
    }
}
