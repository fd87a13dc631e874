package import NetworkModel

/// One change of a policy. Several are made together or not at all.
package enum PolicyChange: Sendable, Hashable {
    /// Adds a rule; its name must be free.
    case add(SecurityRule)
    /// Replaces the rule of the same name.
    case modify(SecurityRule)
    /// Removes a rule by name.
    case remove(String)
    /// Adds a group, or replaces the one of the same name.
    case setGroup(PrincipalGroup)
    /// Removes a group by name; no rule may speak of it.
    case removeGroup(String)
    case setDefaultEffect(SecurityRule.Effect)
    /// Puts another policy in the place of this one: how an administrator on the host gets back in. Takes no account of
    /// the storage type of what it replaces.
    case replaceAll(SecurityPolicy)
}

/// Why a policy cannot be changed so.
package struct PolicyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure. Extensible: compare with the constants.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let description: String

        /// There is no such rule or group.
        package static let notFound = Code(description: "not found")
        /// The name is taken.
        package static let exists = Code(description: "exists already")
        /// A field is outside what it may be.
        package static let invalidValue = Code(description: "invalid value")
        /// A group that a rule speaks of is missing, or would be.
        package static let inconsistent = Code(description: "inconsistent")
        /// The storage type forbids it.
        package static let readOnly = Code(description: "read only")
        /// No room for more rules or groups.
        package static let full = Code(description: "full")
        /// Another change is under way.
        package static let busy = Code(description: "busy")
        /// It could not be recorded or kept on disk; nothing has changed.
        package static let notStored = Code(description: "not stored")
    }

    package let code: Code
    /// Which rule or group, which field, what was expected.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    package var description: String { "\(message): \(code)" }
}

extension SecurityPolicy {
    /// The policy after `changes`, in their order, checked as a whole.
    package func applying(_ changes: [PolicyChange]) throws(PolicyError) -> SecurityPolicy {
        var policy = self
        for change in changes { try policy.apply(change) }
        try policy.validate()
        return policy
    }

    private mutating func apply(_ change: PolicyChange) throws(PolicyError) {
        switch change {
        case .add(let rule):
            guard self.rule(rule.name) == nil else { throw PolicyError(.exists, Self.title(of: rule.name)) }
            rules.append(rule)
        case .modify(let rule):
            let index = try index(ofRule: rule.name)
            guard rules[index].storage != .readOnly else { throw PolicyError(.readOnly, Self.title(of: rule.name)) }
            // RFC 2579 StorageType: permanent and readOnly are neither entered nor left.
            guard
                rules[index].storage == rule.storage
                    || (rules[index].storage != .permanent && rule.storage != .permanent && rule.storage != .readOnly)
            else { throw PolicyError(.readOnly, "storage type of " + Self.title(of: rule.name)) }
            rules[index] = rule
        case .remove(let name):
            let index = try index(ofRule: name)
            guard rules[index].storage != .readOnly, rules[index].storage != .permanent else {
                throw PolicyError(.readOnly, Self.title(of: name))
            }
            rules.remove(at: index)
        case .setGroup(let group):
            if let index = groups.firstIndex(where: { $0.name == group.name }) {
                groups[index] = group
            } else {
                groups.append(group)
            }
        case .removeGroup(let name):
            guard let index = groups.firstIndex(where: { $0.name == name }) else {
                throw PolicyError(.notFound, "group \"\(PrintableOctets.text(of: name.utf8))\"")
            }
            groups.remove(at: index)
        case .setDefaultEffect(let effect):
            defaultEffect = effect
        case .replaceAll(let policy):
            self = policy
        }
    }

    private func index(ofRule name: String) throws(PolicyError) -> Int {
        guard let index = rules.firstIndex(where: { $0.name == name }) else {
            throw PolicyError(.notFound, Self.title(of: name))
        }
        return index
    }

    fileprivate static func title(of rule: String) -> String {
        "rule \"\(PrintableOctets.text(of: rule.utf8))\""
    }
}

extension SecurityPolicy {
    /// Refuses what no rule or group may be, a name twice, and a rule whose group is missing.
    package func validate() throws(PolicyError) {
        guard rules.count <= Self.maximumRules else {
            throw PolicyError(.full, "\(rules.count) rules, at most \(Self.maximumRules)")
        }
        guard groups.count <= Self.maximumGroups else {
            throw PolicyError(.full, "\(groups.count) groups, at most \(Self.maximumGroups)")
        }
        var groupNames: Set<String> = []
        for group in groups {
            let title = "group \"\(PrintableOctets.text(of: group.name.utf8))\""
            guard Self.isName(group.name) else {
                throw PolicyError(.invalidValue, title + ", name: 1..32 octets, no control characters")
            }
            guard groupNames.insert(group.name).inserted else { throw PolicyError(.exists, title) }
            guard group.members.count <= PrincipalGroup.maximumMembers else {
                throw PolicyError(.full, title + ", at most \(PrincipalGroup.maximumMembers) members")
            }
        }
        var ruleNames: Set<String> = []
        for rule in rules {
            try rule.validate()
            guard ruleNames.insert(rule.name).inserted else { throw PolicyError(.exists, Self.title(of: rule.name)) }
            if case .group(let name) = rule.principal, !groupNames.contains(name) {
                throw PolicyError(
                    .inconsistent,
                    Self.title(of: rule.name) + ", group \"\(PrintableOctets.text(of: name.utf8))\" does not exist")
            }
        }
    }

    fileprivate static func isName(_ name: String) -> Bool {
        (1...32).contains(name.utf8.count) && isText(name)
    }

    fileprivate static func isText(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}

extension SecurityRule {
    /// Refuses a field that is out of range.
    package func validate() throws(PolicyError) {
        let title = SecurityPolicy.title(of: name)
        guard SecurityPolicy.isName(name) else {
            throw PolicyError(.invalidValue, title + ", name: 1..32 octets, no control characters")
        }
        guard (1...65535).contains(priority) else {
            throw PolicyError(.invalidValue, title + ", priority \(priority): 1..65535")
        }
        guard !actions.isEmpty, actions.isSubset(of: .all) else {
            throw PolicyError(.invalidValue, title + ", actions: at least one of read, configure, operate, administer")
        }
        guard summary.utf8.count <= 255, SecurityPolicy.isText(summary) else {
            throw PolicyError(.invalidValue, title + ", description: at most 255 octets, no control characters")
        }
        guard storage != .other else { throw PolicyError(.invalidValue, title + ", storage type") }
    }
}
