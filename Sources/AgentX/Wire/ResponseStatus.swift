package import SMI

/// res.error of a Response: an AgentX error, or an SNMP error-status (RFC 2741 section 6.2.16).
package struct ResponseStatus: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package init(_ status: ErrorStatus) {
        rawValue = status.rawValue
    }

    package static let noError = ResponseStatus(rawValue: 0)
    package static let openFailed = ResponseStatus(rawValue: 256)
    package static let notOpen = ResponseStatus(rawValue: 257)
    package static let indexWrongType = ResponseStatus(rawValue: 258)
    package static let indexAlreadyAllocated = ResponseStatus(rawValue: 259)
    package static let indexNoneAvailable = ResponseStatus(rawValue: 260)
    package static let indexNotAllocated = ResponseStatus(rawValue: 261)
    package static let unsupportedContext = ResponseStatus(rawValue: 262)
    package static let duplicateRegistration = ResponseStatus(rawValue: 263)
    package static let unknownRegistration = ResponseStatus(rawValue: 264)
    package static let unknownAgentCaps = ResponseStatus(rawValue: 265)
    package static let parseError = ResponseStatus(rawValue: 266)
    package static let requestDenied = ResponseStatus(rawValue: 267)
    package static let processingError = ResponseStatus(rawValue: 268)

    /// The name the RFC gives it, and the number.
    package var description: String {
        let names = [
            "openFailed", "notOpen", "indexWrongType", "indexAlreadyAllocated", "indexNoneAvailable",
            "indexNotAllocated", "unsupportedContext", "duplicateRegistration", "unknownRegistration",
            "unknownAgentCaps", "parseError", "requestDenied", "processingError",
        ]
        if let status = ErrorStatus(rawValue: rawValue) { return "\(status)(\(rawValue))" }
        let position = Int(rawValue) - Int(ResponseStatus.openFailed.rawValue)
        return names.indices.contains(position) ? "\(names[position])(\(rawValue))" : "error \(rawValue)"
    }
}
