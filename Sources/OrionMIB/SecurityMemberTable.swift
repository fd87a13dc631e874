import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

/// orionSecurityMemberTable.
struct MemberTable: TableSource, WritableTable {
    private let security: SecurityManager
    private let indexes = Derived<CompiledPolicy, RowIndex> { compiled in
        let tails = compiled.policy.groups.flatMap { group in
            // The index has no room for longer ones.
            Set(group.members.map(\.source)).filter { $0.count <= 64 }.map { pattern in
                CountedIndex.words(group.name.utf8) + CountedIndex.words(pattern)
            }
        }
        return RowIndex(tails.sorted { $0.lexicographicallyPrecedes($1) })
    }

    init(security: SecurityManager) {
        self.security = security
    }

    var schema: TableSchema { OrionSecurityMIB.OrionSecurityMemberEntry.table }

    func open() -> any TableReading {
        Reading(rows: indexes.of(security.snapshot.compiled))
    }

    struct Reading: TableReading {
        let rows: RowIndex

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionSecurityMIB.OrionSecurityMemberEntry.Column(rawValue: column) else { return nil }
            switch column {
            case .orionSecurityMemberRowStatus: return .integer(SNMPv2TC.RowStatus.active.rawValue)
            }
        }
    }

    func change(
        column: Int, row tail: ArraySlice<UInt32>, to value: Value
    ) throws(WriteRefusal) -> ManagedChange {
        guard let column = OrionSecurityMIB.OrionSecurityMemberEntry.WritableColumn(rawValue: column) else {
            throw WriteRefusal(.notWritable)
        }
        var index = CountedIndex(tail)
        guard let group = index.name(1...32), let pattern = index.octets(1...64).flatMap({ GlobPattern($0) }),
            index.isAtEnd
        else { throw WriteRefusal(.noCreation) }
        switch column {
        case .orionSecurityMemberRowStatus:
            let status = try value.enumeration(SNMPv2TC.RowStatus.self)
            switch status {
            case .active, .createAndGo, .destroy:
                return .policy(.member(group: group, pattern: pattern, status))
            case .notInService, .notReady, .createAndWait:
                throw WriteRefusal(.wrongValue, "a member is in the group or not")
            }
        }
    }
}
