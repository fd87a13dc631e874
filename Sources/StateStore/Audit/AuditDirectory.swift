/// The names of the files of an audit.
///
/// `audit.log` is written to; `audit-<sequence of its first record, 20 digits>.log` are the ones before it, which sort in
/// their order; `audit.head` says how far the audit goes; `audit.lock` keeps a second daemon out.
struct AuditDirectory: Sendable {
    let path: String

    static let currentName = "audit.log"
    static let headName = "audit.head"

    var current: String { path + "/" + Self.currentName }
    var head: String { path + "/" + Self.headName }
    var lock: String { path + "/audit.lock" }

    func closed(firstSequence: UInt64) -> String {
        path + "/" + Self.closedName(firstSequence: firstSequence)
    }

    static func closedName(firstSequence: UInt64) -> String {
        let digits = String(firstSequence)
        return "audit-" + String(repeating: "0", count: 20 - digits.utf8.count) + digits + ".log"
    }

    /// The sequence in the name of a closed file; nil when `name` is none of these.
    static func firstSequence(of name: String) -> UInt64? {
        guard name.hasPrefix("audit-"), name.hasSuffix(".log"), name.utf8.count == 30,
            let number = UInt64(name.dropFirst(6).dropLast(4))
        else { return nil }
        return closedName(firstSequence: number) == name ? number : nil
    }
}
