package import NetworkModel
import Synchronization

/// Follows what oriond itself uses, keeps it within its budgets as far as that is in its hands, and raises an alarm when it
/// is not.
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

    /// What there is a budget for. The numbers are those of ORION-MONITORING-MIB.
    package enum Resource: UInt8, Sendable, Hashable, CaseIterable {
        /// Of one processor, in thousandths of a percent.
        case processor = 1
        /// KiB.
        case memory = 2
        case descriptors = 3

        /// What tells its alarms apart.
        var detail: String {
            switch self {
            case .processor: "processor"
            case .memory: "memory"
            case .descriptors: "descriptors"
            }
        }

        var text: String { self == .processor ? "processor time" : detail }
    }

    /// One budget, and how it is kept.
    package struct Account: Sendable, Hashable {
        package internal(set) var budget: UInt64 = 0
        package internal(set) var used: UInt64 = 0
        package internal(set) var isExceeded = false
        /// How often it was exceeded since the start.
        package internal(set) var exceedances: UInt32 = 0
        /// How often something was done to keep it.
        package internal(set) var measures: UInt32 = 0
        /// What is being done to keep it, in words; empty when nothing is.
        package internal(set) var measure = ""

        package init() {}
    }

    /// The latest reading.
    package struct Report: Sendable, Hashable {
        package var usage = ProcessUsage()
        /// Of one processor, 0...1, over the last minute, or since the start.
        package var processorShare = 0.0
        package var accounts: [Resource: Account] = [:]
        /// `resource_management_enabled`.
        package var isEnforced = true

        package init() {}
    }

    /// How it can be helped, as the composition connects it.
    package struct Relief: Sendable {
        /// Has counters sampled no more often than so many times the configured interval.
        package var restrain: @Sendable (Int) -> Void = { _ in }
        /// Lets go of memory that can be done without.
        package var shed: @Sendable () -> Void = {}

        package init() {}
    }

    private struct State {
        var report = Report()
        /// Of the last minute, the oldest first.
        var past: [(time: MonotonicTime, processorTime: Duration)] = []
        /// How much more rarely is sampled.
        var restraint = 1
        var restrained: MonotonicTime?
        var shed: MonotonicTime?
    }

    private let platform: any ProcessPlatform
    private let clock: any MonotonicClock
    private let alarms: AlarmManager
    private let budget: Budget
    private let relief: Relief
    private let state = Mutex(State())

    package init(
        platform: any ProcessPlatform, clock: any MonotonicClock, alarms: AlarmManager, budget: Budget = Budget(),
        relief: Relief = Relief()
    ) {
        self.platform = platform
        self.clock = clock
        self.alarms = alarms
        self.budget = budget
        self.relief = relief
    }

    package var report: Report { state.withLock { $0.report } }

    /// Whether budgets are kept, and one that is exceeded is an alarm.
    package func enforce(_ isEnforced: Bool) { state.withLock { $0.report.isEnforced = isEnforced } }

    private static let span: Duration = .seconds(60)
    /// A measure is given this long before it is judged.
    private static let patience: Duration = .seconds(10)
    private static let mostRestraint = 16

    /// Reads what is used now. On the upkeep thread, about once a second.
    package func tick(interfaces: Int) {
        guard let usage = try? platform.usage() else { return }
        let now = clock.now()
        let memory = budget.memory + budget.memoryPerInterface * UInt64(interfaces)
        let (report, isShedding, restraint) = state.withLock { state in
            state.past.append((now, usage.processorTime))
            while let first = state.past.first, state.past.count > 2, now - first.time > Self.span {
                state.past.removeFirst()
            }
            state.report.usage = usage
            if let first = state.past.first, now > first.time {
                state.report.processorShare = (usage.processorTime - first.processorTime) / (now - first.time)
            }
            func account(_ resource: Resource, _ used: UInt64, _ budget: UInt64) {
                var account = state.report.accounts[resource] ?? Account()
                let isExceeded = state.report.isEnforced && used > budget
                if isExceeded, !account.isExceeded { account.exceedances &+= 1 }
                account.used = used
                account.budget = budget
                account.isExceeded = isExceeded
                state.report.accounts[resource] = account
            }
            account(
                .processor, UInt64(max(0, state.report.processorShare * 100_000)), UInt64(budget.processor * 100_000))
            account(.memory, usage.residentMemory >> 10, memory >> 10)
            account(.descriptors, UInt64(clamping: usage.descriptors), UInt64(clamping: budget.descriptors))
            let isShedding = Self.sheds(&state, at: now)
            let restraint = Self.restrains(&state, at: now, budget)
            return (state.report, isShedding, restraint)
        }
        if let restraint { relief.restrain(restraint) }
        if isShedding {
            relief.shed()
            platform.releaseMemory()
        }
        for resource in Resource.allCases {
            let account = report.accounts[resource] ?? Account()
            alarms.set(
                AlarmKey(.resourceExceeded, .system, detail: resource.detail), account.isExceeded, .warning,
                "oriond uses more \(resource.text) than its budget"
                    + (account.measure.isEmpty ? "" : "; \(account.measure)"))
        }
    }

    /// Whether memory is to be let go now.
    private static func sheds(_ state: inout State, at now: MonotonicTime) -> Bool {
        guard state.report.accounts[.memory]?.isExceeded == true else {
            state.report.accounts[.memory]?.measure = ""
            return false
        }
        guard state.shed.map({ now - $0 >= span }) ?? true else { return false }
        state.shed = now
        state.report.accounts[.memory]?.measures &+= 1
        state.report.accounts[.memory]?.measure = "histories of interfaces that are gone were let go"
        return true
    }

    /// How much more rarely is to be sampled from now on; nil when that stays as it is.
    private static func restrains(_ state: inout State, at now: MonotonicTime, _ budget: Budget) -> Int? {
        let isExceeded = state.report.accounts[.processor]?.isExceeded == true
        // Back in small steps, and only where twice the work would fit.
        let isEasy = !state.report.isEnforced || state.report.processorShare * 2 < budget.processor
        let wanted =
            isExceeded
            ? min(mostRestraint, state.restraint * 2) : isEasy ? max(1, state.restraint / 2) : state.restraint
        let wait = isExceeded ? patience : state.report.isEnforced ? span : .zero
        guard wanted != state.restraint, state.restrained.map({ now - $0 >= wait }) ?? true else { return nil }
        if wanted > state.restraint { state.report.accounts[.processor]?.measures &+= 1 }
        state.restraint = wanted
        state.restrained = now
        state.report.accounts[.processor]?.measure =
            wanted == 1 ? "" : "counters are sampled \(wanted) times more rarely than configured"
        return wanted
    }
}
