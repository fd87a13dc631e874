import GRDB
package import NetworkManagement
package import NetworkModel

extension StateDatabase: PerformanceStore {
    static func makePerformanceTables(_ database: Database) throws {
        try database.create(table: "performanceInterval") { table in
            table.autoIncrementedPrimaryKey("position")
            table.column("interface", .text).notNull()
            table.column("ended", .integer).notNull().indexed()
            for name in counts { table.column(name, .integer).notNull() }
            table.column("seconds", .integer).notNull()
            table.column("isValid", .boolean).notNull()
        }
        try database.create(table: "threshold") { table in
            table.primaryKey("name", .text)
            table.column("variable", .integer).notNull()
            table.column("pattern", .text).notNull()
            table.column("rising", .integer).notNull()
            table.column("falling", .integer).notNull()
            table.column("duration", .integer).notNull()
            table.column("severity", .integer).notNull()
            table.column("startup", .integer).notNull()
            table.column("storage", .integer).notNull()
            table.column("isActive", .boolean).notNull()
        }
    }

    /// SQLite's integers have a sign: a count beyond 2^63 is kept as the negative number of the same bits.
    private static let counts = [
        "receivedOctets", "transmittedOctets", "receivedPackets", "transmittedPackets", "receiveErrors",
        "transmitErrors", "receiveDropped", "transmitDropped",
    ]

    package func loadIntervals(since: WallTime) async throws(StoreError) -> [StoredInterval] {
        do {
            return try await queue.read { database in
                let rows = try Row.fetchAll(
                    database, sql: "SELECT * FROM performanceInterval WHERE ended >= ? ORDER BY ended, position",
                    arguments: [since.seconds])
                return try rows.map { row in
                    var interval = PerformanceInterval()
                    let counts = try Self.counts.map { UInt64(bitPattern: try row.decode(Int64.self, forColumn: $0)) }
                    interval.receivedOctets = counts[0]
                    interval.transmittedOctets = counts[1]
                    interval.receivedPackets = counts[2]
                    interval.transmittedPackets = counts[3]
                    interval.receiveErrors = counts[4]
                    interval.transmitErrors = counts[5]
                    interval.receiveDropped = counts[6]
                    interval.transmitDropped = counts[7]
                    interval.seconds = try row.decode(forColumn: "seconds")
                    interval.isValid = try row.decode(forColumn: "isValid")
                    return StoredInterval(
                        interface: try row.decode(forColumn: "interface"),
                        end: WallTime(seconds: try row.decode(forColumn: "ended")), interval: interval)
                }
            }
        } catch {
            throw Self.failure("read the history of performance", path, error)
        }
    }

    package func saveIntervals(
        _ intervals: [StoredInterval], removingBefore before: WallTime
    ) async throws(StoreError) {
        do {
            try await queue.write { database in
                let insert = try database.makeStatement(
                    sql: """
                        INSERT INTO performanceInterval (interface, ended, \(Self.counts.joined(separator: ", ")), seconds,
                            isValid)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """)
                for stored in intervals {
                    let interval = stored.interval
                    let counts = [
                        interval.receivedOctets, interval.transmittedOctets, interval.receivedPackets,
                        interval.transmittedPackets, interval.receiveErrors, interval.transmitErrors,
                        interval.receiveDropped, interval.transmitDropped,
                    ].map { Int64(bitPattern: $0) }
                    try insert.execute(
                        arguments: [stored.interface, stored.end.seconds] + StatementArguments(counts)
                            + [interval.seconds, interval.isValid])
                }
                try database.execute(
                    sql: "DELETE FROM performanceInterval WHERE ended < ?", arguments: [before.seconds])
            }
        } catch {
            throw Self.failure("save the history of performance", path, error)
        }
    }
}

extension StateDatabase: ThresholdStore {
    package func loadThresholds() async throws(StoreError) -> [Threshold] {
        do {
            let path = path
            return try await queue.read { database in
                try Row.fetchAll(database, sql: "SELECT * FROM threshold ORDER BY name").map { row in
                    var threshold = Threshold(name: try row.decode(forColumn: "name"))
                    let octets = PrintableOctets.octets(from: try row.decode(String.self, forColumn: "pattern"))
                    guard let variable = Threshold.Variable(rawValue: try row.decode(forColumn: "variable")),
                        let pattern = octets.flatMap({ GlobPattern($0) }),
                        let severity = AlarmSeverity(rawValue: try row.decode(forColumn: "severity")),
                        let startup = Threshold.Startup(rawValue: try row.decode(forColumn: "startup")),
                        let storage = StorageType(rawValue: try row.decode(forColumn: "storage"))
                    else {
                        let name = PrintableOctets.text(of: threshold.name.utf8)
                        throw StoreError(.corrupt, "\(path): threshold \"\(name)\"")
                    }
                    threshold.variable = variable
                    threshold.pattern = pattern
                    threshold.severity = severity
                    threshold.startup = startup
                    threshold.storage = storage
                    threshold.rising = try row.decode(forColumn: "rising")
                    threshold.falling = try row.decode(forColumn: "falling")
                    threshold.duration = .seconds(try row.decode(Int64.self, forColumn: "duration"))
                    threshold.isActive = try row.decode(forColumn: "isActive")
                    return threshold
                }
            }
        } catch {
            throw Self.failure("read thresholds", path, error)
        }
    }

    package func saveThresholds(_ thresholds: [Threshold]) async throws(StoreError) {
        do {
            try await queue.write { database in
                try database.execute(sql: "DELETE FROM threshold")
                let insert = try database.makeStatement(
                    sql: """
                        INSERT INTO threshold (name, variable, pattern, rising, falling, duration, severity, startup, storage,
                            isActive)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """)
                for threshold in thresholds {
                    try insert.execute(arguments: [
                        threshold.name, threshold.variable.rawValue, threshold.pattern.description, threshold.rising,
                        threshold.falling, threshold.duration.components.seconds, threshold.severity.rawValue,
                        threshold.startup.rawValue, threshold.storage.rawValue, threshold.isActive,
                    ])
                }
            }
        } catch {
            throw Self.failure("save thresholds", path, error)
        }
    }
}
