import Logging
import NetworkModel
import ServiceLifecycle

/// What the composition is made from.
struct DaemonContext: Sendable {
    let configuration: NetworkConfiguration
    let logger: Logger
    let serviceManager: ServiceManager
    /// The variables of the environment that the daemon heeds.
    let environment: [String: String]
}

/// What the composition made: the managers and the session, as the daemon runs them.
struct DaemonParts: Sendable {
    /// Started in this order; asked to end in the reverse order, each when the one after it has ended.
    let services: [any Service]
    /// Takes over what a reload changed. Settings that need a restart are as they were.
    let reconfigure: @Sendable (NetworkConfiguration) async -> Void
}
