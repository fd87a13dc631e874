import NetworkManagement
import NetworkModel

/// What the audit keeps of a file that was removed because it was beyond the number to keep.
struct RemovedFile {
    let name: String
    /// Its newest record.
    let last: AuditReceipt

    private static let fileName = "file"
    private static let sequenceName = "last-sequence"
    private static let digestName = "last-digest"

    init(name: String, last: AuditReceipt) {
        self.name = name
        self.last = last
    }

    /// nil when `record` tells of no such thing.
    init?(_ record: AuditRecord) {
        let values = Dictionary(record.objects.map { ($0.name, $0.new) }) { first, _ in first }
        guard record.event == .fileRemoved, case .octets(let name) = values[Self.fileName],
            case .integer(let sequence) = values[Self.sequenceName], sequence >= 0,
            case .octets(let text) = values[Self.digestName], let digest = Hexadecimal.parse(text)
        else { return nil }
        self.name = String(decoding: name, as: UTF8.self)
        last = AuditReceipt(sequence: UInt64(sequence), digest: digest)
    }

    var record: AuditRecord {
        var record = AuditRecord(.fileRemoved, principal: .host, phase: .done)
        record.objects = [
            AuditObject(name: Self.fileName, new: .text(name)),
            AuditObject(name: Self.sequenceName, new: .integer(Int64(clamping: last.sequence))),
            AuditObject(name: Self.digestName, new: .octets(Hexadecimal.octets(of: last.digest))),
        ]
        return record
    }
}
