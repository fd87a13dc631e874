package import NetworkManagement
package import NetworkModel
import OrionSchema
import SMI
import Synchronization

/// The sessions laid out for their tables, once for each change of them.
final class CandidateRows: Sendable {
    struct Content: Sendable {
        var owners: [[UInt8]] = []
        var sessions: [CandidateSession] = []
        var sessionIndex = RowIndex.empty
        var edits: [(path: SettingPath, value: SettingValue?)] = []
        var editIndex = RowIndex.empty
        var findings: [ConfigurationFinding] = []
        var findingIndex = RowIndex.empty
    }

    private let manager: ConfigurationManager
    private let latest = Mutex<(version: UInt64?, content: Content)>((nil, Content()))

    init(_ manager: ConfigurationManager) {
        self.manager = manager
    }

    var content: Content {
        let (version, sessions) = manager.sessions
        return latest.withLock { latest in
            if latest.version != version { latest = (version, Self.layOut(sessions)) }
            return latest.content
        }
    }

    private static func layOut(_ sessions: [[UInt8]: CandidateSession]) -> Content {
        let sorted = sessions.map { (CountedIndex.words($0.key), $0.key, $0.value) }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }
        var content = Content()
        content.owners = sorted.map(\.1)
        content.sessions = sorted.map(\.2)
        content.sessionIndex = RowIndex(sorted.map(\.0))
        var editTails: [[UInt32]] = []
        var findingTails: [[UInt32]] = []
        for (tail, _, session) in sorted {
            let edits = session.edits.map { (CountedIndex.words($0.key.description.utf8), $0.key, $0.value) }
                .sorted { $0.0.lexicographicallyPrecedes($1.0) }
            for (name, path, value) in edits {
                content.edits.append((path, value))
                editTails.append(tail + name)
            }
            for (position, finding) in session.findings.enumerated() {
                content.findings.append(finding)
                findingTails.append(tail + [UInt32(position + 1)])
            }
        }
        content.editIndex = RowIndex(editTails)
        content.findingIndex = RowIndex(findingTails)
        return content
    }
}

// MARK: - As they are read

extension CandidateRows {
    /// orionConfigSessionTable, orionConfigEditTable and orionConfigFindingTable.
    var tables: [any TableSource] {
        typealias Session = OrionConfigMIB.OrionConfigSessionEntry
        typealias Edit = OrionConfigMIB.OrionConfigEditEntry
        typealias Finding = OrionConfigMIB.OrionConfigFindingEntry
        return [
            ColumnTable<Session.Column>(Session.table) { [self] in
                let content = content
                return (content.sessionIndex, { content.sessions[$1].value($0) })
            },
            ColumnTable<Edit.Column>(Edit.table) { [self] in
                let content = content
                return (content.editIndex, { Self.value($0, of: content.edits[$1].value) })
            },
            ColumnTable<Finding.Column>(Finding.table) { [self] in
                let content = content
                return (content.findingIndex, { content.findings[$1].value($0) })
            },
        ]
    }

    private static func value(
        _ column: OrionConfigMIB.OrionConfigEditEntry.Column, of edit: SettingValue?
    ) -> Value? {
        switch column {
        case .orionConfigEditValue: edit.map { .setting($0) }
        case .orionConfigEditUnset: .truth(edit == nil)
        case .orionConfigEditRowStatus: .integer(SNMPv2TC.RowStatus.active.rawValue)
        }
    }
}

extension CandidateSession {
    fileprivate func value(_ column: OrionConfigMIB.OrionConfigSessionEntry.Column) -> Value {
        switch column {
        case .orionConfigSessionCreator: .line(PrintableOctets.text(of: creator))
        case .orionConfigSessionBase: .gauge32(base)
        case .orionConfigSessionEdits: .gauge32(UInt32(clamping: edits.count))
        case .orionConfigSessionComment: .line(comment)
        case .orionConfigSessionTimeout: .gauge32(timeout)
        case .orionConfigSessionTarget: .gauge32(target)
        case .orionConfigSessionLocked: .truth(isLocking)
        case .orionConfigSessionOperation: .integer(lastOperation.rawValue)
        case .orionConfigSessionState: .integer(state.rawValue)
        case .orionConfigSessionResult: .line(result)
        case .orionConfigSessionFindings: .gauge32(UInt32(clamping: findings.count))
        case .orionConfigSessionRowStatus: .integer(SNMPv2TC.RowStatus.active.rawValue)
        }
    }
}

extension ConfigurationFinding {
    fileprivate func value(_ column: OrionConfigMIB.OrionConfigFindingEntry.Column) -> Value {
        switch column {
        case .orionConfigFindingSeverity: .integer(Int32(severity.rawValue))
        case .orionConfigFindingSetting: .line(setting)
        case .orionConfigFindingStep: .gauge32(step)
        case .orionConfigFindingText: .line(text)
        }
    }
}

// MARK: - As they are set

/// What one variable binding asks of the configuration.
package enum ConfigurationEdit: Sendable, Hashable {
    /// TestAndIncr (RFC 2579).
    case lock(Int32)
    /// Of a session, by its owner.
    case session([UInt8], CandidateEdit)
    /// createAndGo or active beside the edit itself.
    case confirmRow([UInt8], SettingPath)
    /// The session itself is there.
    case confirmSession([UInt8])
}

/// orionConfigSessionTable, as it is set.
struct WritableSessionTable: WritableTable {
    var schema: TableSchema { OrionConfigMIB.OrionConfigSessionEntry.table }

    func change(
        column: Int, row tail: ArraySlice<UInt32>, to value: Value
    ) throws(WriteRefusal) -> ManagedChange {
        guard let column = OrionConfigMIB.OrionConfigSessionEntry.WritableColumn(rawValue: column) else {
            throw WriteRefusal(.notWritable)
        }
        var index = CountedIndex(tail)
        guard let owner = index.octets(0...32), index.isAtEnd else { throw WriteRefusal(.noCreation) }
        switch column {
        case .orionConfigSessionComment: return .configuration(.session(owner, .comment(try value.text())))
        case .orionConfigSessionTimeout: return .configuration(.session(owner, .timeout(try value.unsigned())))
        case .orionConfigSessionTarget: return .configuration(.session(owner, .target(try value.unsigned())))
        case .orionConfigSessionLocked: return .configuration(.session(owner, .lock(try value.truth())))
        case .orionConfigSessionOperation:
            guard case .integer(let number) = value, let operation = CandidateSession.Operation(rawValue: number) else {
                throw WriteRefusal(.wrongValue)
            }
            return .configuration(.session(owner, .operation(operation)))
        case .orionConfigSessionRowStatus:
            switch try value.enumeration(SNMPv2TC.RowStatus.self) {
            case .createAndGo: return .configuration(.session(owner, .create))
            case .destroy: return .configuration(.session(owner, .destroy))
            case .active: return .configuration(.confirmSession(owner))
            case .createAndWait, .notInService, .notReady:
                throw WriteRefusal(.wrongValue, "a session is active or is not")
            }
        }
    }
}

/// orionConfigEditTable, as it is set.
struct WritableEditTable: WritableTable {
    var schema: TableSchema { OrionConfigMIB.OrionConfigEditEntry.table }

    func change(
        column: Int, row tail: ArraySlice<UInt32>, to value: Value
    ) throws(WriteRefusal) -> ManagedChange {
        guard let column = OrionConfigMIB.OrionConfigEditEntry.WritableColumn(rawValue: column) else {
            throw WriteRefusal(.notWritable)
        }
        var index = CountedIndex(tail)
        guard let owner = index.octets(0...32), let name = index.name(1...SettingPath.maximumOctets), index.isAtEnd,
            let path = SettingPath(name), let syntax = path.syntax
        else { throw WriteRefusal(.noCreation, "there is no such setting") }
        switch column {
        case .orionConfigEditValue:
            guard let setting = syntax.value(plainText: try value.text()) else {
                throw WriteRefusal(.wrongValue, "\(path): expected \(syntax.expectation)")
            }
            return .configuration(.session(owner, .set(path, setting)))
        case .orionConfigEditUnset:
            guard try value.truth() else {
                throw WriteRefusal(.wrongValue, "a value is set by orionConfigEditValue")
            }
            return .configuration(.session(owner, .set(path, nil)))
        case .orionConfigEditRowStatus:
            switch try value.enumeration(SNMPv2TC.RowStatus.self) {
            case .createAndGo, .active: return .configuration(.confirmRow(owner, path))
            case .destroy: return .configuration(.session(owner, .forget(path)))
            case .createAndWait, .notInService, .notReady:
                throw WriteRefusal(.wrongValue, "an edit is active or is not")
            }
        }
    }
}
