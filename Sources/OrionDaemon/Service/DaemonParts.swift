import Logging
import NetworkModel
import ServiceLifecycle

/// What the composition is made from.
struct DaemonContext: Sendable {
    /// As the file and the command line say.
    let configuration: NetworkConfiguration
    let source: ConfigurationSource
    let output: LogOutput
    let logger: Logger
    let serviceManager: ServiceManager
    /// The variables of the environment that the daemon heeds.
    let environment: [String: String]
}

/// What the composition made: the managers and the session, as the daemon runs them.
struct DaemonParts: Sendable {
    /// Started in this order; asked to end in the reverse order, each when the one after it has ended.
    let services: [any Service]
    /// Reads the configuration file again and puts it in force, or logs why not.
    let reload: @Sendable () async -> Void
}
