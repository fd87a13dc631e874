import Glibc

/// An open directory: it stays the same interface's when that is renamed.
struct Directory: ~Copyable {
    private let descriptor: Int32

    init?(opening path: String, in parent: Int32) {
        let descriptor = openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    func directory(_ name: String) -> Directory? {
        Directory(opening: name, in: descriptor)
    }

    /// The first line of a small file.
    func text(of file: String) -> String? {
        let opened = openat(descriptor, file, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { return nil }
        defer { close(opened) }
        return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            let count = read(opened, buffer.baseAddress, buffer.count)
            guard count > 0 else { return nil }
            return String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
    }

    /// The last component of what a symbolic link points to.
    func target(of link: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlinkat(descriptor, link, start, buffer.count)
            guard count > 0 else { return nil }
            let path = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: buffer[..<count]))
            let name = path.split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) }
            return name == "." || name == ".." ? nil : name
        }
    }
}
