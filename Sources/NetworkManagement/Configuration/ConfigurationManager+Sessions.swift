package import NetworkModel
import Synchronization

extension ConfigurationManager {
    /// The sessions, and a number that is another after each change of them.
    package var sessions: (version: UInt64, sessions: [[UInt8]: CandidateSession]) {
        state.withLock { ($0.sessionVersion, $0.sessions) }
    }

    /// TestAndIncr (RFC 2579), for managers that notice each other by it.
    package var lock: Int32 { state.withLock { $0.lock } }

    /// Steps the lock when it is `value`.
    package func advanceLock(from value: Int32) -> Bool {
        state.withLock { state in
            guard state.lock == value else { return false }
            state.lock = value == .max ? 0 : value + 1
            return true
        }
    }

    package func restoreLock(_ value: Int32) {
        state.withLock { $0.lock = value }
    }

    /// Whether an edit could be made now. Changes nothing.
    ///
    /// - Parameters:
    ///   - owner: the session's name, 0..32 octets.
    ///   - isCreating: the same request makes the session.
    ///   - others: how many other sessions the same request makes before.
    package func check(
        _ edit: CandidateEdit, owner: [UInt8], by principal: Principal, isCreating: Bool = false, others: Int = 0
    ) throws(ManagementError) {
        let now = clock.now()
        let (session, count, lock) = state.withLock { state in
            state.forgetOldSessions(at: now)
            return (state.sessions[owner], state.sessions.count, state.lock(besides: owner))
        }
        if edit == .create {
            guard session == nil else { throw ManagementError(.inconsistent, "there is such a session already") }
            guard count + others < CandidateSession.maximum else {
                throw ManagementError(.exhausted, "\(CandidateSession.maximum) sessions at most")
            }
            return
        }
        guard let session else {
            guard isCreating || edit == .destroy else {
                throw ManagementError(.inconsistent, "there is no such session")
            }
            return
        }
        let isAllowed = session.creator == principal.name || principal.model == .host
        guard isAllowed || (edit == .destroy && isAdministrator(principal)) else {
            throw ManagementError(.notAccessible, "the session is another principal's")
        }
        guard session.state != .running else { throw ManagementError(.inconsistent, "an operation is running") }
        switch edit {
        case .set(let path, _) where session.edits[path] == nil:
            guard session.edits.count < CandidateSession.maximumEdits else {
                throw ManagementError(.exhausted, "\(CandidateSession.maximumEdits) edits at most")
            }
        case .lock(true), .operation(.commit), .operation(.commitConfirmed), .operation(.rollback):
            if let lock { throw lock.refusal }
        default: break
        }
    }

    /// Whether somebody may take a session from whoever made it, as when its console is dead.
    private func isAdministrator(_ principal: Principal) -> Bool {
        target.isPermitted(principal, to: AccessRequest(.administer, .system)).isPermitted
    }

    /// Throws when the session of somebody else is locked. What takes a revision back asks nobody.
    func checkLock(for request: ConfigurationRequest) throws(ManagementError) {
        guard request.heedsLock else { return }
        let now = clock.now()
        let lock = state.withLock { state in
            state.forgetOldSessions(at: now)
            return state.lock(besides: request.session)
        }
        guard let lock else { return }
        // A SET of an ordinary object is of no session; on the host, names are others.
        let principal = request.principal
        if request.session == nil, principal.model != .host, principal.name == lock.holder { return }
        throw lock.refusal
    }

    /// Takes the lock from every session that has it; the sessions and their edits stay.
    ///
    /// - Returns: the sessions' names, ascending.
    package func releaseLocks(by principal: Principal) -> [String] {
        let owners = state.withLock { state in
            let owners = state.sessions.filter(\.value.isLocking).map(\.key)
            for owner in owners { state.sessions[owner]?.isLocking = false }
            if !owners.isEmpty { state.sessionVersion += 1 }
            return owners
        }
        let names = owners.map { PrintableOctets.text(of: $0) }.sorted()
        guard !names.isEmpty else { return [] }
        var record = AuditRecord(.configuration, principal: principal, phase: .done)
        record.result = "lock released"
        record.reason = "sessions " + names.joined(separator: ", ")
        audit.record(record)
        return names
    }

    /// Makes an edit that was checked.
    ///
    /// - Returns: what it replaced, for `restore`; nil when the session was not there.
    @discardableResult
    package func edit(_ edit: CandidateEdit, owner: [UInt8], by principal: Principal) -> CandidateUndo {
        let now = clock.now()
        return state.withLock { state in
            state.sessionVersion += 1
            // Only what the edit touches is remembered: a session may hold many edits.
            switch edit {
            case .create:
                state.sessions[owner] = CandidateSession(creator: principal.name, base: state.revision, touched: now)
                return .session(nil)
            case .destroy:
                let old = state.sessions[owner]
                state.sessions[owner] = nil
                return .session(old)
            case .set(let path, let value):
                let old = state.sessions[owner]?.edits[path]
                // A session without edits follows the configuration in force.
                if state.sessions[owner]?.edits.isEmpty == true { state.sessions[owner]?.base = state.revision }
                state.sessions[owner]?.edits.updateValue(value, forKey: path)
                state.sessions[owner]?.touched = now
                state.sessions[owner]?.state = .open
                return .edit(path, old)
            case .forget(let path):
                let old = state.sessions[owner]?.edits.removeValue(forKey: path)
                state.sessions[owner]?.touched = now
                return .edit(path, old)
            case .comment, .timeout, .target, .lock, .operation:
                var old = state.sessions[owner]
                old?.edits = [:]
                state.sessions[owner]?.touched = now
                state.sessions[owner]?.take(edit)
                return .settings(old)
            }
        }
    }

    package func restore(_ undo: CandidateUndo, owner: [UInt8]) {
        state.withLock { state in
            state.sessionVersion += 1
            switch undo {
            case .session(let old): state.sessions[owner] = old
            case .edit(let path, .some(let value)): state.sessions[owner]?.edits.updateValue(value, forKey: path)
            case .edit(let path, nil): state.sessions[owner]?.edits.removeValue(forKey: path)
            case .settings(let old):
                guard var old else { return }
                old.edits = state.sessions[owner]?.edits ?? [:]
                state.sessions[owner] = old
            }
        }
    }

    /// The configuration in force with a session's edits over it.
    package func candidate(of session: CandidateSession) -> NetworkConfiguration {
        var candidate = snapshot.configuration
        for (path, value) in session.edits { _ = candidate.set(path, to: value) }
        return candidate
    }

    /// Does what a session asked for.
    package func perform(owner: [UInt8], by principal: Principal) async {
        guard let session = state.withLock({ $0.sessions[owner] }), session.state == .running else { return }
        var request = ConfigurationRequest(principal, .snmp)
        request.comment = session.comment
        request.base = session.base
        request.session = owner
        var outcome = ConfigurationOutcome()
        do throws(ManagementError) {
            switch session.lastOperation {
            case .none: break
            case .validate: outcome = validate(candidate(of: session), request)
            case .commit: outcome = await commit(candidate(of: session), request)
            case .commitConfirmed:
                request.confirmWithin = .seconds(Int64(session.timeout))
                outcome = await commit(candidate(of: session), request)
            case .confirm: try await confirm(by: principal)
            case .cancel: try await cancel(by: principal)
            case .discard: break
            case .rollback:
                request.base = nil
                outcome = await rollBack(to: session.target, request)
            }
        } catch {
            outcome.failure = error
        }
        finish(owner, session.lastOperation, outcome)
    }

    private func finish(_ owner: [UInt8], _ operation: CandidateSession.Operation, _ outcome: ConfigurationOutcome) {
        let now = clock.now()
        state.withLock { state in
            state.sessionVersion += 1
            guard var session = state.sessions[owner] else { return }
            session.state = outcome.failure == nil ? .succeeded : .failed
            session.result =
                outcome.failure?.message ?? outcome.revision.map { "revision \($0)" }
                ?? (operation == .validate ? "\(outcome.steps.count) steps" : "done")
            session.findings = Array(outcome.findings.prefix(1000))
            session.touched = now
            let isCommitted = outcome.failure == nil && [.commit, .commitConfirmed, .rollback].contains(operation)
            if isCommitted || operation == .discard { session.edits = [:] }
            if session.edits.isEmpty { session.base = state.revision }
            state.sessions[owner] = session
        }
    }
}

/// What an edit of a session replaced.
package enum CandidateUndo: Sendable {
    /// The whole session; nil: there was none.
    case session(CandidateSession?)
    /// The edit of a setting; nil: there was none.
    case edit(SettingPath, SettingValue??)
    /// Everything but the edits.
    case settings(CandidateSession?)
}

extension CandidateSession {
    fileprivate mutating func take(_ edit: CandidateEdit) {
        switch edit {
        case .comment(let text): comment = text
        case .timeout(let seconds): timeout = seconds
        case .target(let revision): target = revision
        case .lock(let isLocking): self.isLocking = isLocking
        case .operation(let operation):
            guard operation != .none else { return }
            lastOperation = operation
            state = .running
            result = ""
            findings = []
        case .create, .destroy, .set, .forget: break
        }
    }
}

/// That somebody has the configuration to themselves.
struct ConfigurationLock {
    /// The session's name, and the security name of who made it.
    let owner: [UInt8]
    let holder: [UInt8]

    var refusal: ManagementError {
        ManagementError(
            .inconsistent,
            "locked by session \"\(PrintableOctets.text(of: owner))\" of \(PrintableOctets.text(of: holder)); wait until "
                + "it is unlocked or forgotten, or have an administrator destroy it, or run oriond config unlock")
    }
}

extension ConfigurationManager.State {
    /// The lock that keeps everybody but a session from committing; nil when none does.
    func lock(besides owner: [UInt8]?) -> ConfigurationLock? {
        sessions.first { $0.value.isLocking && $0.key != owner }.map { .init(owner: $0.key, holder: $0.value.creator) }
    }

    mutating func forgetOldSessions(at now: MonotonicTime) {
        let old = sessions.filter { $0.value.state != .running && now - $0.value.touched >= CandidateSession.life }
        guard !old.isEmpty else { return }
        for owner in old.keys { sessions[owner] = nil }
        sessionVersion += 1
    }
}
