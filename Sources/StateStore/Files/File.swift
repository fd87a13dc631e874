import CLinux
import Glibc
import NetworkManagement

/// An open file that is closed with its last reference. The calls retry EINTR.
final class File: Sendable {
    let descriptor: Int32
    let path: String

    /// - Parameters:
    ///   - flags: O_* of open(2); O_CLOEXEC and O_NOFOLLOW are added.
    ///   - mode: the permissions of a file that is created.
    init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(StoreError) {
        let descriptor = retry { open(path, flags | O_CLOEXEC | O_NOFOLLOW, mode) }
        guard descriptor >= 0 else { throw .system("open", path, errno) }
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        close(descriptor)
    }

    /// What fstat(2) says.
    func status() throws(StoreError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("fstat", path, errno) }
        return status
    }

    /// At most `count` octets from `offset`; fewer only at the end.
    func read(_ count: Int, at offset: Int64) throws(StoreError) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let received = octets.withUnsafeMutableBytes { buffer in
                retry { pread(descriptor, buffer.baseAddress?.advanced(by: done), count - done, off_t(offset) + done) }
            }
            guard received >= 0 else { throw .system("read", path, errno) }
            if received == 0 { break }
            done += received
        }
        octets.removeLast(count - done)
        return octets
    }

    /// All of it, unless it is longer than `limit`.
    func contents(atMost limit: Int) throws(StoreError) -> [UInt8] {
        let octets = try read(limit + 1, at: 0)
        guard octets.count <= limit else { throw StoreError(.corrupt, "\(path): longer than \(limit) octets") }
        return octets
    }

    /// Writes all of `octets`, or throws; then some of it may be written.
    func write(_ octets: [UInt8], at offset: Int64) throws(StoreError) {
        var done = 0
        while done < octets.count {
            let written = octets.withUnsafeBytes { buffer in
                retry {
                    pwrite(
                        descriptor, buffer.baseAddress?.advanced(by: done), octets.count - done, off_t(offset) + done)
                }
            }
            guard written > 0 else { throw .system("write", path, written == 0 ? ENOSPC : errno) }
            done += written
        }
    }

    func truncate(to length: Int64) throws(StoreError) {
        guard retry({ ftruncate(descriptor, off_t(length)) }) == 0 else { throw .system("truncate", path, errno) }
    }

    /// Makes the data and the length durable.
    func synchronizeData() throws(StoreError) {
        guard retry({ fdatasync(descriptor) }) == 0 else { throw .system("fdatasync", path, errno) }
    }

    /// Makes everything durable.
    func synchronize() throws(StoreError) {
        guard retry({ fsync(descriptor) }) == 0 else { throw .system("fsync", path, errno) }
    }

    /// Sets blocks aside for `length` octets from `offset` without changing the length of the file. Where the file
    /// system knows no such thing, nothing happens.
    func reserve(_ length: Int64, at offset: Int64) throws(StoreError) {
        guard retry({ orion_reserve_blocks(descriptor, off_t(offset), off_t(length)) }) != 0 else { return }
        let number = errno
        guard number != EOPNOTSUPP, number != ENOSYS else { return }
        throw .system("fallocate", path, number)
    }

    /// Takes the advisory lock that ends with the process; `.busy` when somebody else has it.
    func lock() throws(StoreError) {
        guard retry({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
            let number = errno
            guard number != EWOULDBLOCK else {
                throw StoreError(.busy, "\(path): another process has it open", errno: number)
            }
            throw .system("flock", path, number)
        }
    }
}

/// Repeats a call while a signal interrupts it.
func retry<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}
