import Foundation
import Testing

/// Ends a daemon just before a chosen call by which it changes the kernel or a file: `Tests/SuddenEnd/instants.c`,
/// preloaded into it.
struct Instants: Sendable {
    private let file: URL
    /// What the daemon has to be started with.
    let environment: [String: String]

    /// Builds it in `directory`.
    init(in directory: URL) async throws {
        let library = directory.appending(path: "instants.so")
        let source = Host.root.appending(path: "Tests/SuddenEnd/instants.c")
        try await succeed(["cc", "-shared", "-fPIC", "-O2", "-o", library.path, source.path])
        file = directory.appending(path: "instants")
        // limit, count and last of `struct shared`.
        try Data(count: 128).write(to: file)
        environment = ["LD_PRELOAD": library.path, "ORION_INSTANTS": file.path]
    }

    /// Lets the daemon die before the `number`th call from now; 0 lets it live.
    func arm(_ number: Int64) throws {
        // In place: the daemon has the file mapped.
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }
        for (offset, value) in [(0, 0), (8, 0), (0, number)] as [(UInt64, Int64)] {
            try handle.seek(toOffset: offset)
            try handle.write(contentsOf: withUnsafeBytes(of: value) { Data($0) })
        }
    }

    /// How many calls there were since `arm`, and the one that the daemon died before.
    func state() throws -> (count: Int64, last: String) {
        let data = try Data(contentsOf: file)
        let count = data.dropFirst(8).prefix(8).withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
        return (count, String(decoding: data.dropFirst(16).prefix { $0 != 0 }, as: UTF8.self))
    }
}
