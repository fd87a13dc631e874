/// Who makes a request.
package struct Principal: Sendable, Hashable {
    /// The security name (RFC 3411 snmpSecurityName), 0..255 octets of any kind.
    package let name: [UInt8]
    package let model: SecurityModel
    package let level: SecurityLevel
    /// The SNMP context the request was for, 0..255 octets; empty for the default context.
    package let context: [UInt8]
    package let source: SourceAddress

    package init(
        name: [UInt8], model: SecurityModel, level: SecurityLevel, context: [UInt8] = [], source: SourceAddress
    ) {
        self.name = name
        self.model = model
        self.level = level
        self.context = context
        self.source = source
    }

    /// Who stands behind a request whose principal nobody tells.
    package static let unknown = Principal(
        name: Array("unknown".utf8), model: .unknown, level: .noAuthNoPriv, source: .other([])
    )

    /// An administrator at the host itself.
    package static let host = Principal(name: Array("host".utf8), model: .host, level: .authPriv, source: .local)

    /// What the daemon does unasked.
    package static let daemon = Principal(name: Array("oriond".utf8), model: .host, level: .authPriv, source: .local)

    /// The name for a log or a table; see `PrintableOctets`.
    package var printableName: String { PrintableOctets.text(of: name) }
}

/// How the name of a principal was established (SnmpSecurityModel, RFC 3411 section 5).
package enum SecurityModel: Sendable, Hashable {
    case v1
    case v2c
    /// User-based (RFC 3414).
    case usm
    /// Transport (RFC 5591).
    case tsm
    /// Another registered model by its number, 5..2147483647.
    case other(Int32)
    /// At the host, not by SNMP at all. No record of snmpd's can claim it.
    case host
    /// Nobody told.
    case unknown

    /// The number of RFC 3411; 0 for what is not by SNMP or unknown.
    package var number: Int32 {
        switch self {
        case .v1: 1
        case .v2c: 2
        case .usm: 3
        case .tsm: 4
        case .other(let number): number
        case .host, .unknown: 0
        }
    }

    /// nil unless `number` is 1 or more: 0 is a wildcard, not a model.
    package init?(number: Int32) {
        guard number > 0 else { return nil }
        switch number {
        case 1: self = .v1
        case 2: self = .v2c
        case 3: self = .usm
        case 4: self = .tsm
        default: self = .other(number)
        }
    }
}

extension SecurityModel: CustomStringConvertible {
    /// `v1`, `v2c`, `usm`, `tsm`, `model-N`, `host` or `unknown`.
    package var description: String {
        switch self {
        case .v1: "v1"
        case .v2c: "v2c"
        case .usm: "usm"
        case .tsm: "tsm"
        case .other(let number): "model-\(number)"
        case .host: "host"
        case .unknown: "unknown"
        }
    }

    /// What `description` wrote; nil when it did not.
    package init?(_ text: some StringProtocol) {
        switch text {
        case "v1": self = .v1
        case "v2c": self = .v2c
        case "usm": self = .usm
        case "tsm": self = .tsm
        case "host": self = .host
        case "unknown": self = .unknown
        default:
            guard text.hasPrefix("model-"), let number = Int32(text.dropFirst(6)), number > 4 else { return nil }
            self = .other(number)
        }
    }
}

/// How well a request was protected (SnmpSecurityLevel, RFC 3411 section 5).
package enum SecurityLevel: UInt8, Sendable, Hashable, Comparable, CaseIterable {
    case noAuthNoPriv = 1
    case authNoPriv = 2
    case authPriv = 3

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension SecurityLevel: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noAuthNoPriv: "noAuthNoPriv"
        case .authNoPriv: "authNoPriv"
        case .authPriv: "authPriv"
        }
    }

    /// What `description` wrote; nil when it did not.
    package init?(_ text: some StringProtocol) {
        guard let level = Self.allCases.first(where: { $0.description == text }) else { return nil }
        self = level
    }
}
