import Foundation

/// A record as `oriond audit show --format json` prints it.
struct AuditLine: Sendable, Decodable {
    let seq: UInt64
    let event: String
    let phase: String
    let user: String
    let model: String
    let level: String
    let source: String
    let announcement: UInt64?
    let objects: [Object]?
    let result: String?
    let reason: String?

    struct Object: Sendable, Decodable {
        let name: String
        let target: String?
        let old: Content?
        let new: Content?
    }

    /// A number or a text.
    struct Content: Sendable, Hashable, Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            text = try (try? container.decode(String.self)) ?? String(container.decode(Int64.self))
        }
    }
}

extension Sandbox {
    private var stateDirectory: String { directory.appending(path: "state").path }

    /// Everything that the audit holds, oldest first.
    func audit() async throws -> [AuditLine] {
        let text = try await succeed([
            Host.oriond, "audit", "show", "--format", "json", "--state-directory", stateDirectory,
        ])
        return try text.split(separator: "\n").map { try JSONDecoder().decode(AuditLine.self, from: Data($0.utf8)) }
    }

    /// What `oriond audit verify` says of the whole audit.
    func verifyAudit() async throws -> CommandResult {
        try await run([Host.oriond, "audit", "verify", "--state-directory", stateDirectory])
    }
}
