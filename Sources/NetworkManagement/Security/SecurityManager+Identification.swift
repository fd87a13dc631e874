import NetworkModel
import Synchronization

/// Why a request has no principal that may be believed.
package enum PrincipalRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no record, and one is required.
    case missing
    /// There is one, but the module did not write it so.
    case malformed(PrincipalRecordError)
    /// It names another transaction than the PDU it came in.
    case otherTransaction(UInt32)

    package var description: String {
        switch self {
        case .missing: "no principal record came with the request: is snmpd's orion module loaded?"
        case .malformed(let error): error.description
        case .otherTransaction(let number): "the principal record is of transaction \(number)"
        }
    }
}

/// Whether requests come with the record of who sent them.
package enum PrincipalState: Sendable, Hashable {
    /// None has come yet.
    case unknown
    case available
    case unavailable
}

extension SecurityManager {
    /// As the last SET had it.
    package var principalState: PrincipalState { state.withLock { $0.principals } }

    /// Who stands behind a request.
    ///
    /// - Parameters:
    ///   - field: the context field of the PDU, as snmpd's own connection brought it.
    ///   - transaction: h.transactionID of the PDU.
    /// - Throws: when nobody can be named; then nothing the request asks for may happen.
    package func identify(_ field: [UInt8], transaction: UInt32) throws(PrincipalRefusal) -> PrincipalRecord {
        guard PrincipalRecord.isClaimed(by: field) else { return try identifyWithoutRecord(transaction: transaction) }
        let record: PrincipalRecord
        do {
            record = try PrincipalRecord(parsing: field)
        } catch {
            throw forged(.malformed(error))
        }
        guard record.transaction == transaction else { throw forged(.otherTransaction(record.transaction)) }
        let isRestored = state.withLock { state in
            defer { state.principals = .available }
            return state.principals == .unavailable
        }
        if isRestored { events(.principalRestored) }
        return record
    }

    private func identifyWithoutRecord(transaction: UInt32) throws(PrincipalRefusal) -> PrincipalRecord {
        counters.unknownPrincipals.wrappingAdd(1, ordering: .relaxed)
        let (requirement, isNew) = state.withLock { state in
            defer { state.principals = .unavailable }
            return (state.snapshot.options.principal, state.principals != .unavailable)
        }
        if isNew { events(.principalUnavailable) }
        guard requirement == .optional else { throw .missing }
        return PrincipalRecord(request: 0, transaction: transaction, version: .v3, principal: .unknown)
    }

    private func forged(_ refusal: PrincipalRefusal) -> PrincipalRefusal {
        noteForgery(refusal.description)
        return refusal
    }

    /// Counts a record that cannot be believed, and tells the first of a time.
    func noteForgery(_ reason: String) {
        counters.forgedRecords.wrappingAdd(1, ordering: .relaxed)
        let suppressed = state.withLock { state in
            state.forgeries.admit("", at: clock.now(), interval: state.snapshot.options.eventInterval)
        }
        if let suppressed { events(.principalForged(reason: reason, suppressed: suppressed)) }
    }
}
