import NetworkModel
import OrionSchema
import SMI
import Synchronization

/// Which trial: whose, and its name.
package struct TrialKey: Sendable, Hashable {
    let owner: [UInt8]
    let name: [UInt8]
}

/// What one variable binding asks of a trial.
package struct TrialEdit: Sendable, Hashable {
    let key: TrialKey
    let column: OrionSecurityMIB.OrionSecurityTrialEntry.WritableColumn
    let value: Value
}

/// A question: may this principal set that object to this value?
struct Trial: Sendable, Hashable {
    var principal: [UInt8] = []
    /// By its number: 0 for one that nobody knows.
    var model: Int32 = 3
    var level = SecurityLevel.authPriv
    var source = SourceAddress.other([])
    /// nil until it is set: then nothing is asked.
    var object: OID?
    var value: [UInt8] = []
    var isActive = false
    /// When it was set last.
    var touched: MonotonicTime

    static let life: Duration = .seconds(300)

    /// orionSecurityTrialRowStatus.
    var status: SNMPv2TC.RowStatus {
        guard object != nil else { return .notReady }
        return isActive ? .active : .notInService
    }

    /// Takes the value of a column, which fits its syntax; that of the row's status is not kept here.
    mutating func set(
        _ column: OrionSecurityMIB.OrionSecurityTrialEntry.WritableColumn, to value: Value
    ) throws(WriteRefusal) {
        switch column {
        case .orionSecurityTrialPrincipal: principal = try value.octets()
        case .orionSecurityTrialModel:
            guard case .integer(let number) = value else { throw WriteRefusal(.wrongType) }
            model = number
        case .orionSecurityTrialLevel: level = try value.securityLevel()
        case .orionSecurityTrialSource: source = try Self.source(try value.text())
        case .orionSecurityTrialObject:
            guard case .objectIdentifier(let oid) = value else { throw WriteRefusal(.wrongType) }
            object = oid
        case .orionSecurityTrialValue: self.value = try value.octets()
        case .orionSecurityTrialRowStatus: break
        }
    }

    private static func source(_ text: String) throws(WriteRefusal) -> SourceAddress {
        if text.isEmpty { return .other([]) }
        if text == "unix" { return .unix(path: []) }
        if let address = IPAddressText.parseIPv4(text) { return .ipv4(address, port: 0) }
        guard let (high, low) = IPAddressText.parseIPv6(text) else {
            throw WriteRefusal(.wrongValue, "neither an address nor unix")
        }
        return .ipv6(high: high, low: low, zone: "", port: 0)
    }

    /// What `source` was read from.
    var sourceText: String {
        switch source {
        case .ipv4(let address, _): IPAddressText.ipv4(address)
        case .ipv6(let high, let low, _, _): IPAddressText.ipv6(high: high, low: low)
        case .unix: "unix"
        case .local, .other: ""
        }
    }
}

/// Keeps the trials: few, and not for long.
final class SecurityTrials: Sendable {
    static let maximum = 64

    private let trials = Mutex<[TrialKey: Trial]>([:])
    private let clock: any MonotonicClock

    init(clock: any MonotonicClock) {
        self.clock = clock
    }

    /// Those that live.
    var rows: [TrialKey: Trial] {
        let now = clock.now()
        return trials.withLock { trials in
            if !trials.isEmpty { trials = trials.filter { now - $0.value.touched < Trial.life } }
            return trials
        }
    }

    /// Puts rows in the place of what they were; nil removes one.
    ///
    /// - Returns: what they were; nil when there is no room, and nothing has changed.
    func replace(_ rows: [TrialKey: Trial?]) -> [TrialKey: Trial?]? {
        trials.withLock { trials in
            var after = trials
            for (key, trial) in rows { after[key] = trial }
            guard after.count <= max(Self.maximum, trials.count) else { return nil }
            let before = rows.keys.map { ($0, trials[$0]) }
            trials = after
            return Dictionary(before) { first, _ in first }
        }
    }
}

/// What the variable bindings of one SET ask of trials, put together row by row.
struct TrialRowEdits {
    private struct Edit {
        let key: TrialKey
        var columns: [(edit: TrialEdit, binding: Int)] = []
        var status: (value: SNMPv2TC.RowStatus, binding: Int)?
        let firstBinding: Int
    }

    private let rows: [TrialKey: Trial]
    private var edits: [Edit] = []
    private var positions: [TrialKey: Int] = [:]

    init(_ rows: [TrialKey: Trial]) {
        self.rows = rows
    }

    var isEmpty: Bool { edits.isEmpty }
    /// The first variable binding that is about a trial; 0 when none is.
    var firstBinding: Int { edits.first?.firstBinding ?? 0 }

    mutating func add(_ edit: TrialEdit, binding: Int) {
        let position = positions[edit.key] ?? edits.count
        if position == edits.count {
            edits.append(Edit(key: edit.key, firstBinding: binding))
            positions[edit.key] = position
        }
        if edit.column == .orionSecurityTrialRowStatus,
            let status = try? edit.value.enumeration(SNMPv2TC.RowStatus.self)
        {
            edits[position].status = (status, binding)
        } else {
            edits[position].columns.append((edit, binding))
        }
    }

    /// The rows as they will be; nil for one that goes.
    func plan(at now: MonotonicTime) throws(RefusedBinding) -> [TrialKey: Trial?] {
        var planned: [TrialKey: Trial?] = [:]
        for edit in edits { planned.updateValue(try row(of: edit, at: now), forKey: edit.key) }
        let added = planned.count { $0.value != nil && rows[$0.key] == nil }
        let removed = planned.count { $0.value == nil && rows[$0.key] != nil }
        guard added == 0 || rows.count + added - removed <= SecurityTrials.maximum else {
            throw RefusedBinding(
                WriteRefusal(.resourceUnavailable, "\(SecurityTrials.maximum) trials at most"), firstBinding)
        }
        return planned
    }

    private func row(of edit: Edit, at now: MonotonicTime) throws(RefusedBinding) -> Trial? {
        let old = rows[edit.key]
        let statusBinding = edit.status?.binding ?? edit.firstBinding
        let transition: RowTransition?
        do throws(WriteRefusal) {
            transition = try edit.status?.value.transition(exists: old != nil)
        } catch {
            throw RefusedBinding(error, statusBinding)
        }
        var trial = old ?? Trial(touched: now)
        switch transition {
        case .destroy: return nil
        case .create(let isActive), .setActive(let isActive): trial.isActive = isActive
        case nil:
            guard old != nil else {
                throw RefusedBinding(WriteRefusal(.inconsistentName, "there is no such row"), edit.firstBinding)
            }
        }
        for (column, binding) in edit.columns {
            do {
                try trial.set(column.column, to: column.value)
            } catch {
                throw RefusedBinding(error, binding)
            }
        }
        guard trial.object != nil || transition == nil || transition == .create(isActive: false) else {
            throw RefusedBinding(
                WriteRefusal(.inconsistentValue, "orionSecurityTrialObject is not set"), statusBinding)
        }
        trial.touched = now
        return trial
    }
}
