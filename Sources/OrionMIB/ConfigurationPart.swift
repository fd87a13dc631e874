import NetworkManagement
import NetworkModel
import SMI
import Synchronization

/// What a SET asks of the configuration: edits of sessions, and operations that begin when the SET is over.
final class ConfigurationPart: Sendable {
    private let objects: ConfigurationObjects
    private let edits: [(owner: [UInt8], edit: CandidateEdit)]
    private let lock: Int32?
    private let principal: Principal
    private let undos = Mutex<[([UInt8], CandidateUndo)]>([])
    /// The first variable binding that is about the configuration.
    let binding: Int

    init(
        _ objects: ConfigurationObjects, edits: [(owner: [UInt8], edit: CandidateEdit)], lock: Int32?,
        principal: Principal, binding: Int
    ) {
        self.objects = objects
        self.edits = edits
        self.lock = lock
        self.principal = principal
        self.binding = binding
    }

    /// Whether nobody came between.
    func commit() -> Bool {
        if let lock, !objects.manager.advanceLock(from: lock) { return false }
        for (owner, edit) in edits {
            let undo = objects.manager.edit(edit, owner: owner, by: principal)
            undos.withLock { $0.append((owner, undo)) }
        }
        return true
    }

    func undo() {
        let undos = undos.withLock { undos in
            defer { undos = [] }
            return undos
        }
        for (owner, undo) in undos.reversed() { objects.manager.restore(undo, owner: owner) }
        if let lock { objects.manager.restoreLock(lock) }
    }

    /// Begins the operations: the SET can no longer be undone.
    func begin() {
        for (owner, edit) in edits {
            if case .operation(let operation) = edit, operation != .none { objects.queue.perform(owner, principal) }
        }
    }
}

extension MIBWriter {
    /// - Returns: nil when the SET asks nothing of the configuration.
    func prepareConfiguration(
        _ changes: [ManagedChange], by principal: Principal
    ) throws(RefusedBinding) -> ConfigurationPart? {
        guard let configuration else { return nil }
        var edits: [(owner: [UInt8], edit: CandidateEdit)] = []
        var lock: Int32?
        var first = 0
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
                    try manager.check(edit, owner: owner, by: principal, isCreating: creating.contains(owner))
                } catch {
                    // A row that is not there can be made by another SET.
                    throw RefusedBinding(WriteRefusal(ErrorStatus(error.code), error.message), binding)
                }
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

extension ConfigurationEdit {
    /// What the policy is asked.
    func access(in snapshot: InterfaceSnapshot) -> AccessRequest {
        switch self {
        case .session(_, .set(let path, _)): AccessRequest(path, in: snapshot)
        // What a commit changes is judged again, setting by setting, when it is made.
        case .lock, .session, .confirmRow, .confirmSession: AccessRequest(.configure, .system)
        }
    }
}

extension InterfaceRequest {
    /// The setting of the configuration that says the same; nil for what is not configured.
    func configured(in snapshot: InterfaceSnapshot) -> (interface: String, key: String, value: SettingValue)? {
        guard let name = snapshot.row(index)?.link.name else { return nil }
        switch setting {
        case .adminState(let isUp): return (name, "admin", .text(isUp ? "up" : "down"))
        case .alias(let alias): return (name, "alias", .text(alias))
        case .mtu(let octets): return (name, "mtu", .integer(Int64(octets)))
        case .queueLength(let packets): return (name, "queue_length", .integer(Int64(packets)))
        case .promiscuous, .linkNotifications, .managed: return nil
        }
    }
}
