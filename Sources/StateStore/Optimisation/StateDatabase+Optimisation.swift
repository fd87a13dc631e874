import Foundation
import GRDB
package import NetworkManagement

extension StateDatabase: OptimisationStore {
    static func makeOptimisationTables(_ database: Database) throws {
        try database.create(table: "optimisationTrial") { table in
            table.primaryKey("identifier", .integer)
            table.column("content", .text).notNull()
        }
    }

    package func loadTrials() async throws(StoreError) -> [StoredTrial] {
        do {
            let path = path
            return try await queue.read { database in
                try String.fetchAll(database, sql: "SELECT content FROM optimisationTrial ORDER BY identifier").map {
                    do {
                        return try JSONDecoder().decode(StoredTrial.self, from: Data($0.utf8))
                    } catch {
                        throw StoreError(.corrupt, "\(path): a change on trial: \(error)")
                    }
                }
            }
        } catch {
            throw Self.failure("read the changes on trial", path, error)
        }
    }

    package func saveTrials(_ trials: [StoredTrial]) async throws(StoreError) {
        do {
            try await queue.write { database in
                try database.execute(sql: "DELETE FROM optimisationTrial")
                for trial in trials {
                    let content = String(decoding: try JSONEncoder().encode(trial), as: UTF8.self)
                    try database.execute(
                        sql: "INSERT INTO optimisationTrial (identifier, content) VALUES (?, ?)",
                        arguments: [trial.identifier, content])
                }
            }
        } catch {
            throw Self.failure("save the changes on trial", path, error)
        }
    }
}
