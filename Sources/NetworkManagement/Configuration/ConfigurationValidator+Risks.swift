import NetworkModel

extension ConfigurationValidator {
    /// Which steps would cut the way by which somebody talks to us.
    static func risks(_ plan: ConfigurationPlan, path: Set<String>) -> [ConfigurationFinding] {
        guard !path.isEmpty else { return [] }
        return plan.steps.compactMap { step in
            guard path.contains(step.step.name) else { return nil }
            switch step.step {
            case .delete, .set(_, .up(false)), .set(_, .removeAddress), .set(_, .master):
                return .init(
                    .risk, step.setting,
                    "\(step.step): that is the way by which you talk to this host; a commit to be confirmed comes back "
                        + "by itself")
            default: return nil
            }
        }
    }
}
