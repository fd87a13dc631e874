/// Exact quantiles of the samples of a sliding window, by the nearest rank: the smallest sample that so many of all are
/// not above. In octets per second.
package struct Quantiles: Sendable, Hashable {
    package var median: Float = 0
    package var percentile95: Float = 0
    package var percentile99: Float = 0
    package var maximum: Float = 0
    /// How many samples they are of; 0 for none.
    package var count: Int32 = 0

    init() {}

    package init(of samples: [Float]) {
        let sorted = samples.sorted()
        guard let last = sorted.last else { return }
        // The nearest rank: ceil(p n), from 1.
        func rank(_ hundredths: Int) -> Float { sorted[max(0, (hundredths * sorted.count + 99) / 100 - 1)] }
        median = rank(50)
        percentile95 = rank(95)
        percentile99 = rank(99)
        maximum = last
        count = Int32(clamping: sorted.count)
    }
}
