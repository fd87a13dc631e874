import Logging
import NetworkModel
import ServiceLifecycle
import UnixSignals

/// Says when the daemon is ready and when it ends, and reads the configuration again on SIGHUP.
struct Supervision: Service {
    let context: DaemonContext
    let parts: DaemonParts

    func run() async throws {
        // Before the daemon is ready: a SIGHUP that nobody handles would end it.
        let hangUps = await UnixSignalsSequence(trapping: .sighup)
        context.logger.notice("ready")
        // Whether or not snmpd is there: a service that waits for another must not fail to start for it.
        context.serviceManager.ready()

        for await _ in hangUps.cancelOnGracefulShutdown() {
            context.serviceManager.reloading()
            await parts.reload()
            context.serviceManager.ready()
        }
        context.serviceManager.stopping()
        context.logger.notice("stopping")
    }
}
