package import NetworkModel
import Synchronization

/// Follows what oriond itself uses, and raises an alarm when that is more than its budget.
package final class ProcessMonitor: Sendable {
    /// What oriond keeps itself to (`resource_management_enabled`).
    package struct Budget: Sendable, Hashable {
        /// Of one processor, 0...1, over a minute.
        package var processor = 0.5
        /// Octets: so much, and so much for each interface.
        package var memory: UInt64 = 256 << 20
        package var memoryPerInterface: UInt64 = 32 << 10
        package var descriptors = 256

        package init() {}
    }

    /// The latest reading.
    package struct Report: Sendable, Hashable {
        package var usage = ProcessUsage()
        /// Of one processor, 0...1, over the last minute, or since the start.
        package var processorShare = 0.0

        package init() {}
    }

    private struct State {
        var report = Report()
        /// Of the last minute, the oldest first.
        var past: [(time: MonotonicTime, processorTime: Duration)] = []
        var isEnforced = true
    }

    private let platform: any ProcessPlatform
    private let clock: any MonotonicClock
    private let alarms: AlarmManager
    private let budget: Budget
    private let state = Mutex(State())

    package init(
        platform: any ProcessPlatform, clock: any MonotonicClock, alarms: AlarmManager, budget: Budget = Budget()
    ) {
        self.platform = platform
        self.clock = clock
        self.alarms = alarms
        self.budget = budget
    }

    package var report: Report { state.withLock { $0.report } }

    /// Whether a budget that is exceeded is an alarm.
    package func enforce(_ isEnforced: Bool) { state.withLock { $0.isEnforced = isEnforced } }

    private static let span: Duration = .seconds(60)

    /// Reads what is used now. On the upkeep thread, about once a second.
    package func tick(interfaces: Int) {
        guard let usage = try? platform.usage() else { return }
        let now = clock.now()
        let (report, isEnforced) = state.withLock { state in
            state.past.append((now, usage.processorTime))
            while let first = state.past.first, state.past.count > 2, now - first.time > Self.span {
                state.past.removeFirst()
            }
            state.report.usage = usage
            if let first = state.past.first, now > first.time {
                state.report.processorShare = (usage.processorTime - first.processorTime) / (now - first.time)
            }
            return (state.report, state.isEnforced)
        }
        let memory = budget.memory + budget.memoryPerInterface * UInt64(interfaces)
        set("processor", isEnforced && report.processorShare > budget.processor, "processor time")
        set("memory", isEnforced && usage.residentMemory > memory, "memory")
        set("descriptors", isEnforced && usage.descriptors > budget.descriptors, "descriptors")
    }

    private func set(_ detail: String, _ isExceeded: Bool, _ what: String) {
        alarms.set(
            AlarmKey(.resourceExceeded, .system, detail: detail), isExceeded, .warning,
            "oriond uses more \(what) than its budget")
    }
}
