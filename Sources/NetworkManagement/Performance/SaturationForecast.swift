/// When a measure that grows will reach its limit: a straight line through its past, and how sure that is.
package struct SaturationForecast: Sendable, Hashable {
    /// Steps from the last value until the limit is reached; 0 when it is already.
    package let steps: Float
    /// The bounds of `steps` at a confidence of 95 %.
    package let earliest: Float
    package let latest: Float
    /// Per step.
    package let growth: Float

    /// - Parameters:
    ///   - values: at equal steps, the latest last; nil where nothing was measured. Without the season.
    ///   - limit: what the values are not to reach.
    /// - Returns: nil when there are fewer than 12 values, or no growth that is more than chance: a slope below three of
    ///   its standard errors.
    package init?(_ values: [Float?], limit: Float) {
        let known = values.enumerated().compactMap { position, value in value.map { (Double(position), Double($0)) } }
        guard known.count >= 12 else { return nil }
        let count = Double(known.count)
        let meanX = known.reduce(0) { $0 + $1.0 } / count
        let meanY = known.reduce(0) { $0 + $1.1 } / count
        let spread = known.reduce(0) { $0 + ($1.0 - meanX) * ($1.0 - meanX) }
        let slope = known.reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / spread
        let residuals = known.reduce(0) { sum, point in
            let error = point.1 - meanY - slope * (point.0 - meanX)
            return sum + error * error
        }
        let slopeError = (residuals / (count - 2) / spread).squareRoot()
        guard slope > 0, slope > 3 * slopeError else { return nil }
        let last = Double(values.count - 1)
        let now = meanY + slope * (last - meanX)
        let room = max(0, Double(limit) - now)
        growth = Float(slope)
        steps = Float(room / slope)
        // The bounds of where a fitted line meets a level (Fieller's theorem). Student's t is below 2.23 from 12 values on,
        // and 2 that of many.
        let student = known.count < 30 ? 2.23 : 2.0
        let chance = student * student * slopeError * slopeError / (slope * slope)
        let reach = (Double(limit) - meanY) / slope
        let deviation = slopeError * spread.squareRoot()
        let half = student * deviation / slope * ((1 - chance) / count + reach * reach / spread).squareRoot()
        let passed = last - meanX
        earliest = Float(max(0, (reach - half) / (1 - chance) - passed))
        latest = Float(max(0, (reach + half) / (1 - chance) - passed))
    }
}
