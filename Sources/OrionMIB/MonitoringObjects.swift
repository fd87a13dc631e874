package import NetworkManagement
package import NetworkModel
import OrionSchema
package import SMI

/// ORION-MONITORING-MIB over the monitoring, performance and alarm managers.
package struct MonitoringObjects: Sendable {
    /// What the session with the agent has been through, as the composition tells it.
    package struct AgentCounts: Sendable, Hashable {
        package var gets: UInt64 = 0
        package var getNexts: UInt64 = 0
        package var getBulks: UInt64 = 0
        package var sets: UInt64 = 0
        package var resends: UInt64 = 0
        package var sessions: UInt64 = 0
        package var connectionsLost: UInt64 = 0
        package var notificationsSent: UInt64 = 0
        package var notificationsDropped: UInt64 = 0
        /// Requests of ours that the agent answered.
        package var roundTrips: UInt64 = 0
        package var roundTripLast: Duration = .zero
        package var roundTripSmoothed: Duration = .zero
        package var roundTripLongest: Duration = .zero

        package init() {}
    }

    let interfaces: InterfaceManager
    let monitoring: MonitoringManager
    let performance: PerformanceManager
    let alarms: AlarmManager
    let process: ProcessMonitor
    let metrics: MetricsRegistry
    private let clock: any MonotonicClock
    private let pace: @Sendable () -> SamplePace
    private let agent: @Sendable () -> AgentCounts

    /// - Parameters:
    ///   - pace: how often is sampled now.
    ///   - agent: must not block.
    package init(
        interfaces: InterfaceManager, monitoring: MonitoringManager, performance: PerformanceManager,
        alarms: AlarmManager, process: ProcessMonitor, metrics: MetricsRegistry, clock: any MonotonicClock,
        pace: @escaping @Sendable () -> SamplePace, agent: @escaping @Sendable () -> AgentCounts
    ) {
        self.interfaces = interfaces
        self.monitoring = monitoring
        self.performance = performance
        self.alarms = alarms
        self.process = process
        self.metrics = metrics
        self.clock = clock
        self.pace = pace
        self.agent = agent
    }

    package var tables: [any TableSource] {
        let health = Derived<AlarmSnapshot, AlarmHealth> { AlarmHealth($0) }
        return [
            AggregateTable(objects: self, health: health), InterfaceHealthTable(objects: self, health: health),
            ManagerHealthTable(alarms: alarms, health: health), MetricTable(metrics: metrics),
            ResourceTable(process: process),
        ]
    }

    package var scalars: [ScalarSource] {
        OrionMonitoringMIB.Scalar.allCases.map { scalar in ScalarSource(scalar.schema) { value(of: scalar) } }
    }

    private func value(of scalar: OrionMonitoringMIB.Scalar) -> Value? {
        switch scalar {
        case .orionMonitoringSampleInterval: .gauge32(milliseconds(pace().interval))
        case .orionMonitoringSampleIntervalConfigured: .gauge32(milliseconds(pace().configured))
        case .orionMonitoringSampleAge:
            performance.passes > 0 ? .gauge32(milliseconds(clock.now() - performance.snapshot.time)) : nil
        case .orionMonitoringSamples: .counter32(UInt32(truncatingIfNeeded: monitoring.status.samples))
        case .orionMonitoringSampleFailures: .counter32(UInt32(truncatingIfNeeded: monitoring.status.failures))
        case .orionMonitoringSamplesMissed: .counter32(pace().missed)
        case .orionMonitoringSampleDuration: .gauge32(microseconds(monitoring.status.lastDuration))
        case .orionMonitoringPassDuration: .gauge32(microseconds(performance.lastDuration))
        case .orionMonitoringEventOverruns: .counter32(UInt32(truncatingIfNeeded: interfaces.snapshot.overruns))
        case .orionMonitoringProcessCpu: .gauge(Float(process.report.processorShare * 100_000))
        case .orionMonitoringProcessCpuTime:
            .counter64(UInt64(max(0, process.report.usage.processorTime / .milliseconds(1))))
        case .orionMonitoringProcessMemory: .gauge32(UInt32(clamping: process.report.usage.residentMemory >> 10))
        case .orionMonitoringProcessDescriptors: .gauge32(UInt32(clamping: process.report.usage.descriptors))
        case .orionMonitoringProcessThreads: .gauge32(UInt32(clamping: process.report.usage.threads))
        case .orionMonitoringProcessMeasured: .gauge32(UInt32(clamping: performance.snapshot.indexes.count))
        case .orionMonitoringProcessMeasuredOctets:
            .gauge32(UInt32(clamping: PerformanceManager.octetsPerInterface))
        case .orionMonitoringAgentGets: .counter64(agent().gets)
        case .orionMonitoringAgentGetNexts: .counter64(agent().getNexts)
        case .orionMonitoringAgentGetBulks: .counter64(agent().getBulks)
        case .orionMonitoringAgentSets: .counter64(agent().sets)
        case .orionMonitoringAgentResends: .counter64(agent().resends)
        case .orionMonitoringAgentSessions: .counter32(UInt32(truncatingIfNeeded: agent().sessions))
        case .orionMonitoringAgentConnectionsLost: .counter32(UInt32(truncatingIfNeeded: agent().connectionsLost))
        case .orionMonitoringAgentNotificationsSent: .counter64(agent().notificationsSent)
        case .orionMonitoringAgentNotificationsDropped: .counter64(agent().notificationsDropped)
        case .orionMonitoringAgentRoundTrips: .counter64(agent().roundTrips)
        case .orionMonitoringAgentRoundTripLast: .gauge32(microseconds(agent().roundTripLast))
        case .orionMonitoringAgentRoundTripSmoothed: .gauge32(microseconds(agent().roundTripSmoothed))
        case .orionMonitoringAgentRoundTripLongest: .gauge32(microseconds(agent().roundTripLongest))
        }
    }

    private func milliseconds(_ duration: Duration) -> UInt32 { UInt32(clamping: Int64(duration / .milliseconds(1))) }
    private func microseconds(_ duration: Duration) -> UInt32 { UInt32(clamping: Int64(duration / .microseconds(1))) }
}

/// What the alarms say about what they are raised on.
final class AlarmHealth: Sendable {
    let interfaces: [InterfaceIndex: (health: Health, alarms: Int)]
    let drivers: [String: Health]
    /// The worst alarm about each concern of a manager.
    let concerns: [Concern: Alarm]

    /// What a manager is answerable for.
    struct Concern: Hashable {
        let kind: AlarmKind
        /// Of what there is too much; empty for other kinds.
        let detail: String

        init(_ kind: AlarmKind, _ detail: String = "") {
            self.kind = kind
            self.detail = kind == .capacityExceeded ? detail : ""
        }
    }

    init(_ snapshot: AlarmSnapshot) {
        var interfaces: [InterfaceIndex: (health: Health, alarms: Int)] = [:]
        var drivers: [String: Health] = [:]
        var concerns: [Concern: Alarm] = [:]
        for alarm in snapshot.active {
            let health = Health(alarm.severity)
            let concern = Concern(alarm.key.kind, alarm.key.detail)
            if concerns[concern].map({ $0.severity < alarm.severity }) ?? true { concerns[concern] = alarm }
            let subject = alarm.key.subject
            switch subject.kind {
            case .interface:
                guard let index = subject.interface else { continue }
                let known = interfaces[index] ?? (.good, 0)
                interfaces[index] = (max(known.health, health), known.alarms + 1)
            case .driver: drivers[subject.name] = max(drivers[subject.name] ?? .good, health)
            case .system, .item: break
            }
        }
        self.interfaces = interfaces
        self.drivers = drivers
        self.concerns = concerns
    }
}
