import Glibc
import NetworkManagement

/// Reads and writes small files and folders of sysfs and procfs by path.
enum SysfsFile {
    /// The first line; nil when it cannot be read.
    static func line(_ path: String) -> String? {
        content(path).map { text in String(text.prefix { $0 != "\n" }) }
    }

    /// All of it, up to 1 MiB; nil when it cannot be read.
    static func content(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while octets.count < 1 << 20 {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 { return octets.isEmpty ? nil : String(decoding: octets, as: UTF8.self) }
            if count == 0 { break }
            octets += chunk[..<count]
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// Writes `text` at once, as the kernel's attributes want it.
    ///
    /// - Parameters:
    ///   - action: what this is for, in the message.
    ///   - failure: what an error number means for what is written.
    static func write(
        _ text: String, to path: String, _ action: String,
        failure: (String, Int32) -> PlatformError = { PlatformError(driver: $0, $1) }
    ) throws(PlatformError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(action, errno) }
        defer { close(descriptor) }
        var octets = Array(text.utf8)
        let count = Glibc.write(descriptor, &octets, octets.count)
        guard count == octets.count else { throw failure(action, count < 0 ? errno : EIO) }
    }

    /// The names in a folder, in no order; empty when there is none.
    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The last component of what a symbolic link points to; nil when there is no such link.
    static func target(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink(path, $0, text.count) } ?? -1
            }
        }
        guard count > 0 else { return nil }
        return buffer[..<count].split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) }
    }
}

extension PlatformError {
    /// What an error number means for a module, a driver or a device.
    init(driver action: String, _ number: Int32) {
        let (code, meaning): (Code, String) =
            switch number {
            case EPERM, EACCES:
                (.notPermitted, "not permitted: CAP_SYS_MODULE or root is missing, or modules are locked")
            case ENOENT: (.notSupported, "there is none of that name")
            case ENODEV, ENXIO: (.notSupported, "no such device, or not one that the driver takes")
            case EBUSY, EAGAIN: (.busy, "in use")
            case EINVAL: (.invalidValue, "a parameter or value that it does not take")
            case EEXIST: (.busy, "it is there already")
            case ENOEXEC: (.notSupported, "not a module for this kernel (wrong version or format)")
            case ENOKEY, EKEYREJECTED: (.notPermitted, "the module is not signed by a key that the kernel trusts")
            case ENOSYS: (.notSupported, "the kernel is built without modules")
            case ENOMEM: (.exhausted, "out of memory")
            case ETIMEDOUT: (.failed, "the device did not answer in time")
            default: (.failed, String(cString: strerror(number)))
            }
        self.init(code, "\(action): \(meaning)", errno: number)
    }
}
