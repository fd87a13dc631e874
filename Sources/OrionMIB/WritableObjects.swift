package import NetworkManagement
package import NetworkModel
package import OrionSchema
package import SMI

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

/// A scalar that can be set.
package struct WritableScalar: Sendable {
    package let schema: ObjectSchema
    let change: @Sendable (Value) throws(WriteRefusal) -> ManagedChange

    /// - Parameter change: what setting it means; the value fits the syntax already, and nothing is changed here.
    package init(_ schema: ObjectSchema, change: @escaping @Sendable (Value) throws(WriteRefusal) -> ManagedChange) {
        self.schema = schema
        self.change = change
    }
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
    case policy(PolicyEdit)
    case trial(TrialEdit)
    case configuration(ConfigurationEdit)
    case alarm(AlarmEdit)
    case threshold(ThresholdEdit)
}

/// What one variable binding asks of the policy. Those of one row are put together before anything is judged.
package enum PolicyEdit: Sendable, Hashable {
    case rule(String, OrionSecurityMIB.OrionSecurityRuleEntry.WritableColumn, Value)
    case member(group: String, pattern: GlobPattern, SNMPv2TC.RowStatus)
    case defaultEffect(SecurityRule.Effect)
    /// TestAndIncr (RFC 2579).
    case lock(Int32)
}

/// Everything that can be set: found by name, decoded, and checked as far as that needs no state but the tables' own.
package struct WritableObjects: Sendable {
    private struct Node: Sendable {
        enum Kind: Sendable {
            case scalar(WritableScalar)
            case table(any WritableTable, numbers: [UInt32])
        }

        /// The scalar's identifier without instance, or the entry's.
        let oid: OID
        let kind: Kind
    }

    /// A name, taken apart.
    private enum Place {
        case scalar(WritableScalar, tail: ArraySlice<UInt32>)
        case cell(any WritableTable, column: Int, tail: ArraySlice<UInt32>)

        var schema: ObjectSchema {
            switch self {
            case .scalar(let scalar, _): scalar.schema
            case .cell(let table, let column, _): table.schema.columns[column]
            }
        }

        var tail: ArraySlice<UInt32> {
            switch self {
            case .scalar(_, let tail), .cell(_, _, let tail): tail
            }
        }
    }

    private let nodes: [Node]

    package init(tables: [any WritableTable], scalars: [WritableScalar] = []) {
        nodes =
            scalars.map { Node(oid: $0.schema.oid, kind: .scalar($0)) }
            + tables.map { table in
                let numbers = table.schema.columns.compactMap(\.oid.words.last)
                return Node(oid: table.schema.entry, kind: .table(table, numbers: numbers))
            }
    }

    /// What setting `binding` means, checked in the order of RFC 3416 section 4.2.5.
    func change(_ binding: VarBind) throws(WriteRefusal) -> ManagedChange {
        guard let place = locate(binding.name), place.schema.access.isWritable else { throw WriteRefusal(.notWritable) }
        if let refusal = place.schema.syntax.refusal(of: binding.value) { throw WriteRefusal(refusal) }
        switch place {
        case .scalar(let scalar, let tail):
            guard tail.elementsEqual([0]) else { throw WriteRefusal(.noCreation) }
            return try scalar.change(binding.value)
        case .cell(let table, let column, let tail):
            return try table.change(column: column, row: tail, to: binding.value)
        }
    }

    /// The syntax of the object that `name` is an instance of; nil when that cannot be set.
    func syntax(of name: OID) -> Syntax? {
        guard let schema = locate(name)?.schema, schema.access.isWritable else { return nil }
        return schema.syntax
    }

    /// What people call an object: "ifAdminStatus.3", or the numbers where it is none of ours.
    func name(of oid: OID) -> String {
        guard let place = locate(oid) else { return oid.description }
        return ([place.schema.name] + place.tail.map { String($0) }).joined(separator: ".")
    }

    private func locate(_ name: OID) -> Place? {
        guard let node = nodes.first(where: { name.starts(with: $0.oid) }) else { return nil }
        let depth = node.oid.count
        switch node.kind {
        case .scalar(let scalar): return .scalar(scalar, tail: name.words[depth...])
        case .table(let table, let numbers):
            guard name.count > depth, let column = numbers.firstIndex(of: name.words[depth]) else { return nil }
            return .cell(table, column: column, tail: name.words[(depth + 1)...])
        }
    }
}
