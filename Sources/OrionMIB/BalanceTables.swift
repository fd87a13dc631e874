import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

/// orionPerformanceGroupTable, as it is read.
struct GroupTable: TableSource {
    let optimisation: OptimisationManager

    var schema: TableSchema { OrionPerformanceMIB.OrionPerformanceGroupEntry.table }

    func open() -> any TableReading { Reading(groups: optimisation.snapshot.groups) }

    struct Reading: TableReading {
        let groups: [BalancingGroup]

        var rows: RowIndex { .integers(groups.map(\.number)) }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionPerformanceMIB.OrionPerformanceGroupEntry.Column(rawValue: column) else {
                return nil
            }
            let group = groups[position]
            switch column {
            case .orionPerformanceGroupName: return .text(group.name.limited(toOctets: 64))
            case .orionPerformanceGroupKind: return .integer(Int32(group.kind.rawValue))
            case .orionPerformanceGroupMode: return group.mode.map { .gauge32(UInt32($0)) }
            case .orionPerformanceGroupMembers: return .gauge32(UInt32(clamping: group.members.count))
            case .orionPerformanceGroupRate: return .gauge64(Float(group.rate))
            case .orionPerformanceGroupImbalance: return .gauge(Float(group.imbalance * 1000))
            case .orionPerformanceGroupUnbalanced: return .truth(group.isUnbalanced)
            // The kernel counts from 0.
            case .orionPerformanceGroupHashPolicy: return group.hashPolicy.map { .integer(Int32($0.rawValue) + 1) }
            }
        }
    }
}

/// orionPerformanceMemberTable.
struct GroupMemberTable: TableSource {
    let optimisation: OptimisationManager

    var schema: TableSchema { OrionPerformanceMIB.OrionPerformanceMemberEntry.table }

    func open() -> any TableReading { Reading(optimisation.snapshot.groups) }

    final class Reading: TableReading {
        private let members: [(member: BalancingGroup.Member, fairShare: Double)]
        let rows: RowIndex

        init(_ groups: [BalancingGroup]) {
            members = groups.flatMap { group in group.members.map { ($0, group.fairShare($0)) } }
            rows = RowIndex(groups.flatMap { group in group.members.map { [group.number, $0.number] } })
        }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionPerformanceMIB.OrionPerformanceMemberEntry.Column(rawValue: column) else {
                return nil
            }
            let (member, fairShare) = members[position]
            switch column {
            case .orionPerformanceMemberName: return .text(member.name.limited(toOctets: 64))
            case .orionPerformanceMemberRate: return .gauge64(Float(member.rate))
            case .orionPerformanceMemberShare: return .gauge(Float(member.share * 1_000_000))
            case .orionPerformanceMemberFairShare: return .gauge(Float(fairShare * 1_000_000))
            case .orionPerformanceMemberIfIndex: return .interfaceOrZero(member.interface)
            case .orionPerformanceMemberGateway: return member.hop.map { .text($0.gatewayText) }
            case .orionPerformanceMemberWeight: return member.hop.map { .gauge32($0.weight) }
            }
        }
    }
}

/// orionPerformanceGroupTable, as it is set.
struct WritableGroupTable: WritableTable {
    let optimisation: OptimisationManager

    var schema: TableSchema { OrionPerformanceMIB.OrionPerformanceGroupEntry.table }

    func change(column: Int, row tail: ArraySlice<UInt32>, to value: Value) throws(WriteRefusal) -> ManagedChange {
        guard let column = OrionPerformanceMIB.OrionPerformanceGroupEntry.WritableColumn(rawValue: column) else {
            throw WriteRefusal(.notWritable)
        }
        guard tail.count == 1, let index = tail.first.flatMap({ InterfaceIndex($0) }),
            let group = optimisation.snapshot.group(index), group.hashPolicy != nil
        else { throw WriteRefusal(.noCreation) }
        switch column {
        case .orionPerformanceGroupHashPolicy:
            let number = try value.enumeration(OrionPerformanceMIB.OrionPerformanceGroupHashPolicy.self).rawValue
            guard let policy = UInt8(exactly: number - 1).flatMap(HashPolicy.init) else {
                throw WriteRefusal(.wrongValue)
            }
            return .order(OperationOrder(.groupHashPolicy, .group(index), argument: "\(policy)"))
        }
    }
}

/// orionPerformanceMemberTable, as it is set.
struct WritableGroupMemberTable: WritableTable {
    let optimisation: OptimisationManager

    var schema: TableSchema { OrionPerformanceMIB.OrionPerformanceMemberEntry.table }

    func change(column: Int, row tail: ArraySlice<UInt32>, to value: Value) throws(WriteRefusal) -> ManagedChange {
        guard let column = OrionPerformanceMIB.OrionPerformanceMemberEntry.WritableColumn(rawValue: column) else {
            throw WriteRefusal(.notWritable)
        }
        guard tail.count == 2, let group = tail.first, let number = tail.last,
            optimisation.snapshot.group(number: group)?.members.contains(where: {
                $0.number == number && $0.hop != nil
            }) == true
        else { throw WriteRefusal(.noCreation) }
        switch column {
        case .orionPerformanceMemberWeight:
            let weight = try value.unsigned()
            return .order(OperationOrder(.memberWeight, .member(number, of: group), argument: "\(weight)"))
        }
    }
}
