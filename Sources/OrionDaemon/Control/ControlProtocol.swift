import Foundation
import NetworkManagement
import NetworkModel

/// What a command on the host asks of the running daemon: one line of JSON, answered by one line of JSON.
struct ControlRequest: Codable, Sendable {
    enum Action: String, Codable, Sendable {
        case apply, check, confirm, cancel, show, diff, revisions, rollback, unlock
    }

    var action: Action
    /// A configuration file's text, and what messages call it.
    var text: String?
    var file: String?
    /// Seconds.
    var confirmWithin: Int?
    var comment: String?
    /// Of `show`, `diff` (from) and `rollback`; nil for the one in force.
    var revision: UInt32?
    /// Of `diff`: the other one.
    var other: UInt32?
}

/// What the daemon answers.
struct ControlReply: Codable, Sendable {
    struct Finding: Codable, Sendable {
        let severity: String
        let setting: String
        let text: String
        let step: UInt32
    }

    struct Revision: Codable, Sendable {
        let number: UInt32
        let time: String
        let principal: String
        let origin: String
        let state: String
        let changes: UInt32
        let comment: String
        let digest: String
        let reason: String
    }

    struct Difference: Codable, Sendable {
        let setting: String
        let old: String?
        let new: String?
    }

    /// Why nothing came of it; nil when something did.
    var error: String?
    var revision: UInt32?
    var findings: [Finding]?
    var steps: [String]?
    var revisions: [Revision]?
    var differences: [Difference]?
    var settings: [Difference]?
    var toml: String?
    /// The sessions that were locked.
    var unlocked: [String]?
    /// How long a commit took, and how much of that was the kernel's.
    var microseconds: Int64?
    var kernelMicroseconds: Int64?
    /// How long an unconfirmed revision has left, in seconds.
    var secondsLeft: Int64?

    init() {}

    init(error: String) {
        self.error = error
    }

    init(_ outcome: ConfigurationOutcome) {
        error = outcome.failure?.message
        revision = outcome.revision
        findings = outcome.findings.map {
            Finding(severity: "\($0.severity)", setting: $0.setting, text: $0.text, step: $0.step)
        }
        steps = outcome.steps.map(\.description)
    }
}

enum ControlCoding {
    /// More than any configuration file.
    static let maximumOctets = 64 << 20

    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Only strings, numbers and arrays of them: nothing that could not be written.
        let data = (try? encoder.encode(value)) ?? Data("{\"error\":\"not encoded\"}".utf8)
        return Array(data) + [UInt8(ascii: "\n")]
    }

    static func decode<Value: Decodable>(_: Value.Type, _ octets: [UInt8]) -> Value? {
        try? JSONDecoder().decode(Value.self, from: Data(octets))
    }
}
