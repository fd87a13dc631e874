import ArgumentParser
import Glibc

/// Asks the running daemon.
struct ControlClient {
    let path: String

    /// - Throws: an exit code, after saying why on standard error.
    func ask(_ request: ControlRequest) throws -> ControlReply {
        guard let address = UnixAddress(path) else { throw failure("the path is too long") }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure(errorText(errno)) }
        defer { close(descriptor) }
        guard address.with({ connect(descriptor, $0, $1) }) == 0 else {
            throw failure("\(errorText(errno)); does oriond run?")
        }
        var octets = ControlCoding.encode(request)[...]
        while !octets.isEmpty {
            let count = octets.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw failure(errorText(errno)) }
            octets = octets.dropFirst(count)
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        guard let reply = ControlCoding.decode(ControlReply.self, answer) else {
            throw failure("oriond did not answer; only root and its own user may ask")
        }
        return reply
    }

    private func failure(_ reason: String) -> ExitCode {
        writeLine("oriond: \(printable(path)): \(reason)", to: STDERR_FILENO)
        return .failure
    }
}
