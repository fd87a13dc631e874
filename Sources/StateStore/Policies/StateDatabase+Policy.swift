import GRDB
package import NetworkManagement
package import NetworkModel

extension StateDatabase: PolicyStore {
    private static let defaultEffect = "default-effect"

    package func loadPolicy() async throws(StoreError) -> SecurityPolicy {
        do {
            let path = path
            return try await queue.read { try Self.policy(in: $0, path: path) }
        } catch {
            throw Self.failure("read policy", path, error)
        }
    }

    package func savePolicy(_ policy: SecurityPolicy) async throws(StoreError) {
        do {
            try await queue.write { try Self.save(policy, in: $0) }
        } catch {
            throw Self.failure("save policy", path, error)
        }
    }

    private static func policy(in database: Database, path: String) throws -> SecurityPolicy {
        var policy = SecurityPolicy()
        if let effect = try UInt8.fetchOne(
            database, sql: "SELECT CAST(value AS INTEGER) FROM setting WHERE name = ?", arguments: [defaultEffect])
        {
            guard let effect = SecurityRule.Effect(rawValue: effect) else {
                throw StoreError(.corrupt, "\(path): default effect \(effect)")
            }
            policy.defaultEffect = effect
        }
        for name in try String.fetchAll(database, sql: "SELECT name FROM principalGroup ORDER BY position") {
            let texts = try String.fetchAll(
                database, sql: "SELECT pattern FROM principalGroupMember WHERE groupName = ? ORDER BY position",
                arguments: [name])
            let members = texts.compactMap { text in PrintableOctets.octets(from: text).flatMap { GlobPattern($0) } }
            guard members.count == texts.count else {
                throw StoreError(.corrupt, "\(path): group \"\(PrintableOctets.text(of: name.utf8))\": a member")
            }
            policy.groups.append(PrincipalGroup(name: name, members: members))
        }
        for row in try Row.fetchAll(database, sql: "SELECT * FROM securityRule ORDER BY priority, name") {
            policy.rules.append(try SecurityRule(row, path: path))
        }
        do throws(PolicyError) {
            try policy.validate()
        } catch {
            throw StoreError(.corrupt, "\(path): \(error)")
        }
        return policy
    }

    private static func save(_ policy: SecurityPolicy, in database: Database) throws {
        for table in ["securityRule", "principalGroupMember", "principalGroup"] {
            try database.execute(sql: "DELETE FROM \(table)")
        }
        try database.execute(
            sql: "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)",
            arguments: [defaultEffect, String(policy.defaultEffect.rawValue)])
        for (position, group) in policy.groups.enumerated() {
            try database.execute(
                sql: "INSERT INTO principalGroup (name, position) VALUES (?, ?)", arguments: [group.name, position])
            for (position, member) in group.members.enumerated() {
                try database.execute(
                    sql: "INSERT INTO principalGroupMember (groupName, position, pattern) VALUES (?, ?, ?)",
                    arguments: [group.name, position, member.description])
            }
        }
        let insert = try database.makeStatement(
            sql: """
                INSERT INTO securityRule (name, priority, principal, minimumLevel, source, actions, target, windowDays,
                    windowStart, windowEnd, windowZone, effect, isAudited, summary, storage, isEnabled)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for rule in policy.rules where rule.storage != .volatile {
            try insert.execute(arguments: rule.columns)
        }
    }
}

extension SecurityRule {
    fileprivate var columns: StatementArguments {
        [
            name, priority, principal.description, minimumLevel.rawValue, source?.description, actions.rawValue,
            target.description, window?.days.rawValue, window?.start, window?.end, window?.zone.rawValue,
            effect.rawValue,
            isAudited, summary, storage.rawValue, isEnabled,
        ]
    }

    fileprivate init(_ row: Row, path: String) throws {
        let name: String = try row.decode(forColumn: "name")
        let title = "\(path): rule \"\(PrintableOctets.text(of: name.utf8))\""
        func required<Value>(_ column: String, _ value: Value?) throws -> Value {
            guard let value else { throw StoreError(.corrupt, "\(title): \(column)") }
            return value
        }
        let text = { (column: String) in try row.decode(String.self, forColumn: column) }
        let number = { (column: String) in try row.decode(UInt8.self, forColumn: column) }
        self.init(name: name, effect: try required("effect", Effect(rawValue: number("effect"))))
        priority = try row.decode(forColumn: "priority")
        principal = try required("principal", PrincipalPattern(text("principal")))
        minimumLevel = try required("minimumLevel", SecurityLevel(rawValue: number("minimumLevel")))
        if let prefix = try row.decode(String?.self, forColumn: "source") {
            source = try required("source", AddressPrefix(prefix))
        }
        actions = ActionClasses(rawValue: try number("actions"))
        target = try required("target", TargetPattern(text("target")))
        if let days = try row.decode(UInt8?.self, forColumn: "windowDays") {
            let zone = try required("windowZone", TimeWindow.Zone(rawValue: number("windowZone")))
            window = try required(
                "window",
                TimeWindow(
                    days: TimeWindow.Days(rawValue: days), start: row.decode(forColumn: "windowStart"),
                    end: row.decode(forColumn: "windowEnd"), zone: zone))
        }
        isAudited = try row.decode(forColumn: "isAudited")
        summary = try text("summary")
        storage = try required("storage", StorageType(rawValue: number("storage")))
        isEnabled = try row.decode(forColumn: "isEnabled")
    }
}
