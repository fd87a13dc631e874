import NetworkModel

/// What the security manager says to one request.
package struct AccessDecision: Sendable, Hashable {
    /// What happens.
    package enum Outcome: Sendable, Hashable {
        case permitted
        case denied(Denial)
    }

    /// What a denial is about: whoever it is may do nothing of the kind, or not to this target.
    package enum Denial: Sendable, Hashable {
        case principal
        case target
    }

    /// What the decision rests on.
    package enum Basis: Sendable, Hashable {
        /// Access control is switched off: nothing was evaluated.
        case accessControlOff
        /// An administrator on the host itself, whom no policy locks out.
        case host
        /// The first rule that applies.
        case rule(String)
        /// No rule applies.
        case defaultEffect
    }

    package let outcome: Outcome
    package let basis: Basis
    /// Why the policy denies it; nil when it permits it. Present beside `.permitted` when the policy is not enforced: it
    /// would have been denied.
    package let reason: DenialReason?
    /// Whether the rule asks for a record of it.
    package let isAudited: Bool

    package init(outcome: Outcome, basis: Basis, reason: DenialReason?, isAudited: Bool) {
        self.outcome = outcome
        self.basis = basis
        self.reason = reason
        self.isAudited = isAudited
    }

    package var isPermitted: Bool { outcome == .permitted }
    /// Permitted only because the policy is not enforced.
    package var wouldBeDenied: Bool { isPermitted && reason != nil }

    /// The rule that decided; nil when none did.
    package var rule: String? {
        if case .rule(let name) = basis { name } else { nil }
    }
}

/// Why the policy denies a request. Where no rule applies, it is the test that the nearest permitting rule failed.
package enum DenialReason: UInt8, Sendable, Hashable, CaseIterable {
    /// A rule that applies denies it.
    case rule = 0
    /// No permitting rule is about this principal.
    case principal = 1
    /// ... from this source.
    case source = 2
    /// ... with so little protection.
    case level = 3
    /// ... at this time.
    case window = 4
    /// ... doing this.
    case action = 5
    /// ... to this target.
    case target = 6
}

extension DenialReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .rule: "a rule denies it"
        case .principal: "no rule permits this principal"
        case .source: "no rule permits it from this source"
        case .level: "no rule permits it at this security level"
        case .window: "no rule permits it at this time"
        case .action: "no rule permits this action"
        case .target: "no rule permits it on this target"
        }
    }
}

extension AccessDecision: CustomStringConvertible {
    /// One line for a log or an audit record.
    package var description: String {
        let basisText =
            switch basis {
            case .accessControlOff: "access control is off"
            case .host: "an administrator on the host"
            case .rule(let name): "rule \"\(name)\""
            case .defaultEffect: "no rule applies"
            }
        let reasonText = reason.map { ": \($0)" } ?? ""
        switch outcome {
        case .permitted:
            return (wouldBeDenied ? "would be denied, not enforced, " : "permitted, ") + basisText + reasonText
        case .denied: return "denied, " + basisText + reasonText
        }
    }
}
