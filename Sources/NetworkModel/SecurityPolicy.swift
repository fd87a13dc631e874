/// Who may do what: ordered rules, the groups they speak of, and what holds where no rule applies.
///
/// The first rule that applies decides, in ascending order of priority and then of name. The SNMP agent has asked its
/// own access control (VACM, RFC 3415) before any of this, and that denies by default; so a policy without rules permits
/// what VACM let through, unless `defaultEffect` says otherwise.
package struct SecurityPolicy: Sendable, Hashable {
    /// In any order; names are unique.
    package var rules: [SecurityRule] = []
    /// By name; at most 64.
    package var groups: [PrincipalGroup] = []
    /// What happens to a request that no rule applies to.
    package var defaultEffect: SecurityRule.Effect = .permit

    /// What one policy holds at most.
    package static let maximumRules = 10_000
    package static let maximumGroups = 64

    package init() {}

    /// The rules in the order in which they are tried.
    package var orderedRules: [SecurityRule] {
        rules.sorted { ($0.priority, $0.name) < ($1.priority, $1.name) }
    }

    package func rule(_ name: String) -> SecurityRule? {
        rules.first { $0.name == name }
    }

    package func group(_ name: String) -> PrincipalGroup? {
        groups.first { $0.name == name }
    }
}

/// Principals under one name.
package struct PrincipalGroup: Sendable, Hashable {
    /// 1..32 octets of UTF-8 without control characters.
    package var name: String
    /// At most 1,000 patterns of security names.
    package var members: [GlobPattern]

    package static let maximumMembers = 1000

    package init(name: String, members: [GlobPattern]) {
        self.name = name
        self.members = members
    }
}
