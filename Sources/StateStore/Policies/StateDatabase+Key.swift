import GRDB
import NetworkManagement

extension StateDatabase {
    private static let keyCheck = "key-check"
    private static let keyCheckText = Array("the right key opens this".utf8)

    /// Opens a text that is known: a wrong key shows here, before it is used for anything. After a rotation the text is
    /// sealed anew, under the present key.
    func checkKey(_ sealer: Sealer) throws(StoreError) {
        let stored: String?
        do {
            stored = try queue.read { database in
                try String.fetchOne(
                    database, sql: "SELECT value FROM setting WHERE name = ?", arguments: [Self.keyCheck])
            }
        } catch {
            throw Self.failure("read", path, error)
        }
        guard let sealed = stored.flatMap({ Hexadecimal.parse(Array($0.utf8)) }) else {
            throw StoreError(.corrupt, "\(path): the key check is missing")
        }
        do throws(StoreError) {
            guard try sealer.open(sealed, for: Self.keyCheck) == Self.keyCheckText else {
                throw StoreError(.corrupt, "key check: another text")
            }
        } catch {
            throw StoreError(error.code, "\(path): \(error.message)")
        }
        guard sealer.isStale(sealed) else { return }
        do {
            try Self.noteKey(sealer, in: queue)
        } catch {
            throw Self.failure("write", path, error)
        }
    }

    static func noteKey(_ sealer: Sealer, in queue: DatabaseQueue) throws {
        let sealed = Hexadecimal.text(of: try sealer.seal(keyCheckText, for: keyCheck))
        try queue.write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", arguments: [keyCheck, sealed])
        }
    }
}
