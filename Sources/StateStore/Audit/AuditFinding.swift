/// Something in an audit that is not as it was written, and where.
package struct AuditFinding: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The line is no record at all.
        case unreadable
        /// The record does not say what it said when it was written.
        case modified
        /// Records are not there.
        case missing
        /// The record stands at another place than it was written to.
        case moved
        /// The record is there twice.
        case duplicate
        /// The last line does not end: an interrupted write, one under way, or a cut.
        case incomplete
        /// The file does not follow the file before it, or its name is not its own.
        case misplaced
        /// The head file is missing, damaged, or of another audit.
        case head
        /// The key that the file is chained under is not in the key file, so that nothing in it can be checked.
        case unknownKey = "unknown-key"
    }

    package let kind: Kind
    /// The file's path.
    package let file: String
    /// From 1; nil when it is about no line.
    package let line: Int?
    /// Of the line's first octet; nil when it is about no line.
    package let offset: Int64?
    /// The records it is about; nil when the line does not tell.
    package let sequences: ClosedRange<UInt64>?
    /// For people.
    package let detail: String
}

extension AuditFinding: CustomStringConvertible {
    package var description: String {
        let place = line.map { ":\($0) (octet \(offset ?? 0))" } ?? ""
        let records = sequences.map { range in
            range.count == 1 ? ", record \(range.lowerBound)" : ", records \(range.lowerBound)-\(range.upperBound)"
        }
        return "\(file)\(place): \(kind.rawValue)\(records ?? ""): \(detail)"
    }
}

/// What a verification found.
package struct AuditVerification: Sendable, Hashable {
    /// Records that were checked and found as they were written.
    package internal(set) var soundRecords = 0
    package internal(set) var files: [String] = []
    /// The newest record; nil when there is none.
    package internal(set) var lastSequence: UInt64?
    package internal(set) var findings: [AuditFinding] = []

    package var isSound: Bool { findings.isEmpty }
}
