import Logging
import NetworkManagement
import NetworkModel
import StateStore

/// What becomes of the configuration file: at the start, and on SIGHUP, it is committed as any candidate is.
struct ConfigurationStartup: Sendable {
    let manager: ConfigurationManager
    let runner: ConfigurationRunner
    let context: DaemonContext
    let state: ManagementState
    let logger: Logger

    /// Takes back what was not confirmed, puts the last confirmed revision in force, and then a file that is new.
    func run() async {
        await runner.run { [self] in
            do {
                for finding in try await manager.start(context.configuration) {
                    logger.error("not as configured", metadata: ["finding": "\(finding)"])
                }
            } catch {
                logger.critical("the configuration cannot be read", metadata: ["error": "\(error)"])
                return
            }
            let revisions = manager.snapshot.revisions
            let isNew = (try? state.isNew(context.configuration, since: revisions)) ?? false
            guard isNew || manager.snapshot.revision == 0 else { return }
            await commit(context.configuration, origin: context.source.file == nil ? .start : .file, isReload: false)
        }
    }

    /// Reads the file again.
    func reload() async {
        let wanted: NetworkConfiguration
        do {
            wanted = try context.source.load()
        } catch {
            for problem in error.problems {
                logger.error("configuration not reloaded", metadata: ["problem": "\(problem)"])
            }
            reject(error.problems.first.map { "\($0)" } ?? "\(error)")
            return
        }
        await runner.run { [self] in
            state.note(.reload)
            await commit(wanted, origin: .file, isReload: true)
        }
    }

    /// The old configuration stays; the log and an alarm say why.
    private func reject(_ problem: String) {
        ManagerAlarms(state.alarms).reject("the configuration file is not in force: \(problem)")
    }

    private func commit(
        _ wanted: NetworkConfiguration, origin: ConfigurationRevision.Origin, isReload: Bool
    ) async {
        let before = manager.snapshot.configuration
        // One that is in force already is committed all the same when it is not known to come from the file: what is
        // changed over SNMP later is to outlive the next start.
        let isNew = (try? state.isNew(wanted, since: manager.snapshot.revisions)) ?? true
        if wanted == before, isReload, !isNew {
            logger.notice("configuration reloaded", metadata: ["changed": ""])
            ManagerAlarms(state.alarms).accept()
            return
        }
        var request = ConfigurationRequest(.host, origin)
        request.comment = context.source.file.map { printable($0) } ?? "defaults"
        request.fileDigest = (try? state.configurations.digest(of: wanted)) ?? []
        request.heedsLock = isReload
        let outcome = await manager.commit(wanted, request)
        for finding in outcome.findings where finding.severity != .error {
            logger.warning("configuration", metadata: ["finding": "\(finding)"])
        }
        if let failure = outcome.failure {
            logger.error("configuration not reloaded", metadata: ["problem": "\(failure)"])
            reject(failure.message)
            return
        }
        guard isReload else { return }
        let change = ConfigurationChange(from: before, to: wanted)
        logger.notice(
            "configuration reloaded", metadata: ["changed": "\(change.applied.joined(separator: ","))"])
        if !change.waiting.isEmpty {
            logger.warning(
                "changed settings need a restart", metadata: ["settings": "\(change.waiting.joined(separator: ","))"])
        }
    }
}
