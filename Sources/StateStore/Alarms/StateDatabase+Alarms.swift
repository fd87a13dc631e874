import GRDB
package import NetworkManagement
import NetworkModel

extension StateDatabase: AlarmStore {
    private static let sequenceName = "alarm-sequence"

    static func makeAlarmTables(_ database: Database) throws {
        func subject(_ table: TableDefinition) {
            table.column("kind", .integer).notNull()
            table.column("subjectKind", .integer).notNull()
            table.column("interface", .integer)
            table.column("name", .text).notNull()
            table.column("detail", .text).notNull()
            table.column("severity", .integer).notNull()
            table.column("text", .text).notNull()
        }
        try database.create(table: "alarm") { table in
            table.primaryKey("identifier", .integer)
            subject(table)
            table.column("raised", .integer).notNull()
            table.column("changed", .integer).notNull()
            table.column("transitions", .integer).notNull()
            table.column("cause", .integer)
            table.column("principal", .text)
            table.column("acknowledged", .integer)
        }
        try database.create(table: "alarmRecord") { table in
            table.autoIncrementedPrimaryKey("position")
            table.column("sequence", .integer).notNull()
            table.column("event", .integer).notNull()
            table.column("time", .integer).notNull()
            table.column("alarm", .integer).notNull()
            subject(table)
            table.column("principal", .text).notNull()
            table.column("isNotified", .boolean).notNull()
        }
    }

    package func loadAlarms() async throws(StoreError) -> StoredAlarms {
        do {
            let path = path
            return try await queue.read { database in
                var stored = StoredAlarms()
                stored.sequence =
                    try UInt32.fetchOne(
                        database, sql: "SELECT CAST(value AS INTEGER) FROM setting WHERE name = ?",
                        arguments: [Self.sequenceName]) ?? 0
                stored.active = try Row.fetchAll(database, sql: "SELECT * FROM alarm ORDER BY identifier").map {
                    try Alarm($0, path: path)
                }
                stored.log = try Row.fetchAll(database, sql: "SELECT * FROM alarmRecord ORDER BY position").map {
                    try AlarmRecord($0, path: path)
                }
                return stored
            }
        } catch {
            throw Self.failure("read alarms", path, error)
        }
    }

    package func saveAlarms(_ changes: AlarmChanges) async throws(StoreError) {
        do {
            try await queue.write { try Self.save(changes, in: $0) }
        } catch {
            throw Self.failure("save alarms", path, error)
        }
    }

    private static func save(_ changes: AlarmChanges, in database: Database) throws {
        let remove = try database.makeStatement(sql: "DELETE FROM alarm WHERE identifier = ?")
        for identifier in changes.cleared { try remove.execute(arguments: [identifier]) }
        let put = try database.makeStatement(
            sql: """
                INSERT OR REPLACE INTO alarm (identifier, kind, subjectKind, interface, name, detail, severity, text, raised,
                    changed, transitions, cause, principal, acknowledged)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for alarm in changes.raised { try put.execute(arguments: alarm.columns) }
        let append = try database.makeStatement(
            sql: """
                INSERT INTO alarmRecord (sequence, event, time, alarm, kind, subjectKind, interface, name, detail, severity,
                    text, principal, isNotified)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for record in changes.records { try append.execute(arguments: record.columns) }
        try database.execute(
            sql: """
                DELETE FROM alarmRecord WHERE position <= (SELECT max(position) FROM alarmRecord) - ?
                """, arguments: [changes.recordsKept])
        try database.execute(
            sql: "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)",
            arguments: [sequenceName, String(changes.sequence)])
    }
}

extension AlarmKey {
    fileprivate var columns: [(any DatabaseValueConvertible)?] {
        [kind.rawValue, subject.kind.rawValue, subject.interface?.number, subject.name, detail]
    }

    fileprivate init?(_ row: Row) throws {
        let name: String = try row.decode(forColumn: "name")
        guard let kind = AlarmKind(rawValue: try row.decode(forColumn: "kind")),
            let subjectKind = AlarmSubject.Kind(rawValue: try row.decode(forColumn: "subjectKind"))
        else { return nil }
        let subject: AlarmSubject
        switch subjectKind {
        case .system: subject = .system
        case .interface:
            guard let number = try row.decode(UInt32?.self, forColumn: "interface"), let index = InterfaceIndex(number)
            else { return nil }
            subject = .interface(index, name)
        case .driver: subject = .driver(name)
        case .item: subject = .item(name)
        }
        self.init(kind, subject, detail: try row.decode(forColumn: "detail"))
    }
}

extension WallTime {
    /// Nanoseconds since 1970, until the year 2262.
    fileprivate var column: Int64 { seconds &* 1_000_000_000 &+ Int64(nanoseconds) }

    fileprivate init(column: Int64) {
        let (seconds, rest) = column.quotientAndRemainder(dividingBy: 1_000_000_000)
        self.init(
            seconds: rest < 0 ? seconds - 1 : seconds, nanoseconds: UInt32(rest < 0 ? rest + 1_000_000_000 : rest))
    }
}

extension Alarm {
    fileprivate var columns: StatementArguments {
        StatementArguments(
            [identifier] + key.columns + [
                severity.rawValue, text, raised.column, changed.column, transitions, cause, acknowledgement?.principal,
                acknowledgement?.time.column,
            ])
    }

    fileprivate init(_ row: Row, path: String) throws {
        let identifier: UInt32 = try row.decode(forColumn: "identifier")
        guard let key = try AlarmKey(row), let severity = AlarmSeverity(rawValue: try row.decode(forColumn: "severity"))
        else { throw StoreError(.corrupt, "\(path): alarm \(identifier)") }
        self.init(
            identifier: identifier, key: key, severity: severity, text: try row.decode(forColumn: "text"),
            raised: WallTime(column: try row.decode(forColumn: "raised")))
        changed = WallTime(column: try row.decode(forColumn: "changed"))
        transitions = try row.decode(forColumn: "transitions")
        cause = try row.decode(forColumn: "cause")
        if let principal = try row.decode(String?.self, forColumn: "principal"),
            let time = try row.decode(Int64?.self, forColumn: "acknowledged")
        {
            acknowledgement = AlarmAcknowledgement(principal: principal, time: WallTime(column: time))
        }
    }
}

extension AlarmRecord {
    fileprivate var columns: StatementArguments {
        StatementArguments(
            [sequence, event.rawValue, time.column, alarm] + key.columns + [
                severity.rawValue, text, principal, isNotified,
            ])
    }

    fileprivate init(_ row: Row, path: String) throws {
        let sequence: UInt32 = try row.decode(forColumn: "sequence")
        guard let key = try AlarmKey(row), let event = Event(rawValue: try row.decode(forColumn: "event")),
            let severity = AlarmSeverity(rawValue: try row.decode(forColumn: "severity"))
        else { throw StoreError(.corrupt, "\(path): line \(sequence) of the alarms' history") }
        self.init(
            sequence: sequence, event: event, time: WallTime(column: try row.decode(forColumn: "time")),
            alarm: try row.decode(forColumn: "alarm"), key: key, severity: severity,
            text: try row.decode(forColumn: "text"), principal: try row.decode(forColumn: "principal"),
            isNotified: try row.decode(forColumn: "isNotified"))
    }
}
