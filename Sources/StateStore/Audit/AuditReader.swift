import Glibc
package import NetworkManagement
package import NetworkModel

/// Reads records back, for people. The chain is `AuditVerifier`'s to check.
package struct AuditReader {
    /// Which records are wanted.
    package struct Filter: Sendable, Hashable {
        /// Not before this, by the records' own time.
        package var since: WallTime?
        /// By exactly this security name.
        package var user: [UInt8]?
        /// The newest of what is left; nil for all.
        package var limit: Int?

        package init() {}

        func admits(_ entry: AuditEntry) -> Bool {
            since.map { entry.time >= $0 } ?? true && user.map { entry.record.principal.name == $0 } ?? true
        }
    }

    private let decoder: AuditDecoder

    /// - Parameter sealer: opens sealed values; nil to leave them masked.
    package init(sealer: Sealer? = nil) {
        decoder = AuditDecoder(sealer: sealer)
    }

    /// The records of a file, or of all files of an audit when `path` is its directory, in the order of the files.
    ///
    /// - Throws: when a file cannot be read, and `.corrupt` with the place of a line that is no record. An incomplete line
    ///   at the end is left out: it may be under way.
    package func entries(_ path: String, _ filter: Filter = Filter()) throws(StoreError) -> [AuditEntry] {
        var entries: [AuditEntry] = []
        for file in try Self.files(path) {
            var scanner = try AuditFileScanner(file)
            while let line = try scanner.next(), line.isComplete {
                guard let entry = decoder.decode(line.octets) else {
                    throw StoreError(.corrupt, "\(file), line \(line.number), octet \(line.offset): not a record")
                }
                guard filter.admits(entry) else { continue }
                entries.append(entry)
                // Twice the limit, so that dropping is seldom.
                if let limit = filter.limit, entries.count > max(2 * limit, 1000) {
                    entries.removeFirst(entries.count - max(0, limit))
                }
            }
        }
        return filter.limit.map { Array(entries.suffix(max(0, $0))) } ?? entries
    }

    private static func files(_ path: String) throws(StoreError) -> [String] {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system("stat", path, errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { return [path] }
        let names = try Directory.names(in: path)
        let files =
            names.filter { AuditDirectory.firstSequence(of: $0) != nil }
            + names.filter { $0 == AuditDirectory.currentName }
        return files.map { path + "/" + $0 }
    }
}
