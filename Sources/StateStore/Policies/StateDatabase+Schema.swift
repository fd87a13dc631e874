import GRDB

extension StateDatabase {
    /// The tables, in the steps in which they came to be. A step that was released never changes.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("security policy") { database in
            try database.create(table: "setting") { table in
                table.primaryKey("name", .text)
                table.column("value", .text).notNull()
            }
            try database.create(table: "principalGroup") { table in
                table.primaryKey("name", .text)
                table.column("position", .integer).notNull()
            }
            try database.create(table: "principalGroupMember") { table in
                table.column("groupName", .text).notNull().references("principalGroup", onDelete: .cascade)
                table.column("position", .integer).notNull()
                table.column("pattern", .text).notNull()
                table.primaryKey(["groupName", "position"])
            }
            try database.create(table: "securityRule") { table in
                table.primaryKey("name", .text)
                table.column("priority", .integer).notNull()
                table.column("principal", .text).notNull()
                table.column("minimumLevel", .integer).notNull()
                table.column("source", .text)
                table.column("actions", .integer).notNull()
                table.column("target", .text).notNull()
                table.column("windowDays", .integer)
                table.column("windowStart", .integer)
                table.column("windowEnd", .integer)
                table.column("windowZone", .integer)
                table.column("effect", .integer).notNull()
                table.column("isAudited", .boolean).notNull()
                table.column("summary", .text).notNull()
                table.column("storage", .integer).notNull()
                table.column("isEnabled", .boolean).notNull()
            }
        }
        migrator.registerMigration("configuration revisions") { database in
            try database.create(table: "configurationRevision") { table in
                table.primaryKey("number", .integer)
                table.column("state", .integer).notNull()
                table.column("summary", .blob).notNull()
                table.column("content", .blob).notNull()
            }
            try database.create(table: "configurationValue") { table in
                table.primaryKey("name", .text)
                table.column("value", .blob).notNull()
            }
        }
        migrator.registerMigration("drivers") { database in
            try database.create(table: "driver") { table in
                table.primaryKey("number", .integer)
                table.column("name", .text).notNull().unique()
                table.column("isLoadedAutomatically", .boolean).notNull()
                table.column("fallback", .text)
                table.column("options", .text).notNull()
                table.column("failures", .integer).notNull()
                table.column("quarantineEnd", .integer)
            }
            try database.create(table: "device") { table in
                table.primaryKey("number", .integer)
                table.column("bus", .text).notNull()
                table.column("name", .text).notNull()
                table.column("preferred", .text)
                table.uniqueKey(["bus", "name"])
            }
        }
        migrator.registerMigration("alarms", migrate: makeAlarmTables)
        migrator.registerMigration("performance", migrate: makePerformanceTables)
        migrator.registerMigration("optimisation", migrate: makeOptimisationTables)
        return migrator
    }
}
