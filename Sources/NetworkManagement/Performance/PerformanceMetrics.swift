package import NetworkModel

/// What an interface does at the moment.
package struct PerformanceMetrics: Sendable, Hashable {
    /// Per second, since the sample before; in the order of `PerformanceCounter`.
    package var rates: SIMD8<Float>
    /// Per second, exponentially smoothed: octets in and out, packets in and out.
    package var smoothed: SIMD4<Float>
    /// Whether there are two samples without a discontinuity between them, and the latest is not too old; else the rates are zeros that mean nothing.
    package var isValid: Bool

    /// There are no such samples.
    static let unknown = PerformanceMetrics(rates: SIMD8(), smoothed: SIMD4(), isValid: false)

    package init(rates: SIMD8<Float>, smoothed: SIMD4<Float>, isValid: Bool) {
        self.rates = rates
        self.smoothed = smoothed
        self.isValid = isValid
    }

    package func rate(_ counter: PerformanceCounter) -> Float { rates[counter.rawValue] }

    /// Of the packets of one direction, how many had errors: 0...1; nil without packets.
    package func errorRatio(isReceived: Bool) -> Float? {
        isReceived
            ? Self.ratio(rate(.receiveErrors), rate(.receivedPackets))
            : Self.ratio(rate(.transmitErrors), rate(.transmittedPackets))
    }

    /// Of the packets of one direction, how many were discarded: 0...1; nil without packets.
    package func dropRatio(isReceived: Bool) -> Float? {
        isReceived
            ? Self.ratio(rate(.receiveDropped), rate(.receivedPackets))
            : Self.ratio(rate(.transmitDropped), rate(.transmittedPackets))
    }

    /// How much of the speed is used: 0...1 and a little beyond; of both directions together on a half duplex medium,
    /// which they share.
    package func utilisation(_ speed: BitsPerSecond, _ duplex: Duplex) -> (received: Float, transmitted: Float) {
        let received = rate(.receivedOctets) * 8 / Float(max(1, speed.value))
        let transmitted = rate(.transmittedOctets) * 8 / Float(max(1, speed.value))
        return duplex == .half ? (received + transmitted, received + transmitted) : (received, transmitted)
    }

    private static func ratio(_ bad: Float, _ good: Float) -> Float? {
        bad + good > 0 ? bad / (bad + good) : nil
    }
}

/// A 15-minute interval of one interface, or the sum of several (RFC 3593).
package struct PerformanceInterval: Sendable, Hashable {
    package var receivedOctets: UInt64 = 0
    package var transmittedOctets: UInt64 = 0
    package var receivedPackets: UInt64 = 0
    package var transmittedPackets: UInt64 = 0
    /// These stay at 4294967295 in an interval that has more.
    package var receiveErrors: UInt64 = 0
    package var transmitErrors: UInt64 = 0
    package var receiveDropped: UInt64 = 0
    package var transmitDropped: UInt64 = 0
    /// Seconds that were measured.
    package var seconds: UInt32 = 0
    /// Measured from end to end, without a discontinuity of the counters.
    package var isValid = false

    package init() {}

    package static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.receivedOctets &+= right.receivedOctets
        sum.transmittedOctets &+= right.transmittedOctets
        sum.receivedPackets &+= right.receivedPackets
        sum.transmittedPackets &+= right.transmittedPackets
        sum.receiveErrors &+= right.receiveErrors
        sum.transmitErrors &+= right.transmitErrors
        sum.receiveDropped &+= right.receiveDropped
        sum.transmitDropped &+= right.transmitDropped
        sum.seconds &+= right.seconds
        sum.isValid = left.isValid && right.isValid
        return sum
    }
}
