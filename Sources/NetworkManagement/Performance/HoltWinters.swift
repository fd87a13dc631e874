/// A forecast of a measure that repeats itself day after day: exponential smoothing of level, trend and season (Holt and
/// Winters), with a band around it whose width follows the forecast's own errors (Brutlag, LISA 2000).
///
/// Level, trend and band are here; the seasonal factors lie elsewhere, one for each step of the season, and are given with
/// each call. The season is additive.
package struct HoltWinters: Sendable, Hashable {
    /// How fast each part follows what is measured, and how wide the band is.
    package struct Parameters: Sendable, Hashable {
        package var level: Float = 0.1
        package var trend: Float = 0.002
        package var season: Float = 0.35
        package var deviation: Float = 0.05
        /// The band's half width in mean absolute errors. 5 of them are 4 standard deviations of a normal error.
        package var width: Float = 5
        /// Of the level: no band is narrower than that, since a quiet link has hardly any error at all.
        package var minimumWidth: Float = 0.25
        /// Steps before anything is called abnormal, beyond the season that initialises the factors.
        package var training: Int32 = 96

        package init() {}
    }

    /// What one step says.
    package struct Verdict: Sendable, Hashable {
        package let expected: Float
        package let lower: Float
        package let upper: Float
        package let isAbnormal: Bool
    }

    package private(set) var level: Float = 0
    /// Per step.
    package private(set) var trend: Float = 0
    /// The smoothed absolute error.
    package private(set) var deviation: Float = 0
    /// How many steps were taken in: all of the first season, and those behind it that taught something.
    package private(set) var steps: Int32 = 0
    /// Steps in a row that were outside the band.
    package private(set) var abnormalRun: Int16 = 0

    package init() {}

    /// Takes in the value of one step.
    ///
    /// - Parameters:
    ///   - value: nil when the step was not measured.
    ///   - factors: as many as the season has steps; not a number where a step of the season was never measured.
    ///   - phase: the step within the season.
    /// - Returns: nil while too little is known.
    package mutating func step(
        _ value: Float?, _ factors: UnsafeMutableBufferPointer<Float>, phase: Int,
        _ parameters: Parameters = Parameters()
    ) -> Verdict? {
        let length = Int32(factors.count)
        // The first season is learnt by heart: its mean is the level, what differs from it the season.
        if steps < length {
            if steps == 0 { factors.update(repeating: .nan) }
            if let value { factors[phase] = value }
            steps += 1
            if steps == length { endFirstSeason(factors) }
            return nil
        }
        guard let value else { return nil }
        guard !factors[phase].isNaN else {
            // Nobody knows yet what this step of the season adds.
            factors[phase] = value - level
            return nil
        }
        defer { steps = steps == .max ? steps : steps + 1 }
        let expected = level + trend + factors[phase]
        let error = value - expected
        let isTrained = steps >= length + parameters.training
        let half = max(parameters.width * deviation, parameters.minimumWidth * abs(level))
        let isAbnormal = isTrained && abs(error) > half
        // What is abnormal teaches little, or an outage would be tomorrow's norm; what stays is a new norm at last.
        abnormalRun = isAbnormal ? min(abnormalRun &+ 1, .max - 1) : 0
        let weight: Float = isAbnormal && abnormalRun < 8 ? 0.1 : 1
        let old = level
        level = old + trend + parameters.level * weight * error
        trend += parameters.trend * weight * (level - old - trend)
        factors[phase] += parameters.season * weight * (value - level - factors[phase])
        // In the second season errors are still large and common.
        let pace = isTrained ? parameters.deviation * weight : max(parameters.deviation, 1 / Float(steps - length + 1))
        deviation += pace * (abs(error) - deviation)
        guard isTrained else { return nil }
        return Verdict(expected: expected, lower: expected - half, upper: expected + half, isAbnormal: isAbnormal)
    }

    private mutating func endFirstSeason(_ factors: UnsafeMutableBufferPointer<Float>) {
        let measured = factors.count { !$0.isNaN }
        guard measured > 0 else {
            // Nothing was learnt: it begins anew.
            steps = 0
            return
        }
        level = factors.reduce(0) { $1.isNaN ? $0 : $0 + $1 } / Float(measured)
        for position in factors.indices { factors[position] -= level }
    }
}
