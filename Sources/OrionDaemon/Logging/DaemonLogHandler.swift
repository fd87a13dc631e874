import Logging
import NetworkModel
import Synchronization

/// What all loggers of the daemon share: the level, which a reload may change, and the writer.
final class LogOutput: Sendable {
    private let levelInForce: Mutex<Logger.Level>
    let writer: any LogWriter

    init(level: LogLevel, writer: any LogWriter) {
        levelInForce = Mutex(Logger.Level(level))
        self.writer = writer
    }

    var level: Logger.Level { levelInForce.withLock { $0 } }

    func set(level: LogLevel) {
        levelInForce.withLock { $0 = Logger.Level(level) }
    }
}

/// Merges an event with its logger's metadata and hands it to the writer.
struct DaemonLogHandler: LogHandler {
    let label: String
    let output: LogOutput
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    /// Set for this one logger; nil follows the output.
    private var ownLevel: Logger.Level?

    init(label: String, output: LogOutput) {
        self.label = label
        self.output = output
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? output.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var merged = metadata
        if let provided = metadataProvider?.get() { merged.merge(provided) { _, new in new } }
        if let own = event.metadata { merged.merge(own) { _, new in new } }
        if let error = event.error { merged["error"] = "\(error)" }
        output.writer.write(
            LogRecord(
                level: event.level, label: label, message: event.message.description,
                metadata: merged.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) },
                file: event.file, function: event.function, line: event.line))
    }
}

extension Logger.Level {
    init(_ level: LogLevel) {
        self =
            switch level {
            case .trace: .trace
            case .debug: .debug
            case .info: .info
            case .notice: .notice
            case .warning: .warning
            case .error: .error
            case .critical: .critical
            }
    }
}
