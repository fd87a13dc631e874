import NetworkModel

/// The counters that are measured, in the order in which they are kept.
package enum PerformanceCounter: Int, Sendable, Hashable, CaseIterable {
    case receivedOctets, transmittedOctets, receivedPackets, transmittedPackets
    case receiveErrors, transmitErrors, receiveDropped, transmitDropped

    package static let count = 8
}

extension LinkCounters {
    /// Their values in the order of `PerformanceCounter`.
    @inline(__always)
    var measured: SIMD8<UInt64> {
        SIMD8(
            receivedOctets, transmittedOctets, receivedPackets, transmittedPackets, receiveErrors, transmitErrors,
            // What overflowed a ring was dropped as well; not every driver counts it there.
            receiveDropped &+ receiveMissedErrors, transmitDropped)
    }
}
