import Foundation
import Testing

@testable import MIBGeneration

/// Where the modules are that the tests read.
enum Modules {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static let own = root + "/MIBs"
    static let standard = root + "/MIBs/standard"

    /// The modules as published; nil where there are none to compare with.
    static let reference: String? = {
        let named = ProcessInfo.processInfo.environment["ORION_REFERENCE_MIBS"]
        let folder = named ?? URL(filePath: root).appending(path: "../shared/mibs").standardized.path
        return FileManager.default.fileExists(atPath: folder + "/IF-MIB.txt") ? folder : nil
    }()

    static func names(in folder: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".txt") }.map { String($0.dropLast(4)) }.sorted()
    }

    /// Reads one module, whatever libsmi says of it short of faults that leave it unusable.
    static func read(_ name: String, in folders: [String]) throws -> MIBModule {
        try #require(MIBReader(folders: folders).read([name]) { $0.severity > 1 }.first)
    }

    /// A package root with the standard modules and `texts` as its own modules; gone when `body` returns.
    static func withRoot<Result>(_ texts: [String: String], _ body: (String) throws -> Result) throws -> Result {
        let files = FileManager.default
        let root = files.temporaryDirectory.appending(path: "mibgen-\(UUID().uuidString)").path
        defer { try? files.removeItem(atPath: root) }
        try files.createDirectory(atPath: root + "/MIBs", withIntermediateDirectories: true)
        try files.createDirectory(atPath: root + "/Sources/OrionSchema", withIntermediateDirectories: true)
        try files.createDirectory(atPath: root + "/docs", withIntermediateDirectories: true)
        try files.createSymbolicLink(atPath: root + "/MIBs/standard", withDestinationPath: standard)
        for (name, text) in texts {
            try text.write(toFile: root + "/MIBs/\(name).txt", atomically: true, encoding: .utf8)
        }
        return try body(root)
    }
}
