import NetworkManagement
import NetworkModel
import SMI
import Synchronization

/// What a SET asks of the configuration: edits of sessions, and operations that begin when the SET is over.
final class ConfigurationPart: SetPart {
    private let objects: ConfigurationObjects
    private let edits: [(owner: [UInt8], edit: CandidateEdit)]
    private let lock: Int32?
    private let principal: Principal
    private let undos = Mutex<[([UInt8], CandidateUndo)]>([])
    /// Committed, and neither undone nor over.
    private let isCommitted = Mutex(false)
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

    /// Edits are in force nowhere. What is done with them has an announcement of its own, but who asked for it is told
    /// before.
    var isFleeting: Bool {
        edits.allSatisfy { edit in
            if case .operation = edit.edit { false } else { true }
        }
    }

    func commit() async throws(RefusedBinding) {
        if let lock, !objects.manager.advanceLock(from: lock) {
            throw RefusedBinding(WriteRefusal(.commitFailed, "the lock changed meanwhile"), binding)
        }
        for (owner, edit) in edits {
            let undo = objects.manager.edit(edit, owner: owner, by: principal)
            undos.withLock { $0.append((owner, undo)) }
        }
        isCommitted.withLock { $0 = true }
    }

    func undo() async throws(RefusedBinding) {
        isCommitted.withLock { $0 = false }
        let undos = undos.withLock { undos in
            defer { undos = [] }
            return undos
        }
        for (owner, undo) in undos.reversed() { objects.manager.restore(undo, owner: owner) }
        if let lock { objects.manager.restoreLock(lock) }
    }

    /// Begins the operations: the SET can no longer be undone.
    func release() {
        let isOver = isCommitted.withLock { isCommitted in
            defer { isCommitted = false }
            return isCommitted
        }
        guard isOver else { return }
        for (owner, edit) in edits {
            if case .operation(let operation) = edit, operation != .none { objects.queue.perform(owner, principal) }
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
