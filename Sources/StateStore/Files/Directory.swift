import Glibc
import NetworkManagement

/// What is done to the entries of a directory.
enum Directory {
    /// Makes the directory's entries durable, as after a file was created or renamed.
    static func synchronize(_ path: String) throws(StoreError) {
        try File(path, O_RDONLY | O_DIRECTORY).synchronize()
    }

    /// Creates a directory that only its owner enters; nothing happens when it exists.
    static func create(_ path: String) throws(StoreError) {
        guard mkdir(path, 0o700) != 0 else { return }
        guard errno == EEXIST else { throw .system("mkdir", path, errno) }
    }

    static func rename(_ path: String, to newPath: String) throws(StoreError) {
        guard Glibc.rename(path, newPath) == 0 else { throw .system("rename", path, errno) }
    }

    static func remove(_ path: String) throws(StoreError) {
        guard unlink(path) == 0 else { throw .system("unlink", path, errno) }
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// The names in a directory, sorted, without `.` and `..`.
    static func names(in path: String) throws(StoreError) -> [String] {
        guard let stream = opendir(path) else { throw .system("opendir", path, errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Puts a file in the place of another, whole or not at all, and durable.
    static func replace(_ path: String, with octets: [UInt8], mode: mode_t) throws(StoreError) {
        let temporary = path + ".new"
        if exists(temporary) { try remove(temporary) }
        let file = try File(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        try file.write(octets, at: 0)
        try file.synchronize()
        try rename(temporary, to: path)
        try synchronize(parent(of: path))
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
