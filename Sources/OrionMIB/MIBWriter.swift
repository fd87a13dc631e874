package import NetworkManagement
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

/// Why a variable binding cannot be set.
package struct WriteRefusal: Error, Sendable, Hashable {
    package let status: ErrorStatus

    package init(_ status: ErrorStatus) {
        self.status = status
    }
}

/// A change that some manager makes.
package enum ManagedChange: Sendable, Hashable {
    case interface(InterfaceRequest)
}

/// Turns SETs into transactions of the managers.
package final class MIBWriter: ObjectWriter {
    private struct Entry: Sendable {
        let table: any WritableTable
        let numbers: [UInt32]
    }

    /// Ascending by the entry's identifier.
    private let entries: [Entry]
    private let interfaces: InterfaceManager

    package init(_ tables: [any WritableTable], interfaces: InterfaceManager) {
        self.interfaces = interfaces
        entries =
            tables
            .sorted { $0.schema.entry < $1.schema.entry }
            .map { table in Entry(table: table, numbers: table.schema.columns.compactMap(\.oid.words.last)) }
    }

    package func test(_ request: SetRequest) throws(SetFailure) -> any SetTransaction {
        var requests: [InterfaceRequest] = []
        // Beside `requests`: which variable binding each is about, from 1.
        var bindings: [Int] = []
        for (position, binding) in request.bindings.enumerated() {
            do {
                switch try change(binding) {
                case .interface(let request): requests.append(request)
                }
            } catch {
                throw SetFailure(error.status, index: position + 1)
            }
            bindings.append(position + 1)
        }
        do {
            return InterfaceSetTransaction(try interfaces.prepare(requests), bindings: bindings)
        } catch {
            throw SetFailure(ErrorStatus(error.error.code), index: bindings[error.position])
        }
    }

    /// Finds what `binding` names and checks it in the order of RFC 3416 section 4.2.5.
    private func change(_ binding: VarBind) throws(WriteRefusal) -> ManagedChange {
        guard let entry = entries.last(where: { binding.name.starts(with: $0.table.schema.entry) }) else {
            throw WriteRefusal(.notWritable)
        }
        let depth = entry.table.schema.entry.count
        guard binding.name.count > depth,
            let column = entry.numbers.firstIndex(of: binding.name.words[depth])
        else { throw WriteRefusal(.notWritable) }
        let schema = entry.table.schema.columns[column]
        guard schema.access.isWritable else { throw WriteRefusal(.notWritable) }
        if let refusal = schema.syntax.refusal(of: binding.value) { throw WriteRefusal(refusal) }
        return try entry.table.change(
            column: column, row: binding.name.words[(depth + 1)...], to: binding.value)
    }
}

/// A SET whose every binding is an interface setting.
private final class InterfaceSetTransaction: SetTransaction {
    private let transaction: InterfaceTransaction
    private let bindings: [Int]

    init(_ transaction: InterfaceTransaction, bindings: [Int]) {
        self.transaction = transaction
        self.bindings = bindings
    }

    func commit() async throws(SetFailure) {
        do {
            try transaction.apply()
        } catch {
            // RFC 2741 section 7.2.4.2 knows one failure of a commit; which object it was the index says.
            throw SetFailure(.commitFailed, index: bindings[error.position])
        }
    }

    func undo() async throws(SetFailure) {
        do {
            try transaction.restore()
        } catch {
            throw SetFailure(.undoFailed, index: bindings[error.position])
        }
    }

    func cleanUp() {}
}

extension Value {
    /// The named number of a value whose syntax was checked.
    func enumeration<Names: RawRepresentable<Int32>>(_: Names.Type) throws(WriteRefusal) -> Names {
        guard case .integer(let number) = self else { throw WriteRefusal(.wrongType) }
        guard let name = Names(rawValue: number) else { throw WriteRefusal(.wrongValue) }
        return name
    }

    /// A TruthValue (RFC 2579).
    func truth() throws(WriteRefusal) -> Bool {
        switch self {
        case .integer(1): return true
        case .integer(2): return false
        case .integer: throw WriteRefusal(.wrongValue)
        default: throw WriteRefusal(.wrongType)
        }
    }

    /// Text that the kernel can keep: UTF-8 without NUL.
    func text() throws(WriteRefusal) -> String {
        guard case .octetString(let octets) = self else { throw WriteRefusal(.wrongType) }
        guard let text = octets.text, !text.utf8.contains(0) else { throw WriteRefusal(.wrongValue) }
        return text
    }

    func unsigned() throws(WriteRefusal) -> UInt32 {
        guard case .gauge32(let number) = self else { throw WriteRefusal(.wrongType) }
        return number
    }
}
