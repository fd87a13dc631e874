import Glibc

/// Sends datagrams to one unix socket, without ever waiting.
final class DatagramSender: Sendable {
    private let descriptor: Int32
    private let address: [UInt8]

    /// - Parameter path: of the socket; one that begins with "@" is in the abstract namespace (unix(7)). nil is returned
    ///   when the path does not fit an address or no socket can be made.
    init?(path: String) {
        guard let address = Self.address(of: path) else { return nil }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
        self.address = address
    }

    deinit {
        close(descriptor)
    }

    /// Returns whether the receiver has it.
    func send(_ datagram: [UInt8]) -> Bool {
        address.withUnsafeBytes { address in
            guard let base = address.baseAddress else { return false }
            let sent = sendto(
                descriptor, datagram, datagram.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL),
                base.assumingMemoryBound(to: sockaddr.self), socklen_t(address.count))
            return sent == datagram.count
        }
    }

    /// struct sockaddr_un: the family in two octets, then the path, which is not ended by NUL when it is abstract.
    private static func address(of path: String) -> [UInt8]? {
        var name = Array(path.utf8)
        guard let first = name.first, name.count < 108, !name.contains(0) else { return nil }
        if first == UInt8(ascii: "@") { name[0] = 0 } else { name.append(0) }
        return withUnsafeBytes(of: sa_family_t(AF_UNIX)) { Array($0) } + name
    }
}
