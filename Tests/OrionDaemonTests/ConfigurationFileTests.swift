import Foundation
import Testing

@testable import OrionDaemon

@Suite struct ConfigurationFileTests {
    /// Calls `body` with a path in a directory that is removed afterwards.
    private func withPath(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "orion-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.appending(path: "oriond.toml").path)
    }

    private func problem(reading path: String) throws -> String {
        let error = try #require(throws: ConfigurationError.self) { try ConfigurationFile.text(of: path) }
        return error.description
    }

    @Test func `a file is read whole`() throws {
        try withPath { path throws in
            let text = String(repeating: "# é\n", count: 40_000)
            try Data(text.utf8).write(to: URL(filePath: path))
            #expect(try ConfigurationFile.text(of: path) == text)
        }
    }

    @Test func `a file that is not there is named`() throws {
        try withPath { path throws in
            #expect(try problem(reading: path) == "\(path): cannot be opened: No such file or directory")
        }
    }

    @Test func `a directory is not a file`() throws {
        #expect(try problem(reading: "/") == "/: expected a file, found a directory")
    }

    @Test(.enabled(if: geteuid() != 0, "root reads every file"))
    func `a file without read permission is refused`() throws {
        try withPath { path throws in
            try Data().write(to: URL(filePath: path))
            #expect(chmod(path, 0) == 0)
            #expect(try problem(reading: path) == "\(path): cannot be opened: Permission denied")
        }
    }

    @Test func `a file of 16 MiB is read, one octet more is refused`() throws {
        try withPath { path throws in
            try Data(repeating: UInt8(ascii: "#"), count: 16 << 20).write(to: URL(filePath: path))
            #expect(try ConfigurationFile.text(of: path).utf8.count == 16 << 20)
            try Data(repeating: UInt8(ascii: "#"), count: (16 << 20) + 1).write(to: URL(filePath: path))
            #expect(try problem(reading: path) == "\(path): expected at most 16777216 octets, found more")
        }
    }

    @Test func `a device without end is refused`() throws {
        #expect(try problem(reading: "/dev/zero") == "/dev/zero: expected at most 16777216 octets, found more")
    }

    @Test func `a FIFO that nobody writes to does not hang`() throws {
        try withPath { path throws in
            #expect(mkfifo(path, 0o600) == 0)
            #expect(try ConfigurationFile.text(of: path) == "")
        }
    }

    @Test(
        arguments: [
            (Array("a\n\n".utf8) + [0xFF], "f:3: expected UTF-8, found an octet that is not"),
            (Array("# é\n\"".utf8) + [0xC3, 0x28], "f:2: expected UTF-8, found an octet that is not"),
            ([0xED, 0xA0, 0x80], "f:1: expected UTF-8, found an octet that is not"),
            ([0xFF, 0xFE, 0x61, 0x01], "f:1: expected UTF-8, found an octet that is not"),
            (Array("[log]\nx\0".utf8), "f:2: expected text, found a NUL octet"),
        ] as [([UInt8], String)])
    func `text that is not UTF-8 is refused with its line`(octets: [UInt8], message: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try ConfigurationFile.text(of: octets, file: "f") }
        #expect(error.description == message)
    }
}
