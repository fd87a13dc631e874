package import NetworkModel

/// How a decision came about.
package struct PolicyExplanation: Sendable, Hashable {
    /// What one rule made of the request.
    package struct Step: Sendable, Hashable {
        package let rule: String
        package let effect: SecurityRule.Effect
        /// The first test that the request failed; nil when the rule applies.
        package let failedTest: CompiledPolicy.Test?
    }

    package let decision: AccessDecision
    /// The enabled rules in order, up to the one that decides; empty when no rule was asked.
    package let steps: [Step]
}

extension PolicyExplanation: CustomStringConvertible {
    /// One line for the decision and one for each rule that was tried.
    package var description: String {
        let lines = steps.map { step in
            let verdict = step.failedTest.map { "does not apply: other \($0)" } ?? "applies"
            return "  \(step.effect) \"\(step.rule)\": \(verdict)"
        }
        return ([decision.description] + lines).joined(separator: "\n")
    }
}
