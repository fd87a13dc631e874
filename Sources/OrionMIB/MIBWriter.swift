package import NetworkManagement
package import NetworkModel
package import SMI
import Synchronization

/// A table with columns that can be set.
package protocol WritableTable: Sendable {
    var schema: TableSchema { get }

    /// What setting a cell means. The value fits the column's syntax already; nothing is changed here.
    ///
    /// - Parameters:
    ///   - column: the position in the schema's `columns`; only of writable ones.
    ///   - tail: the sub-identifiers behind the column.
    func change(column: Int, row tail: ArraySlice<UInt32>, to value: Value) throws(WriteRefusal) -> ManagedChange
}

/// Why a variable binding cannot be set.
package struct WriteRefusal: Error, Sendable, Hashable {
    package let status: ErrorStatus
    /// For the audit; empty when the status says it all.
    package let reason: String

    package init(_ status: ErrorStatus, _ reason: String = "") {
        self.status = status
        self.reason = reason
    }
}

/// A change that some manager makes.
package enum ManagedChange: Sendable, Hashable {
    case interface(InterfaceRequest)
}

/// Turns SETs into transactions of the managers, of those who may and with a record of who did.
///
/// In its test phase a SET is, in this order: attributed to a principal, decoded, judged by the policy, and prepared
/// against the present state. Its commit begins when the audit has it on disk.
package final class MIBWriter: ObjectWriter {
    private struct Entry: Sendable {
        let table: any WritableTable
        let numbers: [UInt32]
    }

    /// Ascending by the entry's identifier.
    private let entries: [Entry]
    private let interfaces: InterfaceManager
    private let security: SecurityManager
    private let audit: AuditTrail
    private let auditStore: (any AuditStore)?
    private let clock: any MonotonicClock

    /// - Parameter audit: nil when auditing is switched off.
    package init(
        _ tables: [any WritableTable], interfaces: InterfaceManager, security: SecurityManager,
        audit: (any AuditStore)?, clock: any MonotonicClock
    ) {
        self.interfaces = interfaces
        self.security = security
        self.audit = AuditTrail(store: audit, clock: clock)
        auditStore = audit
        self.clock = clock
        entries =
            tables
            .sorted { $0.schema.entry < $1.schema.entry }
            .map { table in Entry(table: table, numbers: table.schema.columns.compactMap(\.oid.words.last)) }
    }

    package func test(_ request: SetRequest) throws(SetFailure) -> any SetTransaction {
        let started = clock.now()
        let record: PrincipalRecord
        do {
            record = try security.identify(request.context.bytes, transaction: request.transaction)
        } catch {
            var entry = AuditRecord(.authentication, principal: .unknown, phase: .refused)
            entry.transaction = request.transaction
            entry.objects = request.bindings.map { AuditObject(name: name(of: $0.name), new: AuditValue($0.value)) }
            entry.result = "\(ErrorStatus.authorizationError)"
            entry.reason = error.description
            audit.record(entry)
            throw SetFailure(.authorizationError, index: 1)
        }
        do {
            return try prepare(request, record, started)
        } catch {
            var entry = AuditRecord(.set, record, phase: .refused)
            entry.objects = request.bindings.map { AuditObject(name: name(of: $0.name), new: AuditValue($0.value)) }
            entry.result = "\(error.refusal.status)"
            entry.reason = "binding \(error.index)" + (error.refusal.reason.isEmpty ? "" : ": \(error.refusal.reason)")
            entry.duration = clock.now() - started
            audit.record(entry)
            throw SetFailure(error.refusal.status, index: error.index)
        }
    }

    private struct RefusedBinding: Error {
        let refusal: WriteRefusal
        let index: Int
    }

    private func prepare(
        _ request: SetRequest, _ record: PrincipalRecord, _ started: MonotonicTime
    ) throws(RefusedBinding) -> any SetTransaction {
        var requests: [InterfaceRequest] = []
        // Beside `requests`: which variable binding each is about, from 1.
        var bindings: [Int] = []
        let snapshot = interfaces.snapshot
        for (position, binding) in request.bindings.enumerated() {
            do throws(WriteRefusal) {
                switch try change(binding) {
                case .interface(let request):
                    try authorize(record.principal, request, in: snapshot)
                    requests.append(request)
                }
            } catch {
                throw RefusedBinding(refusal: error, index: position + 1)
            }
            bindings.append(position + 1)
        }
        if let failure = auditStore?.status.failure {
            // What could not be recorded must not happen.
            throw RefusedBinding(refusal: WriteRefusal(.resourceUnavailable, failure.description), index: 1)
        }
        let transaction: InterfaceTransaction
        do {
            transaction = try interfaces.prepare(requests)
        } catch {
            let refusal = WriteRefusal(ErrorStatus(error.error.code), error.error.message)
            throw RefusedBinding(refusal: refusal, index: bindings[error.position])
        }
        var entry = AuditRecord(.set, record, phase: .begun)
        entry.objects = zip(request.bindings, zip(requests, transaction.previous)).map { binding, change in
            AuditObject(
                name: name(of: binding.name), target: snapshot.row(change.0.index)?.link.name ?? "",
                old: AuditValue(change.1), new: AuditValue(binding.value))
        }
        return InterfaceSetTransaction(transaction, bindings: bindings, audit: audit, record: entry, started: started)
    }

    private func authorize(
        _ principal: Principal, _ request: InterfaceRequest, in snapshot: InterfaceSnapshot
    ) throws(WriteRefusal) {
        guard let row = snapshot.row(request.index) else { throw WriteRefusal(.noCreation) }
        let access = AccessRequest(request.setting.actionClass, AccessTarget(row.interface))
        let decision = security.decide(principal, access)
        switch decision.outcome {
        case .permitted: return
        case .denied(.principal): throw WriteRefusal(.authorizationError, decision.description)
        case .denied(.target): throw WriteRefusal(.noAccess, decision.description)
        }
    }

    /// Finds what `binding` names and checks it in the order of RFC 3416 section 4.2.5.
    private func change(_ binding: VarBind) throws(WriteRefusal) -> ManagedChange {
        guard let (entry, column, tail) = locate(binding.name) else { throw WriteRefusal(.notWritable) }
        let schema = entry.table.schema.columns[column]
        guard schema.access.isWritable else { throw WriteRefusal(.notWritable) }
        if let refusal = schema.syntax.refusal(of: binding.value) { throw WriteRefusal(refusal) }
        return try entry.table.change(column: column, row: tail, to: binding.value)
    }

    private func locate(_ name: OID) -> (Entry, column: Int, tail: ArraySlice<UInt32>)? {
        guard let entry = entries.last(where: { name.starts(with: $0.table.schema.entry) }) else { return nil }
        let depth = entry.table.schema.entry.count
        guard name.count > depth, let column = entry.numbers.firstIndex(of: name.words[depth]) else { return nil }
        return (entry, column, name.words[(depth + 1)...])
    }

    /// What people call an object: "ifAdminStatus.3", or the numbers where it is none of ours.
    private func name(of oid: OID) -> String {
        guard let (entry, column, tail) = locate(oid) else { return oid.description }
        return ([entry.table.schema.columns[column].name] + tail.map { String($0) }).joined(separator: ".")
    }
}

/// A SET whose every binding is an interface setting.
private final class InterfaceSetTransaction: SetTransaction {
    private let transaction: InterfaceTransaction
    private let bindings: [Int]
    private let audit: AuditTrail
    private let record: AuditRecord
    private let started: MonotonicTime
    /// From the moment the commit was announced.
    private let ticket = Mutex<AuditTicket?>(nil)

    init(
        _ transaction: InterfaceTransaction, bindings: [Int], audit: AuditTrail, record: AuditRecord,
        started: MonotonicTime
    ) {
        self.transaction = transaction
        self.bindings = bindings
        self.audit = audit
        self.record = record
        self.started = started
    }

    func commit() async throws(SetFailure) {
        let ticket: AuditTicket
        do {
            ticket = try await audit.begin(record, started: started)
        } catch {
            throw SetFailure(.resourceUnavailable, index: 1)
        }
        self.ticket.withLock { $0 = ticket }
        do {
            try transaction.apply()
        } catch {
            ticket.end(
                .failed, result: "\(ErrorStatus.commitFailed)",
                reason: "binding \(bindings[error.position]): \(error.error.message)")
            // RFC 2741 section 7.2.4.2 knows one failure of a commit; which object it was the index says.
            throw SetFailure(.commitFailed, index: bindings[error.position])
        }
        ticket.end(.committed, result: "\(ErrorStatus.noError)")
    }

    func undo() async throws(SetFailure) {
        // A commit that failed has taken everything back, and one that never began has nothing to.
        guard let ticket = ticket.withLock({ $0 }), transaction.isApplied else { return }
        do {
            try transaction.restore()
        } catch {
            let index = bindings[error.position]
            ticket.end(
                .failed, result: "\(ErrorStatus.undoFailed)", reason: "binding \(index): \(error.error.message)")
            throw SetFailure(.undoFailed, index: index)
        }
        ticket.end(.undone, result: "\(ErrorStatus.commitFailed)", reason: "another part of the request failed")
    }

    func cleanUp() {
        guard ticket.withLock({ $0 == nil }) else { return }
        var record = record
        record.phase = .tested
        record.reason = "another part of the request was refused"
        audit.record(record)
    }
}

extension AuditRecord {
    fileprivate init(_ event: AuditEvent, _ record: PrincipalRecord, phase: AuditPhase) {
        self.init(event, principal: record.principal, phase: phase)
        request = record.request
        transaction = record.transaction
    }
}

extension InterfaceSetting {
    /// Shutting a port is operating it, not configuring it; what the daemon itself cares for is the administrator's.
    fileprivate var actionClass: ActionClass {
        switch self {
        case .adminState: .operate
        case .alias, .mtu, .promiscuous, .queueLength, .linkNotifications: .configure
        case .managed: .administer
        }
    }
}

extension AuditValue {
    fileprivate init(_ setting: InterfaceSetting) {
        switch setting {
        case .adminState(let up): self = .integer(up ? 1 : 2)
        case .alias(let alias): self = .text(alias)
        case .mtu(let number), .queueLength(let number): self = .integer(Int64(number))
        case .promiscuous(let isTrue), .linkNotifications(let isTrue), .managed(let isTrue):
            self = .integer(isTrue ? 1 : 2)
        }
    }

    fileprivate init?(_ value: Value) {
        switch value {
        case .integer(let number): self = .integer(Int64(number))
        case .counter32(let number), .gauge32(let number), .timeTicks(let number), .ipAddress(let number):
            self = .integer(Int64(number))
        case .counter64(let number): self = .integer(Int64(clamping: number))
        case .octetString(let octets): self = .octets(octets.bytes)
        case .opaque(let bytes): self = .octets(bytes)
        case .objectIdentifier(let oid): self = .text(oid.description)
        case .null, .noSuchObject, .noSuchInstance, .endOfMIBView: return nil
        }
    }
}
