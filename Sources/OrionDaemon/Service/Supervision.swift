import Logging
import NetworkModel
import ServiceLifecycle
import UnixSignals

/// Says when the daemon is ready and when it ends, and reads the configuration again on SIGHUP.
struct Supervision: Service {
    let source: ConfigurationSource
    let context: DaemonContext
    let parts: DaemonParts
    let output: LogOutput

    func run() async throws {
        // Before the daemon is ready: a SIGHUP that nobody handles would end it.
        let hangUps = await UnixSignalsSequence(trapping: .sighup)
        context.logger.notice("ready")
        // Whether or not snmpd is there: a service that waits for another must not fail to start for it.
        context.serviceManager.ready()

        var configuration = context.configuration
        for await _ in hangUps.cancelOnGracefulShutdown() {
            context.serviceManager.reloading()
            configuration = await reload(configuration)
            context.serviceManager.ready()
        }
        context.serviceManager.stopping()
        context.logger.notice("stopping")
    }

    /// Returns the configuration in force afterwards.
    private func reload(_ current: NetworkConfiguration) async -> NetworkConfiguration {
        let wanted: NetworkConfiguration
        do {
            wanted = try source.load()
        } catch {
            for problem in error.problems {
                context.logger.error("configuration not reloaded", metadata: ["problem": "\(problem)"])
            }
            return current
        }
        let change = ConfigurationChange(from: current, to: wanted)
        output.set(level: change.effective.log.level)
        if !change.applied.isEmpty { await parts.reconfigure(change.effective) }
        context.logger.notice(
            "configuration reloaded", metadata: ["changed": "\(change.applied.joined(separator: ","))"])
        if !change.waiting.isEmpty {
            context.logger.warning(
                "changed settings need a restart", metadata: ["settings": "\(change.waiting.joined(separator: ","))"])
        }
        return change.effective
    }
}
