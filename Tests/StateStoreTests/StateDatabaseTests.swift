import Foundation
import GRDB
import NetworkManagement
import NetworkModel
import SecurityTesting
import Testing

@testable import StateStore

@Suite struct `The state database` {
    @Test func `it does what a policy store has to do`() async throws {
        let directory = try TemporaryDirectory()
        let keys = try KeyRing()
        var open: StateDatabase?
        try await StoreConformance.checkPolicies {
            try open?.close()
            let database = try StateDatabase(path: directory.path + "/state.sqlite", keys: keys)
            open = database
            return database
        }
        #expect(try open?.integrityFindings() == [])
    }

    @Test func `it does what an alarm store has to do`() async throws {
        let directory = try TemporaryDirectory()
        let keys = try KeyRing()
        var open: StateDatabase?
        try await StoreConformance.checkAlarms {
            try open?.close()
            let database = try StateDatabase(path: directory.path + "/state.sqlite", keys: keys)
            open = database
            return database
        }
        #expect(try open?.integrityFindings() == [])
    }

    @Test func `it does what a store of intervals and thresholds has to do`() async throws {
        let directory = try TemporaryDirectory()
        let keys = try KeyRing()
        var open: StateDatabase?
        try await StoreConformance.checkPerformance {
            try open?.close()
            let database = try StateDatabase(path: directory.path + "/state.sqlite", keys: keys)
            open = database
            return database
        }
    }

    @Test func `it does what a store of changes on trial has to do`() async throws {
        let directory = try TemporaryDirectory()
        let keys = try KeyRing()
        var open: StateDatabase?
        try await StoreConformance.checkOptimisation {
            try open?.close()
            let database = try StateDatabase(path: directory.path + "/state.sqlite", keys: keys)
            open = database
            return database
        }
    }

    @Test func `commits are durable and the log is a WAL`() throws {
        let directory = try TemporaryDirectory()
        let database = try StateDatabase(path: directory.path + "/state.sqlite", keys: try KeyRing())
        let (mode, synchronous) = try database.queue.read { database in
            (
                try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                try Int.fetchOne(database, sql: "PRAGMA synchronous")
            )
        }
        #expect(mode == "wal")
        #expect(synchronous == 2)
    }

    @Test func `a wrong key is refused, and a rotated one is taken`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/state.sqlite"
        let keys = try KeyRing()
        try StateDatabase(path: path, keys: keys).close()
        let error = #expect(throws: StoreError.self) { try StateDatabase(path: path, keys: KeyRing()) }
        #expect(error?.code == .wrongKey)
        #expect(error?.message.contains(path) == true)
        let rotated = try keys.rotated()
        try StateDatabase(path: path, keys: rotated).close()
        // Sealed anew: the old key alone does not open it any more.
        #expect(throws: StoreError(.wrongKey, "")) { try StateDatabase(path: path, keys: keys) }
    }

    @Test func `what is no database of ours is refused and left as it is`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/state.sqlite"
        let keys = try KeyRing()
        try StateDatabase(path: path, keys: keys).close()
        let sound = try directory.read("state.sqlite")
        var damaged: [[UInt8]] = [[], Array("garbage".utf8), Array(sound.prefix(5000)), [0] + sound.dropFirst()]
        for page in 1..<sound.count / 4096 {
            var octets = sound
            for position in page * 4096..<page * 4096 + 100 { octets[position] = 0xA5 }
            damaged.append(octets)
        }
        var found = 0
        for octets in damaged {
            for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
            try directory.write(octets, to: "state.sqlite")
            let error = #expect(throws: StoreError.self) { try StateDatabase(path: path, keys: keys) }
            #expect(error?.code == .corrupt)
            #expect(error?.message.contains(path) == true)
            #expect(try directory.read("state.sqlite") == octets)
            found += 1
        }
        #expect(found > 5)
    }

    @Test func `a database of somebody else or of a newer daemon is refused`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/state.sqlite"
        let foreign = try DatabaseQueue(path: path)
        try foreign.write { try $0.execute(sql: "CREATE TABLE x (y)") }
        try foreign.close()
        #expect(throws: StoreError(.corrupt, "")) { try StateDatabase(path: path, keys: try KeyRing()) }
        try FileManager.default.removeItem(atPath: path)
        let keys = try KeyRing()
        let database = try StateDatabase(path: path, keys: keys)
        try database.queue.write { database in
            try database.execute(sql: "INSERT INTO grdb_migrations VALUES ('from the future')")
        }
        try database.close()
        #expect(throws: StoreError(.tooNew, "")) { try StateDatabase(path: path, keys: keys) }
    }

    @Test(arguments: [
        "UPDATE securityRule SET effect = 9", "UPDATE securityRule SET target = 'nonsense'",
        "UPDATE securityRule SET priority = 0", "UPDATE securityRule SET minimumLevel = 'x'",
        "UPDATE securityRule SET source = '10.0.0.0/99'", "UPDATE securityRule SET principal = 'group:none'",
        "UPDATE securityRule SET windowDays = 0, windowZone = 1, windowStart = 1, windowEnd = 2",
        "UPDATE securityRule SET name = '' WHERE name = 'plain'",
        "UPDATE setting SET value = '7' WHERE name = 'default-effect'",
        "UPDATE principalGroupMember SET pattern = ''",
    ])
    func `a policy that cannot be is refused with the rule that is wrong`(sql: String) async throws {
        let directory = try TemporaryDirectory()
        let database = try StateDatabase(path: directory.path + "/state.sqlite", keys: try KeyRing())
        try await database.savePolicy(StoreConformance.samplePolicies[0])
        try await database.queue.write { try $0.execute(sql: sql) }
        let error = await #expect(throws: StoreError.self) { try await database.loadPolicy() }
        #expect(error?.message.contains(directory.path) == true)
    }

    @Test func `a full disk keeps the policy of before`() async throws {
        guard let directory = try TemporaryDirectory(kibibytes: 1024) else {
            try Test.cancel("mounting a small file system is not permitted here")
        }
        let path = directory.path + "/state.sqlite"
        let keys = try KeyRing()
        let database = try StateDatabase(path: path, keys: keys)
        try await database.savePolicy(StoreConformance.samplePolicies[1])
        try `The audit on a disk that takes nothing`.fill(directory)
        var large = SecurityPolicy()
        large.rules = (0..<5000).map { SecurityRule(name: "rule \($0)", effect: .permit) }
        await #expect(throws: StoreError(.full, "")) { try await database.savePolicy(large) }
        #expect(try await database.loadPolicy().rules.count == StoreConformance.samplePolicies[1].rules.count)
        try FileManager.default.removeItem(atPath: directory.path + "/filler")
        try await database.savePolicy(StoreConformance.samplePolicies[0])
        try database.close()
        #expect(try await StateDatabase(path: path, keys: keys).loadPolicy().rules.count == 2)
    }
}

@Suite struct `The state directory` {
    func open(_ directory: TemporaryDirectory) throws -> StateDirectory {
        let clock = ManualClock()
        return try StateDirectory(
            StateDirectory.Options(path: directory.path), clock: clock, wallClock: clock, auditHealth: { _ in })
    }

    @Test func `a first start makes everything, and a second finds it`() throws {
        let directory = try TemporaryDirectory()
        let first = try open(directory)
        #expect(first.made == [.database, .audit, .key])
        try first.close()
        let second = try open(directory)
        #expect(second.made.isEmpty)
        #expect(second.keys.currentIdentifier == first.keys.currentIdentifier)
        try second.close()
    }

    @Test func `a key that is gone, or another, is a clear refusal to start`() throws {
        let directory = try TemporaryDirectory()
        try open(directory).close()
        let key = directory.path + "/" + KeyFile.name
        try FileManager.default.removeItem(atPath: key)
        #expect(throws: StoreError(.wrongKey, "")) { try open(directory) }
        #expect(!FileManager.default.fileExists(atPath: key))
        _ = try KeyFile(credentials: nil, directory: directory.path).create()
        #expect(throws: StoreError(.wrongKey, "")) { try open(directory) }
    }

    @Test func `a rotated key opens everything, and seals anew`() throws {
        let directory = try TemporaryDirectory()
        let first = try open(directory)
        let identifier = try first.keyFile.rotate().currentIdentifier
        try first.close()
        let second = try open(directory)
        #expect(second.keys.currentIdentifier == identifier)
        try second.close()
    }
}
