import Foundation
import GRDB
package import NetworkManagement
package import NetworkModel

/// The revisions of the configuration in the daemon's database.
///
/// What a revision holds, the baseline and what may have to be taken back are sealed when the host seals its secrets:
/// they tell how the host is reached.
package struct ConfigurationTables: ConfigurationStore {
    private let database: StateDatabase
    private let opener: Sealer
    private let isSealing: Bool

    private static let baselineName = "configuration-baseline"
    private static let intentName = "configuration-intent"
    private static let plain: UInt8 = 0

    /// - Parameter isSealing: whether what is written from now on is sealed; what is read may be or not.
    package init(_ database: StateDatabase, keys: KeyRing, isSealing: Bool) {
        self.database = database
        opener = Sealer(keys: keys)
        self.isSealing = isSealing
    }

    package func loadConfigurations() throws(StoreError) -> StoredConfigurations {
        do {
            return try database.queue.read { rows in
                var stored = StoredConfigurations()
                stored.revisions = try Row.fetchAll(
                    rows, sql: "SELECT summary FROM configurationRevision ORDER BY number"
                ).map {
                    try JSONDecoder().decode(
                        ConfigurationRevision.self, from: $0.decode(Data.self, forColumn: "summary"))
                }
                if let baseline = try value(Self.baselineName, ConfigurationBaseline.self, in: rows) {
                    stored.baseline = baseline
                }
                stored.intent = try value(Self.intentName, ConfigurationIntent.self, in: rows)
                return stored
            }
        } catch {
            throw failure("read configurations", error)
        }
    }

    package func configuration(ofRevision number: UInt32) throws(StoreError) -> NetworkConfiguration? {
        do {
            return try database.queue.read { rows in
                guard
                    let sealed = try Data.fetchOne(
                        rows, sql: "SELECT content FROM configurationRevision WHERE number = ?",
                        arguments: [Int64(number)])
                else { return nil }
                return try open(sealed, "revision \(number)", [StoredSetting].self).configuration
            }
        } catch {
            throw failure("read revision \(number)", error)
        }
    }

    package func digest(of configuration: NetworkConfiguration) throws(StoreError) -> [UInt8] {
        try Cryptography.sha256(Array(configuration.toml.utf8))
    }

    package func begin(
        _ revision: ConfigurationRevision, _ configuration: NetworkConfiguration, _ intent: ConfigurationIntent
    ) throws(StoreError) {
        do {
            let content = try seal([StoredSetting](configuration), "revision \(revision.number)")
            let sealedIntent = try seal(intent, Self.intentName)
            try database.queue.write { rows in
                try rows.execute(
                    sql: "INSERT INTO configurationRevision (number, state, summary, content) VALUES (?, ?, ?, ?)",
                    arguments: [
                        Int64(revision.number), revision.state.rawValue, try JSONEncoder().encode(revision), content,
                    ])
                try Self.put(Self.intentName, sealedIntent, in: rows)
            }
        } catch {
            throw failure("begin revision \(revision.number)", error)
        }
    }

    package func settle(
        _ revision: ConfigurationRevision, baseline: ConfigurationBaseline?, intent: ConfigurationIntent?
    ) throws(StoreError) {
        do {
            let sealedBaseline = try baseline.map { try seal($0, Self.baselineName) }
            let sealedIntent = try intent.map { try seal($0, Self.intentName) }
            try database.queue.write { rows in
                try rows.execute(
                    sql: "UPDATE configurationRevision SET state = ?, summary = ? WHERE number = ?",
                    arguments: [
                        revision.state.rawValue, try JSONEncoder().encode(revision), Int64(revision.number),
                    ])
                if let sealedBaseline { try Self.put(Self.baselineName, sealedBaseline, in: rows) }
                try Self.put(Self.intentName, sealedIntent, in: rows)
                try Self.removeOld(in: rows)
            }
        } catch {
            throw failure("settle revision \(revision.number)", error)
        }
    }

    package func saveBaseline(_ baseline: ConfigurationBaseline) throws(StoreError) {
        do {
            let sealed = try seal(baseline, Self.baselineName)
            try database.queue.write { try Self.put(Self.baselineName, sealed, in: $0) }
        } catch {
            throw failure("save the baseline", error)
        }
    }

    /// All but the newest, and the one in force however old it is.
    private static func removeOld(in rows: Database) throws {
        try rows.execute(
            sql: """
                DELETE FROM configurationRevision
                WHERE number NOT IN (SELECT number FROM configurationRevision ORDER BY number DESC LIMIT ?)
                AND number <> (SELECT COALESCE(MAX(number), 0) FROM configurationRevision WHERE state = ?)
                """,
            arguments: [ConfigurationRevision.maximum, ConfigurationRevision.State.confirmed.rawValue])
    }

    // MARK: values

    private func value<Value: Decodable>(_ name: String, _: Value.Type, in rows: Database) throws -> Value? {
        try Data.fetchOne(
            rows, sql: "SELECT value FROM configurationValue WHERE name = ?", arguments: [name]
        ).map { try open($0, name, Value.self) }
    }

    private static func put(_ name: String, _ value: Data?, in rows: Database) throws {
        if let value {
            try rows.execute(
                sql: "INSERT OR REPLACE INTO configurationValue (name, value) VALUES (?, ?)", arguments: [name, value])
        } else {
            try rows.execute(sql: "DELETE FROM configurationValue WHERE name = ?", arguments: [name])
        }
    }

    /// One octet that says whether the rest is sealed, then the value as JSON.
    private func seal(_ value: some Encodable, _ purpose: String) throws -> Data {
        let octets = Array(try JSONEncoder().encode(value))
        return Data(isSealing ? try opener.seal(octets, for: purpose) : [Self.plain] + octets)
    }

    private func open<Value: Decodable>(_ data: Data, _ purpose: String, _: Value.Type) throws -> Value {
        let octets: [UInt8]
        if data.first == Self.plain {
            octets = Array(data.dropFirst())
        } else {
            octets = try opener.open(Array(data), for: purpose)
        }
        return try JSONDecoder().decode(Value.self, from: Data(octets))
    }

    private func failure(_ action: String, _ error: any Error) -> StoreError {
        if let error = error as? DecodingError {
            return StoreError(.corrupt, "\(database.path), \(action): \(error)")
        }
        return StateDatabase.failure(action, database.path, error)
    }
}

/// A setting as a revision holds it.
private struct StoredSetting: Codable {
    let path: String
    let value: SettingValue
}

extension [StoredSetting] {
    fileprivate init(_ configuration: NetworkConfiguration) {
        self = configuration.settings.map { StoredSetting(path: $0.path.description, value: $0.value) }
    }

    /// A setting that this version does not know, or takes no longer, has its default.
    fileprivate var configuration: NetworkConfiguration {
        var configuration = NetworkConfiguration()
        for setting in self {
            if let path = SettingPath(setting.path) { _ = configuration.set(path, to: setting.value) }
        }
        return configuration
    }
}
