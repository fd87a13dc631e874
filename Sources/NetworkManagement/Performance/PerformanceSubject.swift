package import NetworkModel

/// What has a window and intervals.
package enum PerformanceSubject: Sendable, Hashable {
    case interface(InterfaceIndex)
    case group(AggregatedNetworkStats.Scope)
}

extension PerformanceManager.State {
    /// Where it is measured; nil when it is not.
    func slot(of subject: PerformanceSubject) -> Int? {
        switch subject {
        case .interface(let index): slotOf[index].map { Int($0) }
        case .group(let scope): groups.slot(scope)
        }
    }
}

extension PerformanceManager {
    package func history(of index: InterfaceIndex) -> History? { history(of: .interface(index)) }

    package func intervalCount(of index: InterfaceIndex) -> Int { intervalCount(of: .interface(index)) }

    package func invalidIntervalCount(of index: InterfaceIndex) -> Int { invalidIntervalCount(of: .interface(index)) }

    package func interval(of index: InterfaceIndex, number: Int) -> PerformanceInterval? {
        interval(of: .interface(index), number: number)
    }

    package func quantiles(of index: InterfaceIndex) -> (received: Quantiles, transmitted: Quantiles)? {
        quantiles(of: .interface(index))
    }

    package func window(of index: InterfaceIndex) -> (received: [Float], transmitted: [Float])? {
        window(of: .interface(index))
    }
}
