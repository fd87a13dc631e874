package import NetworkModel

/// What was found at the ends of 15-minute intervals.
package struct PerformanceFindings: Sendable, Hashable {
    /// The interfaces that were looked at lie within; those without a finding among them are not to be foretold.
    package internal(set) var indexes: ClosedRange<InterfaceIndex>
    /// Ascending by interface, received before transmitted.
    package internal(set) var findings: [PerformanceFinding] = []
    /// Interfaces whose interval was not valid: what the one before showed holds no longer.
    package internal(set) var unmeasured: [InterfaceIndex] = []

    init(_ index: InterfaceIndex) {
        indexes = index...index
    }

    /// One more interface is looked at.
    mutating func add(_ index: InterfaceIndex) {
        indexes = min(indexes.lowerBound, index)...max(indexes.upperBound, index)
    }
}

/// What the end of a 15-minute interval showed about one direction of an interface.
package struct PerformanceFinding: Sendable, Hashable {
    package let index: InterfaceIndex
    package let isReceived: Bool
    /// Octets per second, on the average of the interval.
    package let value: Float
    /// nil while too little is known of the past.
    package let verdict: HoltWinters.Verdict?
    /// Of the intervals of the last day without their season; nil while they are too few.
    package let trend: LinearTrend?
    /// What the season adds at most.
    package let seasonalPeak: Float

    /// When `limit`, in octets per second, will be reached at the season's peak; nil when that is not to be seen.
    package func saturation(limit: Float) -> SaturationForecast? {
        trend.flatMap { SaturationForecast($0, limit: limit - seasonalPeak) }
    }
}
