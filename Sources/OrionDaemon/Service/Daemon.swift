import Glibc
import Logging
import NetworkModel
import ServiceLifecycle
import UnixSignals

/// The daemon from its first log line to its last.
struct Daemon {
    let source: ConfigurationSource
    let configuration: NetworkConfiguration
    let environment: [String: String]

    /// Longer than any service needs to answer what is outstanding and to close its session.
    private static let longestShutdown: Duration = .seconds(10)

    /// Runs until SIGTERM or SIGINT; throws when a service fails.
    func run() async throws {
        // A peer that goes away shows as an error of the write.
        signal(SIGPIPE, SIG_IGN)
        let output = LogOutput(level: configuration.log.level, writer: logWriter())
        LoggingSystem.bootstrap { DaemonLogHandler(label: $0, output: output) }
        let logger = Logger(label: "oriond")
        logger.notice(
            "starting",
            metadata: [
                "version": "\(version)", "pid": "\(getpid())", "configuration": "\(source.file ?? "defaults")",
            ])
        let context = DaemonContext(
            configuration: configuration, source: source, output: output, logger: logger,
            serviceManager: ServiceManager(socket: environment["NOTIFY_SOCKET"]), environment: environment)
        do {
            let parts = try await Composition.parts(for: context)
            let supervision = Supervision(context: context, parts: parts)
            var groupLogger = Logger(label: "oriond.services")
            // The group tells every step at info; its warnings are what matters.
            groupLogger.logLevel = max(.notice, output.level)
            var group = ServiceGroupConfiguration(
                services: parts.services + [supervision], gracefulShutdownSignals: [.sigterm, .sigint],
                logger: groupLogger)
            group.maximumGracefulShutdownDuration = Self.longestShutdown
            try await ServiceGroup(configuration: group).run()
        } catch {
            logger.critical("failed", metadata: ["error": "\(error)"])
            throw error
        }
        logger.notice("stopped")
    }

    private func logWriter() -> any LogWriter {
        let lines = LineLog()
        let usesJournal =
            switch configuration.log.destination {
            case .automatic: JournalLog.isConnected(to: STDERR_FILENO, stream: environment["JOURNAL_STREAM"])
            case .standardError: false
            case .journal: true
            }
        if usesJournal, let journal = JournalLog(fallback: lines) { return journal }
        return lines
    }
}
