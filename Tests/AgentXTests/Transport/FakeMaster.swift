import Glibc
import SMI
import Testing

@testable import AgentX

/// The master's end of a socket, done by hand.
final class FakeMaster {
    let path: String
    private var listener: Int32 = -1
    private var connection: Int32 = -1
    private var received: [UInt8] = []
    private var packetID: UInt32 = 1000
    static let patience: Int32 = 30_000

    init(isListening: Bool = true) throws {
        path = "/tmp/orion-fake-master-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        if isListening { try listen() }
    }

    deinit {
        hangUp()
        if listener >= 0 { close(listener) }
        unlink(path)
    }

    func listen() throws {
        listener = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0)
        Glibc.listen(listener, 8)
    }

    /// Takes the next connection, and opens session 7 on it.
    func accept() throws {
        try #require(wait(listener, POLLIN))
        hangUp()
        received = []
        connection = Glibc.accept(listener, nil, nil)
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        let open = try next()
        guard case .open = open.body else { throw AgentXError(.badValue, "\(open)") }
        try answer(open)
    }

    func hangUp() {
        if connection >= 0 { close(connection) }
        connection = -1
    }

    /// The next PDU; fails when there is none within half a minute.
    func next() throws -> PDU {
        while true {
            if received.count >= PDUHeader.length {
                let header = try received.withUnsafeBytes { try PDUHeader($0) }
                let length = PDUHeader.length + header.payloadLength
                if received.count >= length {
                    defer { received.removeFirst(length) }
                    return try PDU(Array(received[..<length]))
                }
            }
            try #require(wait(connection, POLLIN), "nothing came")
            var chunk = [UInt8](repeating: 0, count: 65536)
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { throw AgentXError(.connectionLost, "the subagent hung up") }
            received += chunk[..<count]
        }
    }

    func answer(_ request: PDU, _ status: ResponseStatus = .noError) throws {
        try send(PDU(.response(ResponsePDU(sysUpTime: 1, status)), sessionID: 7, packetID: request.packetID))
    }

    /// Answers until `count` requests have been.
    func answerNext(_ count: Int) throws {
        for _ in 0..<count { try answer(try next()) }
    }

    func request(_ body: PDU.Body, transaction: UInt32 = 1, packet: UInt32? = nil) throws {
        packetID += 1
        try send(PDU(body, sessionID: 7, transactionID: transaction, packetID: packet ?? packetID))
    }

    func send(_ pdu: PDU) throws {
        try send(pdu.encoded())
    }

    func send(_ octets: [UInt8]) throws {
        var rest = octets[...]
        while !rest.isEmpty {
            try #require(wait(connection, POLLOUT))
            let count = Array(rest).withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw AgentXError(.connectionLost, "the subagent hung up") }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends what the subagent takes without waiting.
    ///
    /// - Returns: how many octets.
    func sendAtOnce(_ octets: [UInt8]) -> Int {
        octets.withUnsafeBytes {
            Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
    }

    private func wait(_ descriptor: Int32, _ events: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&entry, 1, Self.patience) == 1
    }
}
