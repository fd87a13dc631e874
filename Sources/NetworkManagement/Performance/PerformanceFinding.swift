package import NetworkModel

/// What the end of a 15-minute interval showed about one direction of an interface.
package struct PerformanceFinding: Sendable, Hashable {
    package let index: InterfaceIndex
    package let isReceived: Bool
    /// Octets per second, on the average of the interval.
    package let value: Float
    /// nil while too little is known of the past.
    package let verdict: HoltWinters.Verdict?
    /// The intervals of the last day without their season, the latest last.
    package let trend: [Float?]
    /// What the season adds at most.
    package let seasonalPeak: Float

    /// When `limit`, in octets per second, will be reached at the season's peak; nil when that is not to be seen.
    package func saturation(limit: Float) -> SaturationForecast? {
        SaturationForecast(trend, limit: limit - seasonalPeak)
    }
}
