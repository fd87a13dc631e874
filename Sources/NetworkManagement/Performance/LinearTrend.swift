/// A straight line through values at equal steps, by least squares.
package struct LinearTrend: Sendable, Hashable {
    /// How many values there are, where they lie on the average, and how far apart: the sum of squares.
    let count: Double
    let meanX: Double
    let meanY: Double
    let spread: Double
    /// Where the latest step lies.
    let last: Double
    /// Per step, and its standard error.
    let slope: Double
    let slopeError: Double

    /// - Parameter values: the latest last; nil where nothing was measured.
    /// - Returns: nil when there are fewer than 12.
    package init?(_ values: [Float?]) {
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
        self.count = count
        self.meanX = meanX
        self.meanY = meanY
        self.spread = spread
        last = Double(values.count - 1)
        self.slope = slope
        slopeError = (residuals / (count - 2) / spread).squareRoot()
    }
}
