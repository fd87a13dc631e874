import Logging
import NetworkManagement
import NetworkModel
import SecurityTesting
import Synchronization
import Testing

/// A process that uses what a test says.
private final class GreedyProcess: ProcessPlatform {
    let present = Mutex(ProcessUsage())
    let released = Mutex(0)

    func usage() throws(PlatformError) -> ProcessUsage { present.withLock { $0 } }
    func releaseMemory() { released.withLock { $0 += 1 } }
}

@Suite struct `The budgets of oriond` {
    private let clock = ManualClock()
    private let process = GreedyProcess()
    private let alarms: AlarmManager
    private let monitor: ProcessMonitor
    private let relieved = Relieved()

    final class Relieved: Sendable {
        let restraints = Mutex<[Int]>([])
        let sheds = Mutex(0)
    }

    init() {
        alarms = AlarmManager(
            stored: StoredAlarms(), store: MemoryAlarmStore(), clock: clock, wallClock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, listener: { _ in })
        var relief = ProcessMonitor.Relief()
        relief.restrain = { [relieved] factor in relieved.restraints.withLock { $0.append(factor) } }
        relief.shed = { [relieved] in relieved.sheds.withLock { $0 += 1 } }
        monitor = ProcessMonitor(platform: process, clock: clock, alarms: alarms, relief: relief)
    }

    /// Seconds in each of which this share of a processor is used.
    private func pass(_ seconds: Int, using share: Double = 0) {
        for _ in 0..<seconds {
            process.present.withLock { $0.processorTime += .seconds(1) * share }
            clock.advance(by: .seconds(1))
            monitor.tick(interfaces: 10)
        }
    }

    private var raised: [String] { alarms.snapshot.active.map(\.key.detail) }

    @Test func `too much processor time stretches sampling step by step, and lets it go again`() {
        pass(5, using: 0.1)
        #expect(relieved.restraints.withLock { $0 }.isEmpty && raised.isEmpty)
        pass(120, using: 0.9)
        #expect(relieved.restraints.withLock { $0 } == [2, 4, 8, 16])
        let account = monitor.report.accounts[.processor]
        #expect(account?.isExceeded == true && account?.exceedances == 1 && account?.measures == 4)
        #expect(account?.measure == "counters are sampled 16 times more rarely than configured")
        #expect(raised == ["processor"])
        pass(600, using: 0.05)
        #expect(relieved.restraints.withLock { $0 } == [2, 4, 8, 16, 8, 4, 2, 1])
        #expect(monitor.report.accounts[.processor]?.measure == "")
        #expect(raised.isEmpty)
    }

    @Test func `too much memory has histories let go, once a minute`() {
        process.present.withLock { $0.residentMemory = 1 << 30 }
        pass(90)
        #expect(relieved.sheds.withLock { $0 } == 2 && process.released.withLock { $0 } == 2)
        #expect(raised == ["memory"])
        process.present.withLock { $0.residentMemory = 1 << 20 }
        pass(1)
        #expect(monitor.report.accounts[.memory]?.measure == "" && raised.isEmpty)
        #expect(monitor.report.accounts[.memory]?.budget == (256 << 10) + 320)
    }

    @Test func `descriptors beyond the budget are told of`() {
        process.present.withLock { $0.descriptors = 257 }
        pass(1)
        #expect(raised == ["descriptors"])
    }

    @Test func `without resource management nothing is done and nothing raised`() {
        monitor.enforce(false)
        process.present.withLock { usage in
            usage.residentMemory = 1 << 30
            usage.descriptors = 1000
        }
        pass(30, using: 0.9)
        #expect(raised.isEmpty && relieved.sheds.withLock { $0 } == 0)
        #expect(relieved.restraints.withLock { $0 }.isEmpty)
        monitor.enforce(true)
        pass(1, using: 0.9)
        #expect(Set(raised) == ["processor", "memory", "descriptors"])
        // Switched off while something is being done, it is undone at once.
        monitor.enforce(false)
        pass(2, using: 0.9)
        #expect(raised.isEmpty && relieved.restraints.withLock { $0 }.last == 1)
    }
}
