package import NetworkManagement
import NetworkModel
import OrionSchema
package import SMI

/// How the kinds and the targets of operations are named over SNMP. Each module that defines kinds adds its own.
package struct OperationVocabulary: Sendable {
    private let kinds: [OID: OperationKind]
    private let identities: [OperationKind: OID]
    private let targets: [any OperationTargets]

    /// - Parameters:
    ///   - kinds: the identity of each kind.
    ///   - targets: what row pointers can mean.
    package init(kinds: [(OID, OperationKind)], targets: [any OperationTargets]) {
        self.kinds = Dictionary(kinds) { first, _ in first }
        identities = Dictionary(kinds.map { ($0.1, $0.0) }) { first, _ in first }
        self.targets = targets
    }

    func kind(_ identity: OID) -> OperationKind? { kinds[identity] }

    /// 0.0 for a kind that has no identity.
    func identity(of kind: OperationKind) -> OID { identities[kind] ?? Self.nothing }

    /// What a RowPointer points to; nil when that is nothing an operation is about.
    func target(of pointer: OID) -> OperationTarget? {
        if pointer == Self.nothing { return .system }
        for candidate in targets {
            if let target = candidate.target(of: pointer) { return target }
        }
        return nil
    }

    /// The row that `target` is, gone or not; 0.0 when it is none.
    func pointer(to target: OperationTarget) -> OID {
        for candidate in targets {
            if let pointer = candidate.pointer(to: target) { return pointer }
        }
        return Self.nothing
    }

    /// zeroDotZero (RFC 2578).
    static let nothing: OID = [0, 0]
}

/// The rows of one module that operations can be about.
package protocol OperationTargets: Sendable {
    /// nil when `pointer` is not into these tables, or into no row of them.
    func target(of pointer: OID) -> OperationTarget?
    /// nil when `target` is none of these.
    func pointer(to target: OperationTarget) -> OID?
}

/// Interfaces, as ifIndex.N.
package struct InterfaceTargets: OperationTargets {
    private static let column = IFMIB.IfEntry.Column.ifIndex.schema.oid

    package init() {}

    package func target(of pointer: OID) -> OperationTarget? {
        guard pointer.count == Self.column.count + 1, pointer.starts(with: Self.column),
            let number = pointer.words.last.flatMap({ Int(exactly: $0) }), let index = InterfaceIndex(number)
        else { return nil }
        return .interface(index)
    }

    package func pointer(to target: OperationTarget) -> OID? {
        guard case .interface(let index) = target else { return nil }
        return Self.column.appending(index.number)
    }
}
