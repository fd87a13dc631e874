package import NetworkModel

/// What takes over a configuration beside the kernel: the managers, and the policy.
package protocol ConfigurationTarget: Sendable {
    /// The policy in force, for validation.
    var policy: SecurityPolicy { get }

    /// Whether a principal may do something, by the policy in force.
    func isPermitted(_ principal: Principal, to request: AccessRequest) -> AccessDecision

    /// From where the host was managed lately, the last first.
    var managers: [SourceAddress] { get }

    /// What of the daemon's own settings would cut off whoever manages the host.
    func risks(of configuration: NetworkConfiguration, from old: NetworkConfiguration) -> [ConfigurationFinding]

    /// What is wrong with what managers other than that of interfaces are to take over.
    func findings(for configuration: NetworkConfiguration) -> [ConfigurationFinding]

    /// Takes over what differs, rules durably; all of it or nothing. What needs a restart waits for one.
    func takeOver(
        _ configuration: NetworkConfiguration, from old: NetworkConfiguration, by principal: Principal
    ) async throws(ManagementError)
}
