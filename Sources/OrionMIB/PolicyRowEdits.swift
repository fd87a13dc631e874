import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

/// What the variable bindings of one SET ask of the policy, put together row by row: the order in which they came makes
/// no difference (RFC 3416 section 4.2.5, "as if simultaneous").
struct PolicyRowEdits {
    private struct RuleEdit {
        let name: String
        var columns: [(column: SecurityRuleRow.Column, value: Value, binding: Int)] = []
        var status: (value: SNMPv2TC.RowStatus, binding: Int)?
        let firstBinding: Int

        func binding(of column: SecurityRuleRow.Column) -> Int {
            columns.last { $0.column == column }?.binding ?? status?.binding ?? firstBinding
        }
    }

    private struct GroupEdit {
        let name: String
        var members: [(pattern: GlobPattern, status: SNMPv2TC.RowStatus, binding: Int)] = []
    }

    private let policy: SecurityPolicy
    private let content: PolicyRowContent
    private var rules: [RuleEdit] = []
    private var groups: [GroupEdit] = []
    private var rulePositions: [String: Int] = [:]
    private var groupPositions: [String: Int] = [:]
    private var defaultEffect: (value: SecurityRule.Effect, binding: Int)?
    private var locks: [(value: Int32, binding: Int)] = []
    /// The first variable binding that is about the policy; 0 before there is one.
    private(set) var firstBinding = 0

    /// - Parameters:
    ///   - policy: what is in force.
    ///   - content: the rows that are no policy yet.
    init(_ policy: SecurityPolicy, _ content: PolicyRowContent) {
        self.policy = policy
        self.content = content
    }

    var isEmpty: Bool { firstBinding == 0 }

    mutating func add(_ edit: PolicyEdit, binding: Int) {
        if isEmpty { firstBinding = binding }
        switch edit {
        case .rule(let name, let column, let value):
            let position = rulePositions[name] ?? rules.count
            if position == rules.count {
                rules.append(RuleEdit(name: name, firstBinding: binding))
                rulePositions[name] = position
            }
            if column == .orionSecurityRuleRowStatus, let status = try? value.enumeration(SNMPv2TC.RowStatus.self) {
                rules[position].status = (status, binding)
            } else {
                rules[position].columns.append((column, value, binding))
            }
        case .member(let name, let pattern, let status):
            let position = groupPositions[name] ?? groups.count
            if position == groups.count {
                groups.append(GroupEdit(name: name))
                groupPositions[name] = position
            }
            groups[position].members.append((pattern, status, binding))
        case .defaultEffect(let effect): defaultEffect = (effect, binding)
        case .lock(let value): locks.append((value, binding))
        }
    }

    /// The changes that come of it.
    ///
    /// - Throws: for a row that cannot be so; whether the policy as a whole can, it decides itself.
    func plan(at now: MonotonicTime) throws(RefusedBinding) -> PolicyPlan {
        var plan = PolicyPlan(content: content)
        for lock in locks where lock.value != content.lock {
            throw RefusedBinding(WriteRefusal(.inconsistentValue, "the lock is at \(content.lock)"), lock.binding)
        }
        if !locks.isEmpty { plan.content.incrementLock() }
        // A rule may speak of a group that comes with it, and a group may go with the last rule that speaks of it.
        var removals: [(PolicyChange, binding: Int)] = []
        for group in groups {
            let change = try change(of: group)
            switch change?.0 {
            case .removeGroup: if let change { removals.append(change) }
            default: if let change { plan.changes(change.0, change.binding) }
            }
        }
        for rule in rules { try add(rule, to: &plan, at: now) }
        for removal in removals { plan.changes(removal.0, removal.binding) }
        if let defaultEffect, defaultEffect.value != policy.defaultEffect {
            plan.changes(.setDefaultEffect(defaultEffect.value), defaultEffect.binding)
        }
        return plan
    }

    private func change(of edit: GroupEdit) throws(RefusedBinding) -> (PolicyChange, binding: Int)? {
        let group = policy.group(edit.name)
        var members = group?.members ?? []
        for member in edit.members {
            do throws(WriteRefusal) {
                switch try member.status.transition(exists: members.contains(member.pattern)) {
                case .create: members.append(member.pattern)
                case .setActive: break
                case .destroy: members.removeAll { $0 == member.pattern }
                }
            } catch {
                throw RefusedBinding(error, member.binding)
            }
        }
        let binding = edit.members.last?.binding ?? firstBinding
        guard members != group?.members ?? [] else { return nil }
        return members.isEmpty
            ? (.removeGroup(edit.name), binding)
            : (.setGroup(PrincipalGroup(name: edit.name, members: members)), binding)
    }

    private func add(_ edit: RuleEdit, to plan: inout PolicyPlan, at now: MonotonicTime) throws(RefusedBinding) {
        let present = policy.rule(edit.name)
        let old = present.map { SecurityRuleRow($0) } ?? content.drafts[edit.name]?.row
        let transition: RowTransition?
        do throws(WriteRefusal) {
            transition = try edit.status?.value.transition(exists: old != nil)
        } catch {
            throw RefusedBinding(error, edit.status?.binding ?? edit.firstBinding)
        }
        var isActive = present?.isEnabled ?? false
        switch transition {
        case .destroy: return try destroy(edit, present, in: &plan)
        case .create(let active), .setActive(let active): isActive = active
        case nil:
            guard old != nil else {
                throw RefusedBinding(WriteRefusal(.inconsistentName, "there is no such row"), edit.firstBinding)
            }
        }
        let row = try row(of: edit, old: old)
        let rule: SecurityRule?
        do {
            rule = try row.rule(named: edit.name, isEnabled: isActive)
        } catch {
            throw RefusedBinding(WriteRefusal(.inconsistentValue, error.reason), edit.binding(of: error.column))
        }
        guard let rule else { return try keepDraft(row, edit, transition, in: &plan, at: now) }
        plan.content.drafts[edit.name] = nil
        if let present {
            if rule != present { plan.changes(.modify(rule), edit.firstBinding) }
        } else {
            plan.changes(.add(rule), edit.firstBinding)
        }
    }

    private func destroy(
        _ edit: RuleEdit, _ present: SecurityRule?, in plan: inout PolicyPlan
    ) throws(RefusedBinding) {
        plan.content.drafts[edit.name] = nil
        guard let present else { return }
        let binding = edit.status?.binding ?? edit.firstBinding
        guard present.storage != .permanent, present.storage != .readOnly else {
            throw RefusedBinding(WriteRefusal(.inconsistentValue, "the rule's storage type forbids it"), binding)
        }
        plan.changes(.remove(edit.name), binding)
    }

    private func row(of edit: RuleEdit, old: SecurityRuleRow?) throws(RefusedBinding) -> SecurityRuleRow {
        var row = old ?? SecurityRuleRow()
        // The type first: it resets a pattern that it takes none of.
        let ordered =
            edit.columns.filter { $0.column == .orionSecurityRuleTargetType }
            + edit.columns.filter { $0.column != .orionSecurityRuleTargetType }
        for (column, value, binding) in ordered {
            do {
                try row.set(column, to: value)
            } catch {
                throw RefusedBinding(error, binding)
            }
        }
        let settable: Set<StorageType> = [.volatile, .nonVolatile]
        let before = old?.storage ?? .nonVolatile
        guard row.storage == before || (settable.contains(row.storage) && settable.contains(before)) else {
            throw RefusedBinding(
                WriteRefusal(.inconsistentValue, "permanent and readOnly are neither entered nor left"),
                edit.binding(of: .orionSecurityRuleStorageType))
        }
        return row
    }

    /// Keeps a row without an effect, which can only be notReady.
    private func keepDraft(
        _ row: SecurityRuleRow, _ edit: RuleEdit, _ transition: RowTransition?, in plan: inout PolicyPlan,
        at now: MonotonicTime
    ) throws(RefusedBinding) {
        guard transition == nil || transition == .create(isActive: false) else {
            throw RefusedBinding(
                WriteRefusal(.inconsistentValue, "orionSecurityRuleEffect is not set"),
                edit.status?.binding ?? edit.firstBinding)
        }
        plan.content.drafts[edit.name] = PolicyRowContent.Draft(row: row, touched: now)
        guard plan.content.drafts.count <= PolicyRowContent.maximumDrafts else {
            throw RefusedBinding(
                WriteRefusal(.resourceUnavailable, "\(PolicyRowContent.maximumDrafts) rows are notReady already"),
                edit.firstBinding)
        }
    }
}

/// What a SET comes to for the policy.
struct PolicyPlan {
    private(set) var changes: [PolicyChange] = []
    /// Beside `changes`: which variable binding each is about.
    private var bindings: [Int] = []
    /// The rows that will be no policy yet, and the lock.
    var content: PolicyRowContent

    init(content: PolicyRowContent) {
        self.content = content
    }

    fileprivate mutating func changes(_ change: PolicyChange, _ binding: Int) {
        changes.append(change)
        bindings.append(binding)
    }

    /// The variable binding of the first change with which `policy` can no longer be.
    func binding(atFaultIn policy: SecurityPolicy) -> Int {
        var low = 0
        var high = max(0, changes.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if (try? policy.applying(Array(changes[...middle]))) == nil { high = middle } else { low = middle + 1 }
        }
        return bindings.isEmpty ? 0 : bindings[low]
    }
}
