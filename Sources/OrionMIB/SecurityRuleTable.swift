import NetworkManagement
import NetworkModel
import OrionSchema
import SMI
import Synchronization

/// The rows of orionSecurityRuleTable: the rules in force and those that are notReady, in the order of their names.
final class RuleRows: Sendable {
    struct Row: Sendable {
        let name: String
        let columns: SecurityRuleRow
        let status: SNMPv2TC.RowStatus
    }

    let rows: [Row]
    let index: RowIndex

    init(_ policy: SecurityPolicy, _ drafts: [String: PolicyRowContent.Draft]) {
        let names = Set(policy.rules.map(\.name))
        let ready = policy.rules.map { rule in
            Row(name: rule.name, columns: SecurityRuleRow(rule), status: rule.isEnabled ? .active : .notInService)
        }
        let drafted = drafts.filter { !names.contains($0.key) }.map { name, draft in
            Row(name: name, columns: draft.row, status: .notReady)
        }
        rows = (ready + drafted).sorted { left, right in
            let counts = (left.name.utf8.count, right.name.utf8.count)
            return counts.0 == counts.1
                ? left.name.utf8.lexicographicallyPrecedes(right.name.utf8) : counts.0 < counts.1
        }
        index = RowIndex(rows.map { CountedIndex.words($0.name.utf8) })
    }
}

/// orionSecurityRuleTable.
final class RuleTable: TableSource, WritableTable {
    private struct Latest {
        let compiled: CompiledPolicy
        let drafts: [String: PolicyRowContent.Draft]
        let rows: RuleRows
    }

    private let security: SecurityManager
    private let state: PolicyRowState
    private let uptime: UptimeReference
    private let clock: any MonotonicClock
    private let latest = Mutex<Latest?>(nil)

    init(security: SecurityManager, state: PolicyRowState, uptime: UptimeReference, clock: any MonotonicClock) {
        self.security = security
        self.state = state
        self.uptime = uptime
        self.clock = clock
    }

    var schema: TableSchema { OrionSecurityMIB.OrionSecurityRuleEntry.table }

    func open() -> any TableReading {
        Reading(content: present(), security: security, uptime: uptime)
    }

    /// The rows as they are, laid out anew only after a change.
    private func present() -> RuleRows {
        let compiled = security.snapshot.compiled
        let drafts = state.content(at: clock.now()).drafts
        return latest.withLock { latest in
            if let latest, latest.compiled === compiled, latest.drafts == drafts { return latest.rows }
            let rows = RuleRows(compiled.policy, drafts)
            latest = Latest(compiled: compiled, drafts: drafts, rows: rows)
            return rows
        }
    }

    struct Reading: TableReading {
        let content: RuleRows
        let security: SecurityManager
        let uptime: UptimeReference

        var rows: RowIndex { content.index }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionSecurityMIB.OrionSecurityRuleEntry.Column(rawValue: column) else { return nil }
            let row = content.rows[position]
            switch column {
            case .orionSecurityRulePriority: return row.columns.value(.orionSecurityRulePriority)
            case .orionSecurityRulePrincipalType: return row.columns.value(.orionSecurityRulePrincipalType)
            case .orionSecurityRulePrincipal: return row.columns.value(.orionSecurityRulePrincipal)
            case .orionSecurityRuleMinimumLevel: return row.columns.value(.orionSecurityRuleMinimumLevel)
            case .orionSecurityRuleSource: return row.columns.value(.orionSecurityRuleSource)
            case .orionSecurityRuleActions: return row.columns.value(.orionSecurityRuleActions)
            case .orionSecurityRuleTargetType: return row.columns.value(.orionSecurityRuleTargetType)
            case .orionSecurityRuleTarget: return row.columns.value(.orionSecurityRuleTarget)
            case .orionSecurityRuleDays: return row.columns.value(.orionSecurityRuleDays)
            case .orionSecurityRuleWindowStart: return row.columns.value(.orionSecurityRuleWindowStart)
            case .orionSecurityRuleWindowEnd: return row.columns.value(.orionSecurityRuleWindowEnd)
            case .orionSecurityRuleWindowZone: return row.columns.value(.orionSecurityRuleWindowZone)
            case .orionSecurityRuleEffect: return row.columns.value(.orionSecurityRuleEffect)
            case .orionSecurityRuleAudited: return row.columns.value(.orionSecurityRuleAudited)
            case .orionSecurityRuleDescription: return row.columns.value(.orionSecurityRuleDescription)
            case .orionSecurityRuleHits: return .counter64(security.statistics(ofRule: row.name)?.hits ?? 0)
            case .orionSecurityRuleLastHit: return uptime.timeTicks(security.statistics(ofRule: row.name)?.lastHit)
            case .orionSecurityRuleStorageType: return row.columns.value(.orionSecurityRuleStorageType)
            case .orionSecurityRuleRowStatus: return .integer(row.status.rawValue)
            }
        }
    }

    func change(
        column: Int, row tail: ArraySlice<UInt32>, to value: Value
    ) throws(WriteRefusal) -> ManagedChange {
        guard let column = SecurityRuleRow.Column(rawValue: column) else { throw WriteRefusal(.notWritable) }
        var index = CountedIndex(tail)
        guard let name = index.name(1...32), index.isAtEnd else { throw WriteRefusal(.noCreation) }
        // Refused here, for its own binding, when no rule could have it.
        var row = SecurityRuleRow()
        try row.set(column, to: value)
        return .policy(.rule(name, column, value))
    }
}
