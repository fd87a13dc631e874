import Glibc

/// Why a file or a folder cannot be read or written.
package struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    package var path: String
    /// The system's error number.
    package var errno: Int32

    package var description: String { "\(path): \(String(cString: strerror(errno)))" }
}

/// Whole files of text, without Foundation.
enum TextFile {
    /// The names in a folder, in no order.
    static func names(in folder: String) throws(FileError) -> [String] {
        guard let directory = opendir(folder) else { throw FileError(path: folder, errno: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The content; nil when there is no such file.
    static func read(_ path: String) throws(FileError) -> String? {
        guard let file = fopen(path, "r") else {
            if errno == ENOENT { return nil }
            throw FileError(path: path, errno: errno)
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
            bytes += chunk.prefix(count)
        }
        guard ferror(file) == 0 else { throw FileError(path: path, errno: errno) }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func write(_ content: String, to path: String) throws(FileError) {
        guard let file = fopen(path, "w") else { throw FileError(path: path, errno: errno) }
        let bytes = Array(content.utf8)
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else { throw FileError(path: path, errno: errno) }
    }

    static func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 else { throw FileError(path: path, errno: errno) }
    }
}
