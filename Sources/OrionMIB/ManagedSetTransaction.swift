import NetworkManagement
import NetworkModel
import SMI
import Synchronization

/// A SET as one transaction over the managers it concerns: interfaces, trials, further parts, policy, in this order, all
/// of it or nothing. What costs most to take back comes last.
final class ManagedSetTransaction: SetTransaction {
    private struct State {
        /// From the moment the commit was announced.
        var ticket: AuditTicket?
        /// Every part is committed, and not taken back.
        var isCommitted = false
    }

    private let interfaces: InterfacePart
    private let trials: TrialPart?
    private let parts: [any SetPart]
    private let policy: PolicyPart?
    private let audit: AuditTrail
    private let record: AuditRecord
    private let started: MonotonicTime
    private let state = Mutex(State())

    init(
        _ interfaces: InterfacePart, _ trials: TrialPart?, _ parts: [any SetPart], _ policy: PolicyPart?,
        audit: AuditTrail, record: AuditRecord, started: MonotonicTime
    ) {
        self.interfaces = interfaces
        self.trials = trials
        self.parts = parts
        self.policy = policy
        self.audit = audit
        self.record = record
        self.started = started
    }

    func commit() async throws(SetFailure) {
        let ticket: AuditTicket
        if isFleeting {
            ticket = audit.promise(record, started: started)
        } else {
            do {
                ticket = try await audit.begin(record, started: started)
            } catch {
                throw SetFailure(.resourceUnavailable, index: 1)
            }
        }
        state.withLock { $0.ticket = ticket }
        do {
            try interfaces.transaction.apply()
        } catch {
            // The interfaces took back what they had done.
            throw failure(ticket, interfaces.bindings[error.position], error.error.message)
        }
        if let trials, !trials.commit() {
            throw failure(ticket, trials.binding, "no room for more trials" + restoreInterfaces())
        }
        for (position, part) in parts.enumerated() {
            do {
                try await part.commit()
            } catch {
                await undo(parts[..<position])
                trials?.undo()
                throw failure(ticket, error.index, error.refusal.reason + restoreInterfaces())
            }
        }
        if let policy {
            do {
                try await policy.commit()
            } catch {
                await undo(parts[...])
                trials?.undo()
                throw failure(ticket, policy.binding, error.description + restoreInterfaces())
            }
        }
        state.withLock { $0.isCommitted = true }
        ticket.end(.committed, result: "\(ErrorStatus.noError)")
    }

    private var isFleeting: Bool {
        interfaces.bindings.isEmpty && trials == nil && policy == nil && !parts.isEmpty
            && parts.allSatisfy(\.isFleeting)
    }

    func undo() async throws(SetFailure) {
        defer { release() }
        let ticket: AuditTicket? = state.withLock { state in
            // A commit that failed has taken everything back, and one that never began has nothing to.
            defer { state.isCommitted = false }
            return state.isCommitted ? state.ticket : nil
        }
        guard let ticket else { return }
        // What fails does not keep the rest from being taken back; the first failure is told.
        var failure: (binding: Int, message: String)?
        do {
            try await policy?.undo()
        } catch {
            failure = (policy?.binding ?? 0, error.description)
        }
        for part in parts.reversed() {
            do {
                try await part.undo()
            } catch {
                failure = failure ?? (error.index, error.refusal.reason)
            }
        }
        trials?.undo()
        do {
            try interfaces.transaction.restore()
        } catch {
            failure = failure ?? (interfaces.bindings[error.position], error.error.message)
        }
        if let failure {
            ticket.end(
                .failed, result: "\(ErrorStatus.undoFailed)", reason: "binding \(failure.binding): \(failure.message)")
            throw SetFailure(.undoFailed, index: failure.binding)
        }
        ticket.end(.undone, result: "\(ErrorStatus.commitFailed)", reason: "another part of the request failed")
    }

    func cleanUp() {
        release()
        guard state.withLock({ $0.ticket == nil }) else { return }
        var record = record
        record.phase = .tested
        record.reason = "another part of the request was refused"
        audit.record(record)
    }

    private func release() {
        for part in parts { part.release() }
        policy?.release()
    }

    /// Takes parts back after a later one failed. What cannot be taken back says so in its own log.
    private func undo(_ done: ArraySlice<any SetPart>) async {
        for part in done.reversed() { try? await part.undo() }
    }

    /// Ends the record of a commit that failed. RFC 2741 section 7.2.4.2 knows one failure of a commit; which object it
    /// was the index says.
    private func failure(_ ticket: AuditTicket, _ binding: Int, _ message: String) -> SetFailure {
        ticket.end(.failed, result: "\(ErrorStatus.commitFailed)", reason: "binding \(binding): \(message)")
        return SetFailure(.commitFailed, index: binding)
    }

    /// Takes the interfaces' part back after a later one failed.
    ///
    /// - Returns: what to add to the reason: empty when it worked.
    private func restoreInterfaces() -> String {
        do {
            try interfaces.transaction.restore()
            return ""
        } catch {
            return "; and then: \(error.error.message)"
        }
    }
}
