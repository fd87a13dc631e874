/// When a measure that grows will reach its limit: a straight line through its past, and how sure that is.
package struct SaturationForecast: Sendable, Hashable {
    /// Steps from the last value until the limit is reached; 0 when it is already.
    package let steps: Float
    /// The bounds of `steps` at a confidence of 95 %.
    package let earliest: Float
    package let latest: Float
    /// Per step.
    package let growth: Float

    /// - Parameter limit: what the values are not to reach.
    /// - Returns: nil without a growth that is more than chance: a slope below three of its standard errors.
    package init?(_ trend: LinearTrend, limit: Float) {
        let (slope, slopeError, spread) = (trend.slope, trend.slopeError, trend.spread)
        guard slope > 0, slope > 3 * slopeError else { return nil }
        let passed = trend.last - trend.meanX
        let room = max(0, Double(limit) - trend.meanY - slope * passed)
        growth = Float(slope)
        steps = Float(room / slope)
        // The bounds of where a fitted line meets a level (Fieller's theorem). Student's t is below 2.23 from 12 values on,
        // and 2 that of many.
        let student = trend.count < 30 ? 2.23 : 2.0
        let chance = student * student * slopeError * slopeError / (slope * slope)
        let reach = (Double(limit) - trend.meanY) / slope
        let deviation = slopeError * spread.squareRoot()
        let half = student * deviation / slope * ((1 - chance) / trend.count + reach * reach / spread).squareRoot()
        earliest = Float(max(0, (reach - half) / (1 - chance) - passed))
        latest = Float(max(0, (reach + half) / (1 - chance) - passed))
    }
}
