package import NetworkModel

/// What the audit says of one event, before the store gives it a place and a time.
package struct AuditRecord: Sendable, Hashable {
    package var event: AuditEvent
    package var principal: Principal
    package var objects: [AuditObject] = []
    package var phase: AuditPhase
    /// What was answered, in the words of whoever asked ("noError", "noAccess", "wrongValue"); empty when nothing was.
    package var result = ""
    /// Why, for people; empty when there is nothing to say.
    package var reason = ""
    /// From the first look at the request to this record; nil where it has no meaning.
    package var duration: Duration?
    /// The record that announced what this one reports the outcome of; nil when this stands alone.
    package var announcement: UInt64?
    /// The SNMP request-id and the AgentX transaction, to find the manager's own log and its retransmissions; nil when
    /// the event is no SNMP request.
    package var request: Int32?
    package var transaction: UInt32?

    package init(_ event: AuditEvent, principal: Principal, phase: AuditPhase) {
        self.event = event
        self.principal = principal
        self.phase = phase
    }
}

/// What happened. Extensible: compare with the constants.
package struct AuditEvent: Sendable, Hashable, CustomStringConvertible {
    /// 1..32 lower-case letters and hyphens.
    package let description: String

    package init?(_ text: String) {
        let isPlain = text.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || $0 == 0x2D }
        guard isPlain, (1...32).contains(text.utf8.count) else { return nil }
        description = text
    }

    private init(constant: String) { description = constant }

    /// A SET.
    package static let set = AuditEvent(constant: "set")
    package static let policyChange = AuditEvent(constant: "policy-change")
    /// A revision of the configuration.
    package static let configuration = AuditEvent(constant: "configuration")
    /// The daemon began, ended, read its configuration anew.
    package static let start = AuditEvent(constant: "start")
    package static let stop = AuditEvent(constant: "stop")
    package static let reload = AuditEvent(constant: "reload")
    /// A key was made, used to open the store, replaced.
    package static let keyUse = AuditEvent(constant: "key-use")
    /// A principal record that was missing, malformed or forged; a refusal by the agent's own access control.
    package static let authentication = AuditEvent(constant: "authentication")
    /// An operation that a SET had queued.
    package static let operation = AuditEvent(constant: "operation")
    /// Something else than the daemon opened an interface to more than is meant, or closed it again.
    package static let interfaceExposure = AuditEvent(constant: "interface-exposure")
    /// A change that a finding proposed: made, kept, taken back.
    package static let optimisation = AuditEvent(constant: "optimisation")
    /// A file of the audit begins; it names the last digest of the file before.
    package static let fileBegin = AuditEvent(constant: "file-begin")
    /// An old file was removed because it was beyond the number to keep.
    package static let fileRemoved = AuditEvent(constant: "file-removed")
    /// Something was mended or lost: a torn end after a power cut, records that found no room.
    package static let recovery = AuditEvent(constant: "recovery")
}

/// How far something got.
package enum AuditPhase: UInt8, Sendable, Hashable, CaseIterable {
    /// The commit begins: recorded, and durable, before anything is touched.
    case begun = 1
    /// Tested, then abandoned before any commit.
    case tested = 2
    case committed = 3
    /// Committed, or partly so, and taken back.
    case undone = 4
    /// Refused before anything was touched.
    case refused = 5
    /// The commit failed, or the undo did.
    case failed = 6
    /// The daemon ended between the beginning of the commit and its outcome.
    case interrupted = 7
    /// Done in one step.
    case done = 8
}

extension AuditPhase: CustomStringConvertible {
    package var description: String {
        switch self {
        case .begun: "begun"
        case .tested: "tested"
        case .committed: "committed"
        case .undone: "undone"
        case .refused: "refused"
        case .failed: "failed"
        case .interrupted: "interrupted"
        case .done: "done"
        }
    }

    /// What `description` wrote; nil when it did not.
    package init?(_ text: some StringProtocol) {
        guard let phase = Self.allCases.first(where: { $0.description == text }) else { return nil }
        self = phase
    }
}

/// One object of a record.
package struct AuditObject: Sendable, Hashable {
    /// The object by the name that the caller knows it by, as "ifAdminStatus.3".
    package let name: String
    /// What it belongs to, as an interface's name; empty when that says nothing.
    package let target: String
    /// nil when there was none, or it was not looked at.
    package let old: AuditValue?
    /// nil when there is none.
    package let new: AuditValue?

    package init(name: String, target: String = "", old: AuditValue? = nil, new: AuditValue? = nil) {
        self.name = name
        self.target = target
        self.old = old
        self.new = new
    }
}

/// A value in a record.
package enum AuditValue: Sendable, Hashable {
    case integer(Int64)
    case octets([UInt8])
    /// A value that not everybody who reads the audit may see: kept sealed, or only as the fact that it was there when
    /// nothing can be sealed.
    case secret([UInt8])
    /// A secret that cannot be shown: the key is missing, or it was never kept.
    case masked

    package static func text(_ text: String) -> AuditValue {
        .octets(Array(text.utf8))
    }
}

extension AuditValue: CustomStringConvertible {
    /// For people: a secret is never shown.
    package var description: String {
        switch self {
        case .integer(let number): String(number)
        case .octets(let octets): "\"\(PrintableOctets.text(of: octets))\""
        case .secret, .masked: "***"
        }
    }
}
