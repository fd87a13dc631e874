import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

/// orionMonitoringAggregateTable.
struct AggregateTable: TableSource {
    let objects: MonitoringObjects
    let health: Derived<AlarmSnapshot, AlarmHealth>

    var schema: TableSchema { OrionMonitoringMIB.OrionMonitoringAggregateEntry.table }

    func open() -> any TableReading {
        Reading(
            objects.performance.snapshot, objects.interfaces.snapshot, health.of(objects.alarms.snapshot))
    }

    final class Reading: TableReading {
        private let groups: [AggregatedNetworkStats]
        private let interfaces: InterfaceSnapshot
        private let health: AlarmHealth
        let rows: RowIndex
        /// Worked out when first asked for, for all groups at once.
        private lazy var states = countStates()

        init(_ performance: PerformanceSnapshot, _ interfaces: InterfaceSnapshot, _ health: AlarmHealth) {
            let order = AggregateRows(performance)
            groups = order.positions.map { performance.groups[$0] }
            rows = order.rows
            self.interfaces = interfaces
            self.health = health
        }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionMonitoringMIB.OrionMonitoringAggregateEntry.Column(rawValue: column) else {
                return nil
            }
            let group = groups[position]
            switch column {
            case .orionMonitoringAggregateInterfaces: return .gauge32(UInt32(clamping: group.interfaces))
            case .orionMonitoringAggregateUp: return .gauge32(states[group.scope]?.up ?? 0)
            case .orionMonitoringAggregateDown: return .gauge32(states[group.scope]?.down ?? 0)
            case .orionMonitoringAggregateHealth: return .integer(Int32(worst(group.scope).rawValue))
            case .orionMonitoringAggregateInOctets: return .counter64(group.totals[0])
            case .orionMonitoringAggregateOutOctets: return .counter64(group.totals[1])
            case .orionMonitoringAggregateInPackets: return .counter64(group.totals[2])
            case .orionMonitoringAggregateOutPackets: return .counter64(group.totals[3])
            case .orionMonitoringAggregateInErrors: return .counter64(group.totals[4])
            case .orionMonitoringAggregateOutErrors: return .counter64(group.totals[5])
            case .orionMonitoringAggregateInDiscards: return .counter64(group.totals[6])
            case .orionMonitoringAggregateOutDiscards: return .counter64(group.totals[7])
            case .orionMonitoringAggregateInOctetsRate: return .gauge64(group.rates[0])
            case .orionMonitoringAggregateOutOctetsRate: return .gauge64(group.rates[1])
            case .orionMonitoringAggregateInPacketsRate: return .gauge64(group.rates[2])
            case .orionMonitoringAggregateOutPacketsRate: return .gauge64(group.rates[3])
            case .orionMonitoringAggregateInErrorsRate: return .gauge64(group.rates[4])
            case .orionMonitoringAggregateOutErrorsRate: return .gauge64(group.rates[5])
            case .orionMonitoringAggregateInDiscardsRate: return .gauge64(group.rates[6])
            case .orionMonitoringAggregateOutDiscardsRate: return .gauge64(group.rates[7])
            }
        }

        private struct States {
            var up: UInt32 = 0
            var down: UInt32 = 0
            var health = Health.good
        }

        private func countStates() -> [AggregatedNetworkStats.Scope: States] {
            var states: [AggregatedNetworkStats.Scope: States] = [:]
            for row in interfaces.rows {
                let isDown =
                    row.link.isAdministrativelyUp
                    && (row.operationalStatus == .down || row.operationalStatus == .lowerLayerDown)
                let own = health.interfaces[row.index]?.health ?? .good
                for scope in row.scopes {
                    states[scope, default: States()].up += row.operationalStatus == .up ? 1 : 0
                    states[scope, default: States()].down += isDown ? 1 : 0
                    states[scope, default: States()].health = max(states[scope]?.health ?? .good, own)
                }
            }
            return states
        }

        private func worst(_ scope: AggregatedNetworkStats.Scope) -> Health {
            let ofInterfaces = states[scope]?.health ?? .good
            switch scope {
            case .driver(let name): return max(ofInterfaces, health.drivers[name] ?? .good)
            case .all: return max(ofInterfaces, health.drivers.values.max() ?? .good)
            case .kind: return ofInterfaces
            }
        }
    }
}

/// orionMonitoringInterfaceTable.
struct InterfaceHealthTable: TableSource {
    let objects: MonitoringObjects
    let health: Derived<AlarmSnapshot, AlarmHealth>

    var schema: TableSchema { OrionMonitoringMIB.OrionMonitoringInterfaceEntry.table }

    func open() -> any TableReading {
        Reading(interfaces: objects.interfaces.snapshot, health: health.of(objects.alarms.snapshot))
    }

    struct Reading: TableReading {
        let interfaces: InterfaceSnapshot
        let health: AlarmHealth

        var rows: RowIndex { .integers(interfaces.indexes) }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionMonitoringMIB.OrionMonitoringInterfaceEntry.Column(rawValue: column),
                let index = InterfaceIndex(interfaces.indexes[position])
            else { return nil }
            let state = health.interfaces[index] ?? (.good, 0)
            switch column {
            case .orionMonitoringInterfaceHealth: return .integer(Int32(state.health.rawValue))
            case .orionMonitoringInterfaceAlarms: return .gauge32(UInt32(clamping: state.alarms))
            }
        }
    }
}

/// orionMonitoringManagerTable.
struct ManagerHealthTable: TableSource {
    let alarms: AlarmManager
    let health: Derived<AlarmSnapshot, AlarmHealth>

    var schema: TableSchema { OrionMonitoringMIB.OrionMonitoringManagerEntry.table }

    /// Each part of the daemon, and the alarms that are about it. In the order of the index: shorter names first.
    private static let managers: [(name: String, concerns: [AlarmHealth.Concern])] = [
        ("drivers", [.init(.driverFailed), .init(.capacityExceeded, "drivers")]),
        ("process", [.init(.resourceExceeded)]),
        ("security", [.init(.auditFailed), .init(.principalMissing), .init(.interfaceExposed)]),
        ("interfaces", [.init(.capacityExceeded, "interfaces")]), ("monitoring", [.init(.samplingDegraded)]),
        ("operations", [.init(.operationStuck)]), ("performance", [.init(.imbalance)]),
        ("configuration", [.init(.configurationDrift), .init(.configurationRejected)]),
    ]
    private static let index = RowIndex(managers.map { CountedIndex.words($0.name.utf8) })

    func open() -> any TableReading { Reading(health: health.of(alarms.snapshot)) }

    struct Reading: TableReading {
        let health: AlarmHealth

        var rows: RowIndex { ManagerHealthTable.index }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionMonitoringMIB.OrionMonitoringManagerEntry.Column(rawValue: column) else {
                return nil
            }
            let worst = ManagerHealthTable.managers[position].concerns.compactMap { health.concerns[$0] }
                .max { $0.severity < $1.severity }
            switch column {
            case .orionMonitoringManagerHealth: return .integer(Int32(Health(worst?.severity).rawValue))
            case .orionMonitoringManagerText: return .line(worst?.text ?? "")
            }
        }
    }
}
