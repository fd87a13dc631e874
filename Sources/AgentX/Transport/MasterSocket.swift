import Glibc

/// A connection to the master agent's unix-domain socket (RFC 2741 section 8.2). Nothing here blocks.
final class MasterSocket {
    enum Transfer {
        case octets(Int)
        /// Nothing can be moved at the moment.
        case wouldBlock
        case ended(AgentXError)
    }

    let descriptor: Int32

    private static let kind =
        Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)

    /// Connects.
    ///
    /// - Throws: `socket`, with what to do about it.
    init(path: String, trusting isTrusted: (UInt32) -> Bool) throws(AgentXError) {
        let descriptor = Glibc.socket(AF_UNIX, Self.kind, 0)
        guard descriptor >= 0 else {
            throw AgentXError(.socket, "no socket can be made", errno: errno)
        }
        self.descriptor = descriptor
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let octets = Array(path.utf8)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard octets.count < capacity, !octets.contains(0) else {
            throw AgentXError(.socket, "the path \(path) is longer than \(capacity - 1) octets", errno: ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else { throw AgentXError(connecting: path, errno: errno) }
        guard let user = peerUser, isTrusted(user) else {
            let owner = peerUser.map { "user \($0)" } ?? "nobody known"
            throw AgentXError(
                .socket, "the master agent at \(path) runs as \(owner); name its user in [security] snmpd_user",
                errno: EPERM)
        }
    }

    /// Whoever listens at the other end, as of listen(2); nil when the kernel does not say.
    private var peerUser: UInt32? {
        // struct ucred of sys/socket.h, which hides behind _GNU_SOURCE.
        var credentials: (pid: pid_t, uid: uid_t, gid: gid_t) = (0, 0, 0)
        let size = socklen_t(MemoryLayout.size(ofValue: credentials))
        var length = size
        let status = getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length)
        return status == 0 && length == size ? credentials.uid : nil
    }

    deinit {
        close(descriptor)
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
        if count > 0 { return .octets(count) }
        if count == 0 { return .ended(AgentXError(.connectionLost, "the master agent closed the connection")) }
        return Self.transfer(failedWith: errno)
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)
        return count >= 0 ? .octets(count) : Self.transfer(failedWith: errno)
    }

    private static func transfer(failedWith code: Int32) -> Transfer {
        switch code {
        case EAGAIN, EINTR, ENOBUFS: .wouldBlock
        default: .ended(AgentXError(.connectionLost, "the connection to the master agent broke", errno: code))
        }
    }
}
