/// A finished 15-minute interval in three words, without its errors and discards, which most intervals have none of.
///
/// There are 96 of each interface: this is half of what is measured of one. What a field cannot hold stays at its highest
/// value.
struct PackedInterval {
    // From the highest bit: 48 of octets in, 10 of seconds, 1 of validity; 48 of octets out, 16 of packets in; 24 more of
    // packets in, 40 of packets out.
    private var words: (UInt64, UInt64, UInt64)

    /// 281 TB: 2.5 Tb/s for a quarter of an hour.
    static let mostOctets: UInt64 = (1 << 48) - 1
    /// 1.2 billion packets/s.
    static let mostPackets: UInt64 = (1 << 40) - 1
    static let mostSeconds: UInt32 = (1 << 10) - 1

    init(_ interval: PerformanceInterval) {
        let received = min(interval.receivedPackets, Self.mostPackets)
        words.0 =
            min(interval.receivedOctets, Self.mostOctets) << 16
            | UInt64(min(interval.seconds, Self.mostSeconds)) << 6 | (interval.isValid ? 1 : 0)
        words.1 = min(interval.transmittedOctets, Self.mostOctets) << 16 | received & 0xFFFF
        words.2 = (received >> 16) << 40 | min(interval.transmittedPackets, Self.mostPackets)
    }

    var receivedOctets: UInt64 { words.0 >> 16 }
    var transmittedOctets: UInt64 { words.1 >> 16 }
    var receivedPackets: UInt64 { (words.2 >> 40) << 16 | words.1 & 0xFFFF }
    var transmittedPackets: UInt64 { words.2 & Self.mostPackets }
    /// That were measured.
    var seconds: UInt32 { UInt32(words.0 >> 6 & UInt64(Self.mostSeconds)) }
    /// It was measured from end to end without a discontinuity.
    var isValid: Bool { words.0 & 1 != 0 }
}

/// Errors and discards of a finished interval; they stay at the highest value.
struct IntervalFaults {
    var receiveErrors: UInt32 = 0
    var transmitErrors: UInt32 = 0
    var receiveDropped: UInt32 = 0
    var transmitDropped: UInt32 = 0

    init() {}

    init(_ interval: PerformanceInterval) {
        receiveErrors = UInt32(clamping: interval.receiveErrors)
        transmitErrors = UInt32(clamping: interval.transmitErrors)
        receiveDropped = UInt32(clamping: interval.receiveDropped)
        transmitDropped = UInt32(clamping: interval.transmitDropped)
    }

    var isEmpty: Bool { receiveErrors | transmitErrors | receiveDropped | transmitDropped == 0 }
}

extension PerformanceInterval {
    init(_ kept: PackedInterval, _ faults: IntervalFaults) {
        self.init()
        receivedOctets = kept.receivedOctets
        transmittedOctets = kept.transmittedOctets
        receivedPackets = kept.receivedPackets
        transmittedPackets = kept.transmittedPackets
        receiveErrors = UInt64(faults.receiveErrors)
        transmitErrors = UInt64(faults.transmitErrors)
        receiveDropped = UInt64(faults.receiveDropped)
        transmitDropped = UInt64(faults.transmitDropped)
        seconds = kept.seconds
        isValid = kept.isValid
    }
}
