import NetworkManagement
import NetworkModel
import SMI

/// The groups of a snapshot in the order of their index: orionMonitoringAggregateScope and orionMonitoringAggregateName.
struct AggregateRows: Sendable {
    /// Where they are in the snapshot.
    let positions: [Int]
    let scopes: [AggregatedNetworkStats.Scope]
    let rows: RowIndex

    init(_ snapshot: PerformanceSnapshot) {
        let sorted = snapshot.groups.enumerated().map { (position: $0, scope: $1.scope, tail: $1.scope.tail) }
            .sorted { $0.tail.lexicographicallyPrecedes($1.tail) }
        positions = sorted.map(\.position)
        scopes = sorted.map(\.scope)
        rows = RowIndex(sorted.map(\.tail))
    }
}

extension AggregatedNetworkStats.Scope {
    /// The index of its row.
    var tail: [UInt32] {
        switch self {
        case .all: [1] + CountedIndex.words("".utf8)
        case .driver(let name): [2] + CountedIndex.words(name.limited(toOctets: 32).utf8)
        case .kind(let name): [3] + CountedIndex.words(name.limited(toOctets: 32).utf8)
        }
    }
}
