/// The switches of the security manager.
///
/// | access control | enforcement | a request |
/// | --- | --- | --- |
/// | off | any | is permitted; no rule is looked at |
/// | on | off | is judged, counted and told as denied, and permitted |
/// | on | on | is judged, and what is denied does not happen |
package struct SecurityOptions: Sendable, Hashable {
    /// What becomes of a SET that comes without a principal record.
    package enum PrincipalRequirement: Sendable, Hashable {
        /// It is refused.
        case required
        /// It is by `Principal.unknown`.
        case optional
    }

    /// access_control_enabled.
    package var isAccessControlEnabled = true
    /// security_policy_enforcement.
    package var isPolicyEnforced = true
    package var principal: PrincipalRequirement = .required
    /// Like denials are told once in this time; the others are counted.
    package var eventInterval: Duration = .seconds(10)

    package init() {}
}
