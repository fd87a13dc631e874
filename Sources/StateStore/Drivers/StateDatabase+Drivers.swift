import GRDB
package import NetworkManagement
import NetworkModel

extension StateDatabase: DriverStore {
    package func loadDrivers() async throws(StoreError) -> DriverBook {
        do {
            let path = path
            return try await queue.read { try Self.drivers(in: $0, path: path) }
        } catch {
            throw Self.failure("read drivers", path, error)
        }
    }

    package func saveDrivers(_ book: DriverBook) async throws(StoreError) {
        do {
            try await queue.write { try Self.save(book, in: $0) }
        } catch {
            throw Self.failure("save drivers", path, error)
        }
    }

    private static func drivers(in database: Database, path: String) throws -> DriverBook {
        func name(_ text: String) throws -> DriverName {
            guard let name = DriverName(text) else {
                throw StoreError(.corrupt, "\(path): driver \"\(PrintableOctets.text(of: text.utf8))\"")
            }
            return name
        }
        var book = DriverBook()
        for row in try Row.fetchAll(database, sql: "SELECT * FROM driver ORDER BY number") {
            var record = DriverRecord(
                name: try name(row.decode(forColumn: "name")), index: try row.decode(forColumn: "number"))
            record.isLoadedAutomatically = try row.decode(forColumn: "isLoadedAutomatically")
            record.fallback = try row.decode(String?.self, forColumn: "fallback").map { try name($0) }
            let options: String = try row.decode(forColumn: "options")
            record.options = options.split(separator: " ").map(String.init)
            record.failures = try row.decode(forColumn: "failures")
            record.quarantineEnd = try row.decode(Int64?.self, forColumn: "quarantineEnd").map { WallTime(seconds: $0) }
            book.drivers.append(record)
        }
        for row in try Row.fetchAll(database, sql: "SELECT * FROM device ORDER BY number") {
            let address = DeviceAddress(bus: try row.decode(forColumn: "bus"), name: try row.decode(forColumn: "name"))
            var record = DeviceRecord(address: address, index: try row.decode(forColumn: "number"))
            record.preferred = try row.decode(String?.self, forColumn: "preferred").map { try name($0) }
            book.devices.append(record)
        }
        return book
    }

    private static func save(_ book: DriverBook, in database: Database) throws {
        try database.execute(sql: "DELETE FROM driver")
        try database.execute(sql: "DELETE FROM device")
        for record in book.drivers {
            try database.execute(
                sql: """
                    INSERT INTO driver (number, name, isLoadedAutomatically, fallback, options, failures, quarantineEnd)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    record.index, record.name.description, record.isLoadedAutomatically, record.fallback?.description,
                    record.options.joined(separator: " "), record.failures, record.quarantineEnd?.seconds,
                ])
        }
        for record in book.devices {
            try database.execute(
                sql: "INSERT INTO device (number, bus, name, preferred) VALUES (?, ?, ?, ?)",
                arguments: [
                    record.index, record.address.bus, record.address.name, record.preferred?.description,
                ])
        }
    }
}
