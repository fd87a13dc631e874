import NetworkManagement
import NetworkModel
import OrionSchema
import SMI
import Synchronization

/// The newest records of the audit, laid out for both tables.
final class AuditRows: Sendable {
    let entries: [AuditEntry]
    let index: RowIndex
    /// Each object, by its record's position in `entries` and its own in the record.
    let objects: [(entry: Int, object: Int)]
    let objectIndex: RowIndex

    init(_ newest: [AuditEntry]) {
        // A sequence has 64 bits and an index 32: beyond them the order of the rows is not that of the records.
        let entries = newest.sorted { $0.shownSequence < $1.shownSequence }
        self.entries = entries
        index = .integers(entries.map(\.shownSequence))
        objects = entries.enumerated().flatMap { position, entry in
            entry.record.objects.indices.map { (position, $0) }
        }
        objectIndex = RowIndex(
            objects.map { [entries[$0.entry].shownSequence, UInt32(clamping: $0.object + 1)] })
    }

    static let maximum = 1000
}

extension AuditEntry {
    fileprivate var shownSequence: UInt32 { UInt32(truncatingIfNeeded: receipt.sequence) }
}

/// Reads the newest records once after each that is added.
final class NewestRecords: Sendable {
    private let audit: (any AuditStore)?
    private let latest = Mutex<(head: AuditReceipt?, rows: AuditRows)>((nil, AuditRows([])))

    /// - Parameter audit: nil when auditing is switched off; then there are none.
    init(_ audit: (any AuditStore)?) {
        self.audit = audit
    }

    var rows: AuditRows {
        guard let audit else { return latest.withLock { $0.rows } }
        // Before the records: one that comes in between is looked at again rather than missed.
        let head = audit.status.head
        return latest.withLock { latest in
            if latest.head != head { latest = (head, AuditRows(audit.newest(AuditRows.maximum))) }
            return latest.rows
        }
    }
}

extension NewestRecords {
    /// orionSecurityRecordTable and orionSecurityRecordObjectTable.
    var tables: [any TableSource] {
        typealias Record = OrionSecurityMIB.OrionSecurityRecordEntry
        typealias Object = OrionSecurityMIB.OrionSecurityRecordObjectEntry
        return [
            ColumnTable<Record.Column>(Record.table) { [self] in
                let rows = rows
                return (rows.index, { rows.entries[$1].value($0) })
            },
            ColumnTable<Object.Column>(Object.table) { [self] in
                let rows = rows
                return (
                    rows.objectIndex,
                    { column, position in
                        let place = rows.objects[position]
                        return rows.entries[place.entry].record.objects[place.object].value(column)
                    }
                )
            },
        ]
    }
}

extension AuditEntry {
    fileprivate func value(_ column: OrionSecurityMIB.OrionSecurityRecordEntry.Column) -> Value? {
        switch column {
        case .orionSecurityRecordTime: return .dateAndTime(time)
        case .orionSecurityRecordEvent: return .text(record.event.description)
        case .orionSecurityRecordPrincipal: return .line(record.principal.printableName)
        case .orionSecurityRecordModel: return .integer(record.principal.model.number)
        case .orionSecurityRecordLevel: return .integer(Int32(record.principal.level.rawValue))
        case .orionSecurityRecordSource: return .line("\(record.principal.source)")
        case .orionSecurityRecordContext: return .line(PrintableOctets.text(of: record.principal.context))
        case .orionSecurityRecordPhase: return .integer(record.phase.number.rawValue)
        case .orionSecurityRecordResult: return .text(record.result.limited(toOctets: 64))
        case .orionSecurityRecordReason: return .line(record.reason)
        case .orionSecurityRecordDuration:
            return record.duration.map { duration in
                let (seconds, attoseconds) = duration.components
                let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
                return .gauge32(
                    overflow ? .max : UInt32(clamping: whole &+ attoseconds / 1_000_000_000_000))
            }
        case .orionSecurityRecordAnnouncement:
            return .gauge32(UInt32(truncatingIfNeeded: record.announcement ?? 0))
        case .orionSecurityRecordRequest: return record.request.map { .integer($0) }
        case .orionSecurityRecordTransaction: return record.transaction.map { .gauge32($0) }
        case .orionSecurityRecordObjects: return .gauge32(UInt32(clamping: record.objects.count))
        case .orionSecurityRecordDigest: return .bytes(receipt.digest)
        }
    }
}

extension AuditObject {
    fileprivate func value(_ column: OrionSecurityMIB.OrionSecurityRecordObjectEntry.Column) -> Value? {
        switch column {
        case .orionSecurityRecordObjectName: return .line(name)
        case .orionSecurityRecordObjectTarget: return .line(PrintableOctets.text(of: target.utf8))
        case .orionSecurityRecordObjectOld: return old.map { .line($0.shown) }
        case .orionSecurityRecordObjectNew: return new.map { .line($0.shown) }
        }
    }
}

extension AuditValue {
    fileprivate var shown: String {
        switch self {
        case .integer, .secret, .masked: description
        case .octets(let octets): PrintableOctets.text(of: octets)
        }
    }
}

extension AuditPhase {
    fileprivate var number: OrionSecurityMIB.OrionSecurityRecordPhase {
        switch self {
        case .begun: .begun
        case .tested: .tested
        case .committed: .committed
        case .undone: .undone
        case .refused: .refused
        case .failed: .failed
        case .interrupted: .interrupted
        case .done: .done
        }
    }
}

extension Value {
    /// A SnmpAdminString of at most 255 octets.
    static func line(_ text: String) -> Value {
        .text(text.limited(toOctets: 255))
    }
}
