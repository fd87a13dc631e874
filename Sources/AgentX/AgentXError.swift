/// Why bytes are no AgentX PDU, or a connection or a request to the master did not work.
package struct AgentXError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may be added.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let description: String

        private init(_ description: String) {
            self.description = description
        }

        // A PDU that cannot be decoded.
        package static let truncated = Code("truncated PDU")
        package static let trailingBytes = Code("trailing bytes")
        package static let unsupportedVersion = Code("unsupported version")
        package static let unknownPDUType = Code("unknown PDU type")
        package static let badPayloadLength = Code("bad payload length")
        package static let badIdentifier = Code("bad object identifier")
        package static let badValue = Code("bad value")

        // A connection that cannot be made or kept.
        package static let socket = Code("socket error")
        package static let connectionLost = Code("connection lost")
        package static let timedOut = Code("timed out")
        package static let closedByMaster = Code("closed by the master agent")

        // A request of ours.
        package static let refused = Code("refused by the master agent")
        package static let oversized = Code("too large for one PDU")
        package static let notConnected = Code("not connected")
    }

    package let code: Code
    /// What happened, to which object, and what to try.
    package let message: String
    /// errno, when a system call failed.
    package let errno: Int32?
    /// The master's res.error, when it refused (RFC 2741 section 6.2.16).
    package let status: ResponseStatus?

    package init(_ code: Code, _ message: String, errno: Int32? = nil, status: ResponseStatus? = nil) {
        self.code = code
        self.message = message
        self.errno = errno
        self.status = status
    }

    package var description: String {
        errno.map { "\(code): \(message) (errno \($0))" } ?? "\(code): \(message)"
    }
}

extension AgentXError: Equatable {
    /// Errors are the same when their codes are: the message is for people.
    package static func == (left: AgentXError, right: AgentXError) -> Bool {
        left.code == right.code
    }
}
