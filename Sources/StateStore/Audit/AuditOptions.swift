/// How the audit log is kept.
package struct AuditOptions: Sendable, Hashable {
    /// A file is closed and a new one begun beyond this many octets.
    package var maximumFileSize: Int64 = 64 << 20
    /// ... or this long after it was begun.
    package var maximumFileAge: Duration = .seconds(30 * 86_400)
    /// Closed files that are kept; older ones are removed, and the chain says so. nil to keep all.
    package var closedFilesKept: Int? = 100
    /// Octets that are set aside on disk before anything begins, so that its outcome finds room on a full disk.
    package var reserve: Int64 = 256 << 10
    /// How often a disk that takes nothing is tried again when nobody asks.
    package var retryInterval: Duration = .seconds(1)

    package init() {}
}
