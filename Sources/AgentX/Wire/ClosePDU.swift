// RFC 2741 section 6.2.2: the agentx-Close-PDU.

struct ClosePDU: Payload {
    static let type = PDUType.close

    /// c.reason.
    struct Reason: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        let rawValue: UInt8

        static let other = Reason(rawValue: 1)
        static let parseError = Reason(rawValue: 2)
        static let protocolError = Reason(rawValue: 3)
        static let timeouts = Reason(rawValue: 4)
        static let shutdown = Reason(rawValue: 5)
        static let byManager = Reason(rawValue: 6)

        var description: String {
            switch self {
            case .other: "other(1)"
            case .parseError: "parseError(2)"
            case .protocolError: "protocolError(3)"
            case .timeouts: "timeouts(4)"
            case .shutdown: "shutdown(5)"
            case .byManager: "byManager(6)"
            default: "reason \(rawValue)"
            }
        }
    }

    var reason: Reason

    init(_ reason: Reason) {
        self.reason = reason
    }

    init(from reader: inout WireReader) throws(AgentXError) {
        reason = Reason(rawValue: try reader.byte())
        try reader.skip(3)
    }

    func encode(into output: OutputBuffer) {
        output.put(reason.rawValue)
        output.put(UInt8(0))
        output.put(UInt16(0))
    }
}
