import EventLoop
import Glibc
import Logging
import NetworkManagement
import NetworkModel
import Synchronization

/// The unix socket by which commands on the host reach the daemon.
///
/// Only root and the daemon's own user may speak; who it is the kernel says (SO_PEERCRED), and becomes the principal of
/// what is done. One request a connection.
final class ControlSocket: Sendable {
    /// In the state directory.
    static let name = "control"

    private let path: String
    private let logger: Logger
    private let answer: @Sendable (ControlRequest, Principal, @escaping @Sendable (ControlReply) -> Void) -> Void
    private let descriptor = Mutex<Int32>(-1)

    /// - Parameter answer: called on the loop; replies once, from anywhere.
    init(
        path: String, logger: Logger,
        answer: @escaping @Sendable (ControlRequest, Principal, @escaping @Sendable (ControlReply) -> Void) -> Void
    ) {
        self.path = path
        self.logger = logger
        self.answer = answer
    }

    /// Listens. Without it the daemon works, and commands say that they cannot reach it.
    func start(on loop: EventLoop) {
        guard let listener = listen() else {
            logger.warning(
                "commands on the host cannot reach this daemon",
                metadata: ["socket": "\(path)", "error": "\(errorText(errno))"])
            return
        }
        descriptor.withLock { $0 = listener }
        loop.perform { [self] in
            loop.watch(listener, for: .read) { [self] _ in accept(listener, on: loop) }
        }
    }

    func stop() {
        let descriptor = descriptor.withLock { descriptor in
            defer { descriptor = -1 }
            return descriptor
        }
        guard descriptor >= 0 else { return }
        unlink(path)
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private func listen() -> Int32? {
        guard let address = UnixAddress(path) else { return nil }
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, flags, 0)
        guard descriptor >= 0 else { return nil }
        // The state directory is ours alone, and another daemon on it could not have opened the database.
        unlink(path)
        guard address.with({ bind(descriptor, $0, $1) }) == 0, chmod(path, 0o600) == 0, Glibc.listen(descriptor, 8) == 0
        else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private func accept(_ listener: Int32, on loop: EventLoop) {
        let connection = Glibc.accept(listener, nil, nil)
        guard connection >= 0 else { return }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        guard let principal = principal(of: connection) else {
            close(connection)
            return
        }
        _ = fcntl(connection, F_SETFL, fcntl(connection, F_GETFL, 0) | O_NONBLOCK)
        read(connection, principal, on: loop)
    }

    /// The user at the other end, when it may speak.
    private func principal(of connection: Int32) -> Principal? {
        // struct ucred of sys/socket.h, which hides behind _GNU_SOURCE.
        var credentials: (pid: pid_t, uid: uid_t, gid: gid_t) = (0, 0, 0)
        var size = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0,
            credentials.uid == 0 || credentials.uid == geteuid()
        else { return nil }
        let name = getpwuid(credentials.uid).map { String(cString: $0.pointee.pw_name) } ?? "uid-\(credentials.uid)"
        return Principal(name: Array(name.utf8), model: .host, level: .authPriv, source: .local)
    }

    /// Collects a line; a connection that is silent for long is closed.
    private func read(_ connection: Int32, _ principal: Principal, on loop: EventLoop) {
        var input: [UInt8] = []
        let timer = loop.schedule(after: .seconds(10)) {
            loop.unwatch(connection)
            close(connection)
        }
        loop.watch(connection, for: .read) { [self] _ in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = Glibc.read(connection, &buffer, buffer.count)
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            if count > 0 { input += buffer[..<count] }
            let isWhole = input.last == UInt8(ascii: "\n")
            guard isWhole || count <= 0 || input.count > ControlCoding.maximumOctets else { return }
            loop.cancel(timer)
            loop.unwatch(connection)
            guard isWhole, let request = ControlCoding.decode(ControlRequest.self, input) else {
                close(connection)
                return
            }
            answer(request, principal) { reply in
                loop.perform { send(ControlCoding.encode(reply)[...], to: connection, on: loop) }
            }
        }
    }
}

/// Writes as the other end takes it, for 10 seconds at most, and closes.
private func send(_ octets: ArraySlice<UInt8>, to connection: Int32, on loop: EventLoop) {
    var rest = octets
    let timer = loop.schedule(after: .seconds(10)) {
        loop.unwatch(connection)
        close(connection)
    }
    loop.watch(connection, for: .write) { _ in
        let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        rest = rest.dropFirst(max(count, 0))
        guard rest.isEmpty || count < 0 else { return }
        loop.cancel(timer)
        loop.unwatch(connection)
        close(connection)
    }
}

/// A path as an address of unix(7); nil when it does not fit one.
struct UnixAddress {
    private var address = sockaddr_un()

    init?(_ path: String) {
        address.sun_family = sa_family_t(AF_UNIX)
        let octets = Array(path.utf8)
        let isFitting = withUnsafeMutableBytes(of: &address.sun_path) { place in
            guard octets.count < place.count else { return false }
            place.copyBytes(from: octets)
            return true
        }
        guard isFitting else { return nil }
    }

    func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
