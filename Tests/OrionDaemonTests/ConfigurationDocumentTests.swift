import Foundation
import NetworkModel
import Testing

@testable import OrionDaemon

@Suite struct ConfigurationDocumentTests {
    private func file(_ path: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test func `Config/oriond.toml is what oriond config default prints`() throws {
        #expect(try file("Config/oriond.toml") == ConfigurationDocument.defaultFile, "run `make generate`")
    }

    @Test func `docs/configuration.md is what oriond config reference prints`() throws {
        #expect(try file("docs/configuration.md") == ConfigurationDocument.reference, "run `make generate`")
    }

    @Test func `the default file sets every key, and to its default`() throws {
        let text = ConfigurationDocument.defaultFile
        #expect(try ConfigurationReader.read(text, file: "f") == NetworkConfiguration())
        for setting in Setting.all {
            #expect(text.contains("\n\(setting.key) = \(setting.defaultValue)\n"))
        }
    }

    @Test func `no line of the default file is longer than a screen`() {
        #expect(ConfigurationDocument.defaultFile.split(separator: "\n").allSatisfy { $0.count <= 104 })
    }

    @Test func `each key stands once, in a section that is described`() {
        let names = Setting.all.map { "\($0.section).\($0.key)" }
        #expect(Set(names).count == names.count)
        #expect(Setting.all.allSatisfy { setting in Setting.sections.contains { $0.name == setting.section } })
    }
}
