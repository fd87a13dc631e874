import CLinux
import Glibc
package import NetworkManagement
import Synchronization

/// Sends each audit record to the host's log daemon as well, by a datagram to its socket (journald and syslog alike).
///
/// It never waits, and what the log daemon does not take is counted: the files are the audit, this is a copy of it.
package final class SyslogMirror: Sendable {
    private let descriptor: Int32
    private let path: String
    private let host: String
    private let process = getpid()
    private let enterprise: UInt32
    private let drops = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - path: the log daemon's socket, at most 107 octets.
    ///   - enterprise: the enterprise number that qualifies our structured data.
    package init(path: String = "/dev/log", enterprise: UInt32) throws(StoreError) {
        guard path.utf8.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else {
            throw StoreError(.failed, "\(path): too long for the path of a socket")
        }
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw .system("socket", path, errno) }
        self.path = path
        self.enterprise = enterprise
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        close(descriptor)
    }

    /// Messages that the log daemon did not take.
    package var dropped: UInt64 { drops.load(ordering: .relaxed) }

    package func send(_ entry: AuditEntry) {
        let text = SyslogMessage.text(entry, host: host, process: process, enterprise: enterprise)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let octets = Array(text.utf8)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                sendto(
                    descriptor, octets, octets.count, Int32(MSG_NOSIGNAL), address,
                    socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if sent != octets.count { drops.wrappingAdd(1, ordering: .relaxed) }
    }
}
