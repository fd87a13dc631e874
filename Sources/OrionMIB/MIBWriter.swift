package import NetworkManagement
package import NetworkModel
package import SMI

/// Turns SETs into transactions of the managers, of those who may and with a record of who did.
///
/// In its test phase a SET is, in this order: attributed to a principal, decoded, judged by the policy, and prepared
/// against the present state. Its commit begins when the audit has it on disk.
package final class MIBWriter: ObjectWriter {
    private let objects: WritableObjects
    private let interfaces: InterfaceManager
    let security: SecurityManager
    let rows: PolicyRowState
    private let trials: SecurityTrials
    private let preparers: [any SetPreparer]
    private let audit: AuditTrail
    let clock: any MonotonicClock

    /// - Parameters:
    ///   - objects: what can be set, and what the agent keeps of rows that are no policy yet.
    ///   - audit: nil when auditing is switched off.
    ///   - preparers: of the modules besides interfaces, trials and the policy, in the order in which they are committed.
    package init(
        _ objects: SecurityObjects, interfaces: InterfaceManager, security: SecurityManager,
        audit: (any AuditStore)?, clock: any MonotonicClock, preparers: [any SetPreparer]
    ) {
        self.objects = objects.writable
        self.interfaces = interfaces
        self.security = security
        rows = objects.rows
        trials = objects.trials
        self.audit = AuditTrail(store: audit, clock: clock)
        self.clock = clock
        self.preparers = preparers
    }

    package func test(_ request: SetRequest) throws(SetFailure) -> any SetTransaction {
        let started = clock.now()
        let record: PrincipalRecord
        do {
            record = try security.identify(request.context.bytes, transaction: request.transaction)
        } catch {
            var entry = AuditRecord(.authentication, principal: .unknown, phase: .refused)
            entry.transaction = request.transaction
            entry.objects = auditObjects(request)
            entry.result = "\(ErrorStatus.authorizationError)"
            entry.reason = error.description
            audit.record(entry)
            throw SetFailure(.authorizationError, index: 1)
        }
        do {
            return try prepare(request, record, started)
        } catch {
            var entry = AuditRecord(.set, record, phase: .refused)
            entry.objects = auditObjects(request)
            entry.result = "\(error.refusal.status)"
            entry.reason = "binding \(error.index)" + (error.refusal.reason.isEmpty ? "" : ": \(error.refusal.reason)")
            entry.duration = clock.now() - started
            audit.record(entry)
            throw SetFailure(error.refusal.status, index: error.index)
        }
    }

    private func prepare(
        _ request: SetRequest, _ record: PrincipalRecord, _ started: MonotonicTime
    ) throws(RefusedBinding) -> any SetTransaction {
        let changes = try permittedChanges(request.bindings, record.principal)
        if let failure = audit.failure {
            // What could not be recorded must not happen.
            throw RefusedBinding(WriteRefusal(.resourceUnavailable, failure.description), 1)
        }
        let interfacePart = try prepareInterfaces(changes)
        let trialPart = try prepareTrials(changes)
        let parts = try prepareParts(changes, by: record.principal)
        let policyPart: PolicyPart?
        do throws(RefusedBinding) {
            policyPart = try preparePolicy(changes, by: record.principal)
        } catch {
            for part in parts { part.release() }
            throw error
        }
        var entry = AuditRecord(.set, record, phase: .begun)
        if audit.isKept { entry.objects = auditObjects(request, changes, interfacePart) }
        return ManagedSetTransaction(
            interfacePart, trialPart, parts, policyPart, audit: audit, record: entry, started: started)
    }

    /// What the changes come to in further managers; nothing of it is held when one of them refuses.
    private func prepareParts(
        _ changes: [ManagedChange], by principal: Principal
    ) throws(RefusedBinding) -> [any SetPart] {
        var parts: [any SetPart] = []
        do throws(RefusedBinding) {
            for preparer in preparers {
                if let part = try preparer.prepare(changes, by: principal) { parts.append(part) }
            }
        } catch {
            for part in parts { part.release() }
            throw error
        }
        return parts
    }

    /// What each binding asks for, decoded and permitted.
    private func permittedChanges(
        _ bindings: [VarBind], _ principal: Principal
    ) throws(RefusedBinding) -> [ManagedChange] {
        var changes: [ManagedChange] = []
        let snapshot = interfaces.snapshot
        // The policy says the same of every row of its own: it is asked, and counts, once.
        var permittedForSystem: Set<ActionClass> = []
        for (position, binding) in bindings.enumerated() {
            do throws(WriteRefusal) {
                let change = try objects.change(binding)
                guard let access = try change.access(in: snapshot) else {
                    changes.append(change)
                    continue
                }
                if access.target != .system || permittedForSystem.insert(access.action).inserted {
                    if let refusal = WriteRefusal(security.decide(principal, access)) { throw refusal }
                }
                changes.append(change)
            } catch {
                throw RefusedBinding(error, position + 1)
            }
        }
        return changes
    }

    private func prepareInterfaces(_ changes: [ManagedChange]) throws(RefusedBinding) -> InterfacePart {
        var requests: [InterfaceRequest] = []
        var bindings: [Int] = []
        for (position, change) in changes.enumerated() {
            guard case .interface(let request) = change else { continue }
            requests.append(request)
            bindings.append(position + 1)
        }
        do {
            return InterfacePart(transaction: try interfaces.prepare(requests), bindings: bindings)
        } catch {
            let refusal = WriteRefusal(ErrorStatus(error.error.code), error.error.message)
            throw RefusedBinding(refusal, bindings[error.position])
        }
    }

    private func prepareTrials(_ changes: [ManagedChange]) throws(RefusedBinding) -> TrialPart? {
        var edits = TrialRowEdits(trials.rows)
        for (position, change) in changes.enumerated() {
            if case .trial(let edit) = change { edits.add(edit, binding: position + 1) }
        }
        guard !edits.isEmpty else { return nil }
        return TrialPart(trials: trials, rows: try edits.plan(at: clock.now()), binding: edits.firstBinding)
    }
}

/// A refusal, and which variable binding it is about, from 1.
package struct RefusedBinding: Error {
    let refusal: WriteRefusal
    /// Of the variable binding, from 1.
    package let index: Int

    init(_ refusal: WriteRefusal, _ index: Int) {
        self.refusal = refusal
        self.index = index
    }
}

// MARK: - What the audit says

extension MIBWriter {
    private func auditObjects(_ request: SetRequest) -> [AuditObject] {
        request.bindings.map { AuditObject(name: objects.name(of: $0.name), new: AuditValue($0.value)) }
    }

    /// What the policy was before, its own record of the change tells.
    private func auditObjects(
        _ request: SetRequest, _ changes: [ManagedChange], _ interfacePart: InterfacePart
    ) -> [AuditObject] {
        let snapshot = interfaces.snapshot
        let previous = Dictionary(
            zip(interfacePart.bindings, interfacePart.transaction.previous)
        ) { first, _ in first }
        return zip(request.bindings, changes).enumerated().map { position, pair in
            AuditObject(
                name: objects.name(of: pair.0.name), target: pair.1.auditTarget(in: snapshot),
                old: previous[position + 1].map { AuditValue($0) }, new: AuditValue(pair.0.value))
        }
    }
}

extension ManagedChange {
    fileprivate func auditTarget(in snapshot: InterfaceSnapshot) -> String {
        switch self {
        case .interface(let request): snapshot.row(request.index)?.link.name ?? ""
        case .policy(.rule(let name, _, _)): name
        case .policy(.member(let group, _, _)): group
        case .alarm(let edit): edit.subject.name
        case .threshold(let edit): edit.name
        case .order(let order): "\(order.target)"
        case .driver(let preference): "\(preference.target)"
        case .configuration(.session(_, .set(let path, _))): path.item ?? ""
        case .policy(.defaultEffect), .policy(.lock), .trial, .operation, .configuration: ""
        }
    }
}

extension AuditRecord {
    fileprivate init(_ event: AuditEvent, _ record: PrincipalRecord, phase: AuditPhase) {
        self.init(event, principal: record.principal, phase: phase)
        request = record.request
        transaction = record.transaction
    }
}
