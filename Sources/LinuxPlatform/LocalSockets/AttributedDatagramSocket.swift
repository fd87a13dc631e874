import CLinux
import Glibc
package import NetworkManagement

/// A unix datagram socket at a path, which anybody may write to and which tells the user who did (unix(7)).
package final class AttributedDatagramSocket: Sendable {
    package enum Arrival: Sendable, Hashable {
        case datagram([UInt8], user: UInt32)
        /// One that was too long, or from nobody the kernel names; it is gone.
        case unusable(String)
        case none
    }

    package let descriptor: Int32
    private let path: String
    private let maximumLength: Int

    /// - Parameters:
    ///   - path: at most 107 octets. What an earlier run left there is replaced; what somebody listens on is not.
    ///   - maximumLength: of a datagram, in octets.
    /// - Throws: `PlatformError` when nothing can be bound there.
    package init(path: String, maximumLength: Int) throws(PlatformError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let octets = Array(path.utf8)
        guard octets.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw PlatformError(.invalidValue, "\(path): longer than the path of a socket may be")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
        descriptor = try Self.makeSocket(path)
        self.path = path
        self.maximumLength = maximumLength
        if Self.with(&address, { connect(descriptor, $0, $1) }) == 0 {
            throw refused("somebody listens there already", EADDRINUSE)
        }
        if errno == ECONNREFUSED && Self.isSocket(path) { unlink(path) }
        // Not before: connecting would give the socket a name of its own (unix(7), autobind).
        var isOn: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_PASSCRED, &isOn, socklen_t(MemoryLayout<Int32>.size))
        guard Self.with(&address, { bind(descriptor, $0, $1) }) == 0 else { throw refused("bind", errno) }
        // Whoever sent a datagram is looked at when it has come.
        chmod(path, 0o666)
    }

    deinit {
        close(descriptor)
    }

    /// Takes the path away; nothing arrives any more.
    package func remove() {
        unlink(path)
    }

    /// What has arrived, without waiting.
    package func receive() -> Arrival {
        var user: uid_t = 0
        var length = 0
        var code: Int32 = 0
        let octets = [UInt8](unsafeUninitializedCapacity: maximumLength) { buffer, count in
            length = orion_receive_from_user(descriptor, buffer.baseAddress, buffer.count, &user)
            code = length < 0 ? errno : 0
            count = max(0, length)
        }
        switch code {
        case 0: return .datagram(octets, user: user)
        case EMSGSIZE: return .unusable("longer than \(maximumLength) octets")
        case EPERM: return .unusable("from nobody known")
        default: return .none
        }
    }

    private func refused(_ call: String, _ code: Int32) -> PlatformError {
        PlatformError(.failed, "\(path): \(call)", errno: code)
    }

    private static func isSocket(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    private static func makeSocket(_ path: String) throws(PlatformError) -> Int32 {
        let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw PlatformError(.exhausted, "\(path): socket", errno: errno) }
        return descriptor
    }

    private static func with(
        _ address: inout sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
