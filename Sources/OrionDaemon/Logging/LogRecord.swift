import Logging

/// One log event with all its metadata merged, on its way to where the log goes.
struct LogRecord: Sendable {
    let level: Logger.Level
    let label: String
    let message: String
    /// Ascending by key.
    let metadata: [(key: String, value: String)]
    let file: String
    let function: String
    let line: UInt
}

/// Takes log records. Called on any thread; must not wait longer than the write itself takes.
protocol LogWriter: Sendable {
    func write(_ record: LogRecord)
}
