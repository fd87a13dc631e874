import Foundation
import NetworkModel
import PlatformTesting
import Testing

@testable import OrionDaemon

@Suite struct OwnConfigurationFileTests {
    private let store = MemoryConfigurationStore()

    private func withFile(_ text: String, _ body: (ConfigurationSource) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "oriond-\(UUID().uuidString).toml")
        try text.write(to: file, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let socket = try #require(Setting.named(section: "agentx", key: "socket"))
        try body(ConfigurationSource(file: file.path, overrides: [(socket, .text("/elsewhere"))]))
    }

    @Test func `what the daemon's own file says is known as it, with the command line over it`() throws {
        let text = "[log]\nlevel = \"debug\"\n[interfaces.eth0]\nalias = \"a\"\n"
        try withFile(text) { source in
            let candidate = try ConfigurationReader.read(text, file: "candidate")
            let own = try #require(OwnConfigurationFile(source: source, store: store).recognise(candidate))
            #expect(own.configuration.agentX.socket == "/elsewhere")
            #expect(own.digest == (try store.digest(of: try source.load())))
        }
    }

    @Test func `any other file, and one that cannot be read, is none of the daemon's`() throws {
        try withFile("[log]\nlevel = \"debug\"\n") { source in
            let own = OwnConfigurationFile(source: source, store: store)
            #expect(own.recognise(NetworkConfiguration()) == nil)
        }
        let missing = ConfigurationSource(file: "/nowhere/oriond.toml")
        #expect(OwnConfigurationFile(source: missing, store: store).recognise(NetworkConfiguration()) == nil)
    }
}
