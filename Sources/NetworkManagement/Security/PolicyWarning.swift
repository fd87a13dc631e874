package import NetworkModel

/// What a policy does that is hardly meant. It holds all the same: a warning is told, not enforced.
package enum PolicyWarning: Sendable, Hashable {
    /// Nobody may change the policy by SNMP any more; an administrator on the host still can.
    case nobodyAdministers
    /// Nobody may do anything but read.
    case nobodyChanges
    /// The rule can never apply, since an earlier one applies to all that it is about.
    case neverApplies(rule: String, because: String)
    /// The rule's group has no members.
    case emptyGroup(rule: String, group: String)
    /// The rule permits changes by requests that prove nothing about who sent them.
    case unauthenticatedChange(rule: String)
}

extension PolicyWarning: CustomStringConvertible {
    package var description: String {
        switch self {
        case .nobodyAdministers: "nobody may change the policy by SNMP any more; an administrator on the host still can"
        case .nobodyChanges: "nobody may change anything by SNMP any more; an administrator on the host still can"
        case .neverApplies(let rule, let earlier): "rule \"\(rule)\" never applies: \"\(earlier)\" comes first"
        case .emptyGroup(let rule, let group): "rule \"\(rule)\" is about nobody: group \"\(group)\" is empty"
        case .unauthenticatedChange(let rule): "rule \"\(rule)\" permits changes without authentication"
        }
    }
}

extension SecurityPolicy {
    /// The most rules that are compared with each other for `neverApplies`.
    private static let maximumCompared = 500

    /// What is hardly meant, found by comparing patterns: what it names is so, but it may miss some.
    package func warnings() -> [PolicyWarning] {
        var warnings: [PolicyWarning] = []
        let rules = orderedRules.filter(\.isEnabled)
        let empty = Set(groups.filter { $0.members.isEmpty }.map(\.name))
        var live: [SecurityRule] = []
        for rule in rules {
            if case .group(let name) = rule.principal, empty.contains(name) {
                warnings.append(.emptyGroup(rule: rule.name, group: name))
                continue
            }
            let earlier = live.prefix(Self.maximumCompared).first { covers($0, rule, actions: rule.actions) }
            if let earlier {
                warnings.append(.neverApplies(rule: rule.name, because: earlier.name))
            } else {
                live.append(rule)
            }
            if rule.effect == .permit, rule.minimumLevel == .noAuthNoPriv, rule.principal == .name(.any),
                !rule.actions.isDisjoint(with: [.configure, .operate, .administer])
            {
                warnings.append(.unauthenticatedChange(rule: rule.name))
            }
        }
        let changes: [ActionClasses] = [.configure, .operate, .administer]
        if !changes.contains(where: { permits($0, on: nil, by: live) }) {
            warnings.append(.nobodyChanges)
        } else if !permits(.administer, on: .system, by: live) {
            warnings.append(.nobodyAdministers)
        }
        return warnings
    }

    /// Whether somebody may do `action`: on `target`, or on anything when that is nil.
    private func permits(_ action: ActionClasses, on target: TargetPattern?, by rules: [SecurityRule]) -> Bool {
        var all = SecurityRule(name: "", effect: .permit)
        all.actions = action
        if let target { all.target = target }
        var denials: [SecurityRule] = []
        for rule in rules where !rule.actions.isDisjoint(with: action) {
            switch rule.effect {
            case .deny: denials.append(rule)
            case .permit:
                guard target == nil || Self.covers(rule.target, .system) else { continue }
                if !denials.prefix(Self.maximumCompared).contains(where: { covers($0, rule, actions: action) }) {
                    return true
                }
            }
        }
        return defaultEffect == .permit && !denials.contains { covers($0, all, actions: action) }
    }

    /// Whether `general` applies to every request of `actions` that `special` applies to.
    private func covers(_ general: SecurityRule, _ special: SecurityRule, actions: ActionClasses) -> Bool {
        guard general.actions.isSuperset(of: actions), general.minimumLevel <= special.minimumLevel,
            general.window == nil || general.window == special.window, Self.covers(general.target, special.target)
        else { return false }
        if let source = general.source {
            guard let other = special.source, source.covers(other) else { return false }
        }
        return members(of: special.principal).allSatisfy { member in
            members(of: general.principal).contains { $0.covers(member) }
        }
    }

    private func members(of principal: PrincipalPattern) -> [GlobPattern] {
        switch principal {
        case .name(let pattern): [pattern]
        case .group(let name): group(name)?.members ?? []
        }
    }

    private static func covers(_ general: TargetPattern, _ special: TargetPattern) -> Bool {
        switch (general, special) {
        case (.any, _), (.system, .system): true
        case (.interface(let pattern), .interface(let other)): pattern.covers(other)
        case (.kind(let pattern), .kind(let other)): pattern.covers(other)
        case (.driver(let pattern), .driver(let other)): pattern.covers(other)
        default: false
        }
    }
}
