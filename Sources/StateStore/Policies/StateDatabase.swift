import GRDB
import Glibc
package import NetworkManagement

/// The daemon's database: one SQLite file in WAL mode, each commit durable before it returns.
///
/// Opening checks the file as a whole. One that is damaged, newer, or sealed under another key is refused and left as it
/// is.
package final class StateDatabase: Sendable {
    let queue: DatabaseQueue
    let path: String

    /// Names a database of ours (PRAGMA application_id): "Orin".
    private static let applicationIdentifier: Int32 = 0x4F72_696E

    /// Opens the database, or makes it when there is none.
    ///
    /// - Parameter keys: the present key is noted in a new database, and has to be known in an old one.
    package init(path: String, keys: KeyRing) throws(StoreError) {
        self.path = path
        if !Directory.exists(path) { try Self.make(path, keys: keys) }
        do {
            try Self.check(path)
            queue = try Self.open(path)
            try Self.migrator.migrate(queue)
        } catch {
            throw Self.failure("open", path, error)
        }
        try checkKey(Sealer(keys: keys))
    }

    /// Makes a whole database under another name first, so that an interruption leaves none that is half made.
    private static func make(_ path: String, keys: KeyRing) throws(StoreError) {
        let temporary = path + ".new"
        for suffix in ["", "-wal", "-shm"] where Directory.exists(temporary + suffix) {
            try Directory.remove(temporary + suffix)
        }
        do {
            let queue = try open(temporary)
            try queue.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA application_id = \(applicationIdentifier)")
            }
            try migrator.migrate(queue)
            try noteKey(Sealer(keys: keys), in: queue)
            // Closing moves everything from the log into the file.
            try queue.close()
            try File(temporary, O_RDONLY).synchronize()
        } catch {
            throw failure("make", path, error)
        }
        try Directory.rename(temporary, to: path)
        try Directory.synchronize(Directory.parent(of: path))
    }

    private static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.journalMode = .wal
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { database in
            // GRDB sets NORMAL with WAL, under which a power cut may take the last commits.
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        return queue
    }

    /// Ends the use of the file.
    package func close() throws(StoreError) {
        do { try queue.close() } catch { throw Self.failure("close", path, error) }
    }

    /// What SQLite's own checks find wrong; empty when nothing.
    package func integrityFindings() throws(StoreError) -> [String] {
        do {
            return try queue.read(Self.integrityFindings)
        } catch {
            throw Self.failure("check", path, error)
        }
    }

    /// What a failure of SQLite means.
    static func failure(_ action: String, _ path: String, _ error: any Error) -> StoreError {
        if let error = error as? StoreError { return error }
        guard let error = error as? DatabaseError else { return StoreError(.failed, "\(path), \(action): \(error)") }
        let code: StoreError.Code =
            switch error.resultCode {
            case .SQLITE_FULL: .full
            case .SQLITE_READONLY: .readOnly
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
            case .SQLITE_PERM, .SQLITE_AUTH: .permissions
            case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
            default: .failed
            }
        let message = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
        return StoreError(code, "\(path), \(action): \(message)")
    }

    /// SQLite takes an empty file for an empty database, and would fill it.
    private static func checkHeader(_ path: String) throws(StoreError) {
        let header = try File(path, O_RDONLY).read(16, at: 0)
        guard header.elementsEqual(Array("SQLite format 3\0".utf8)) else {
            throw StoreError(.corrupt, "\(path): not an SQLite database; move it away to begin a new one")
        }
    }

    /// Looks at the file without writing to it, which opening it for use does.
    private static func check(_ path: String) throws {
        try checkHeader(path)
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.read { database in
            let identifier = try Int32.fetchOne(database, sql: "PRAGMA application_id")
            guard identifier == applicationIdentifier else {
                throw StoreError(.corrupt, "\(path): an SQLite database, but not of this daemon")
            }
            let findings = try integrityFindings(database)
            guard findings.isEmpty else {
                throw StoreError(.corrupt, "\(path): \(findings.joined(separator: "; "))")
            }
            guard try !migrator.hasBeenSuperseded(database) else {
                throw StoreError(.tooNew, "\(path): has tables of a newer version of the daemon")
            }
        }
        try queue.close()
    }

    private static func integrityFindings(_ database: Database) throws -> [String] {
        let findings = try String.fetchAll(database, sql: "PRAGMA integrity_check(10)").filter { $0 != "ok" }
        let strays = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check")
        return findings + strays.prefix(10).map { "a row without the row it belongs to: \($0)" }
    }
}
