import Foundation
import Glibc

/// A directory of its own, removed with its last reference; a small file system of its own where one is asked for.
final class TemporaryDirectory {
    let path: String
    private var isMounted = false

    init() throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent("orion-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
        path = base.path
    }

    /// A directory on a tmpfs of `kibibytes`; nil when mounting is not permitted.
    init?(kibibytes: Int) throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent("orion-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
        path = base.path
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(kibibytes)k") == 0 else { return nil }
        isMounted = true
    }

    deinit {
        if isMounted { umount2(path, 2) }
        try? FileManager.default.removeItem(atPath: path)
    }

    func setReadOnly(_ isReadOnly: Bool) -> Bool {
        // MS_REMOUNT, MS_RDONLY of linux/mount.h.
        mount("tmpfs", path, "tmpfs", isReadOnly ? 32 | 1 : 32, nil) == 0
    }

    func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
    }

    func write(_ octets: [UInt8], to name: String) throws {
        try Data(octets).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    func names(in name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + name).sorted()
    }
}
