extension ManagementError {
    /// What a request comes to that the policy denies; nil when it permits it.
    package init?(_ decision: AccessDecision) {
        switch decision.outcome {
        case .permitted: return nil
        case .denied(.principal): self.init(.notAuthorized, decision.description)
        case .denied(.target): self.init(.notAccessible, decision.description)
        }
    }

    package init(_ refusal: PrincipalRefusal) {
        self.init(.notAuthorized, refusal.description)
    }

    package init(_ error: PolicyError) {
        let code: Code =
            switch error.code {
            case .notFound: .notFound
            case .invalidValue: .invalidValue
            case .exists, .inconsistent: .inconsistent
            case .readOnly: .notPermitted
            case .full, .busy, .notStored: .exhausted
            default: .failed
            }
        self.init(code, error.description)
    }

    /// Whatever keeps the audit from taking a record keeps what it would announce from happening.
    package init(_ error: StoreError) {
        self.init(.exhausted, error.description)
    }
}
