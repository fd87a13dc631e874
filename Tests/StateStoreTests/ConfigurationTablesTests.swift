import Foundation
import NetworkManagement
import NetworkModel
import PlatformTesting
import Testing

@testable import StateStore

/// Revisions on disk.
struct ConfigurationTablesTests {
    /// What every store of configurations fulfils, the fake included.
    private func check(reopen: () throws -> any ConfigurationStore) throws {
        var store = try reopen()
        #expect(try store.loadConfigurations().revisions.isEmpty)
        var configuration = NetworkConfiguration()
        let values: [(SettingPath, SettingValue)] = [
            (SettingPath(.interfaces, "eth0.7", "mtu"), .integer(1400)),
            (SettingPath(.interfaces, "eth0.7", "addresses"), .list(["192.0.2.1/24"])),
            (SettingPath("network_manager", nil, "manager_max_drivers"), .integer(3)),
        ]
        for (path, value) in values {
            let isSet = configuration.set(path, to: value)
            #expect(isSet)
        }
        var plan = ConfigurationPlan()
        plan.steps = [
            .init(
                .create("br0", VirtualLink(.bridge)), undo: [.delete("br0"), .restoreRoutes("x", [[1, 2, 3]])],
                setting: "interfaces.br0.kind"),
            .init(
                .set("eth0", .parameter(.ringReceive, 7)),
                undo: [.set("eth0", .master(nil)), .set("eth0", .up(false))],
                setting: "interfaces.eth0.ring_receive"),
        ]
        let baseline: ConfigurationBaseline = ["eth0": ["mtu": .integer(1500), "addresses": .list([])]]
        let intent = ConfigurationIntent(revision: 1, previous: 0, plan: plan, baseline: baseline, boot: "b")
        var revision = ConfigurationRevision(
            number: 1, seconds: 5, principal: "host", origin: .file, comment: "c",
            digest: try store.digest(of: configuration), changes: 2, fileDigest: [1], state: .applying)
        #expect(revision.digest.count == 32)
        try store.begin(revision, configuration, intent)
        store = try reopen()
        var stored = try store.loadConfigurations()
        #expect(stored.revisions == [revision] && stored.intent == intent && stored.baseline.isEmpty)
        #expect(try store.configuration(ofRevision: 1) == configuration)
        #expect(try store.configuration(ofRevision: 2) == nil)
        revision.state = .confirmed
        try store.settle(revision, baseline: baseline, intent: nil)
        store = try reopen()
        stored = try store.loadConfigurations()
        #expect(stored.revisions == [revision] && stored.intent == nil && stored.baseline == baseline)
        for number in UInt32(2)...120 {
            let other = ConfigurationRevision(
                number: number, seconds: 5, principal: "host", origin: .file, comment: "", digest: revision.digest,
                changes: 0, state: .failed)
            try store.begin(other, configuration, intent)
            try store.settle(other, baseline: nil, intent: nil)
        }
        stored = try store.loadConfigurations()
        #expect(stored.revisions.first?.number == 1, "the one in force is kept, however old")
        #expect((100...101).contains(stored.revisions.count))
        #expect(try store.configuration(ofRevision: 2) == nil)
    }

    @Test func `the fake fulfils the port`() throws {
        let store = MemoryConfigurationStore()
        try check { store }
    }

    @Test(arguments: [true, false])
    func `the database fulfils the port`(_ isSealing: Bool) throws {
        try withDirectory { directory in
            let keys = try KeyFile(credentials: nil, directory: directory).create()
            var open: StateDatabase?
            try check {
                try open?.close()
                let database = try StateDatabase(path: directory + "/state.sqlite", keys: keys)
                open = database
                return ConfigurationTables(database, keys: keys, isSealing: isSealing)
            }
            try open?.close()
            let file = try Data(contentsOf: URL(fileURLWithPath: directory + "/state.sqlite"))
            #expect(file.range(of: Data("interfaces.eth0.7.mtu".utf8)) == nil || !isSealing)
        }
    }

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "config-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.path)
    }
}
