import NetworkModel

extension SecurityPolicy {
    /// What differs between this policy and `other`, as objects of an audit record.
    func differences(to other: SecurityPolicy) -> [AuditObject] {
        var objects: [AuditObject] = []
        let old = Dictionary(rules.map { ($0.name, $0) }) { first, _ in first }
        let new = Dictionary(other.rules.map { ($0.name, $0) }) { first, _ in first }
        for name in Set(old.keys).union(new.keys).sorted() where old[name] != new[name] {
            objects.append(object("rule", name, old[name]?.auditText, new[name]?.auditText))
        }
        let oldGroups = Dictionary(groups.map { ($0.name, $0) }) { first, _ in first }
        let newGroups = Dictionary(other.groups.map { ($0.name, $0) }) { first, _ in first }
        for name in Set(oldGroups.keys).union(newGroups.keys).sorted() where oldGroups[name] != newGroups[name] {
            objects.append(object("group", name, oldGroups[name]?.auditText, newGroups[name]?.auditText))
        }
        if defaultEffect != other.defaultEffect {
            objects.append(object("default", "", "\(defaultEffect)", "\(other.defaultEffect)"))
        }
        return objects
    }

    private func object(_ kind: String, _ name: String, _ old: String?, _ new: String?) -> AuditObject {
        AuditObject(name: kind, target: name, old: old.map { .text($0) }, new: new.map { .text($0) })
    }
}

extension SecurityRule {
    /// Every field, for the audit.
    fileprivate var auditText: String {
        let window = window.map { window in
            "days \(window.days.rawValue) minutes \(window.start)-\(window.end) \(window.zone)"
        }
        let actionNames = ActionClass.allCases.filter { actions.contains(ActionClasses($0)) }
            .map { "\($0)" }.joined(separator: ",")
        return [
            "\(effect)", "priority \(priority)", "principal \(principal)", "level \(minimumLevel)",
            "source \(source.map { "\($0)" } ?? "any")", "actions \(actionNames)", "target \(target)",
            "window \(window ?? "always")", "audit \(isAudited)", "storage \(storage)", "enabled \(isEnabled)",
            "description \(summary)",
        ].joined(separator: "; ")
    }
}

extension PrincipalGroup {
    fileprivate var auditText: String { members.map(\.description).joined(separator: " ") }
}
