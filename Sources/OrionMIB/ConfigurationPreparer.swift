import NetworkManagement
import NetworkModel
import SMI

/// What a SET asks of the configuration.
struct ConfigurationPreparer: SetPreparer {
    let configuration: ConfigurationObjects

    func prepare(_ changes: [ManagedChange], by principal: Principal) throws(RefusedBinding) -> (any SetPart)? {
        var edits: [(owner: [UInt8], edit: CandidateEdit)] = []
        var lock: Int32?
        var first = 0
        var made = 0
        let creating = Set(
            changes.compactMap { change -> [UInt8]? in
                if case .configuration(.session(let owner, .create)) = change { owner } else { nil }
            })
        let setting = Set(
            changes.compactMap { change -> SettingPath? in
                if case .configuration(.session(_, .set(let path, _))) = change { path } else { nil }
            })
        let manager = configuration.manager
        for (position, change) in changes.enumerated() {
            guard case .configuration(let edit) = change else { continue }
            let binding = position + 1
            if first == 0 { first = binding }
            switch edit {
            case .lock(let value):
                guard value == manager.lock, lock == nil else {
                    throw RefusedBinding(WriteRefusal(.inconsistentValue, "the lock is at \(manager.lock)"), binding)
                }
                lock = value
            case .confirmRow(let owner, let path):
                guard setting.contains(path) || manager.sessions.sessions[owner]?.edits[path] != nil else {
                    throw RefusedBinding(WriteRefusal(.inconsistentValue, "the edit has no value"), binding)
                }
            case .confirmSession(let owner):
                guard creating.contains(owner) || manager.sessions.sessions[owner] != nil else {
                    throw RefusedBinding(WriteRefusal(.inconsistentValue, "there is no such session"), binding)
                }
            case .session(let owner, let edit):
                do {
                    try manager.check(
                        edit, owner: owner, by: principal, isCreating: creating.contains(owner), others: made)
                } catch {
                    // A row that is not there can be made by another SET.
                    throw RefusedBinding(WriteRefusal(ErrorStatus(error.code), error.message), binding)
                }
                if edit == .create { made += 1 }
                edits.append((owner, edit))
            }
        }
        guard first > 0 else { return nil }
        // Whatever their order in the SET: the session first, the operation on it last.
        let ordered = edits.enumerated().sorted {
            ($0.element.edit.rank, $0.offset) < ($1.element.edit.rank, $1.offset)
        }
        return ConfigurationPart(
            configuration, edits: ordered.map(\.element), lock: lock, principal: principal, binding: first)
    }
}

extension CandidateEdit {
    fileprivate var rank: Int {
        switch self {
        case .create: 0
        case .operation: 2
        case .destroy: 3
        default: 1
        }
    }
}
