import NetworkModel

/// One threshold and the interfaces that it watches: what a pass goes through, in flat memory.
struct ThresholdWatch {
    /// One interface.
    struct Instance {
        enum Phase: UInt8 {
            /// No value came yet.
            case new
            case normal
            /// Beyond, but not for long enough.
            case pending
            case crossed
            /// Beyond since before it could have been noticed coming, which `startup` does not count.
            case ignored
        }

        let index: InterfaceIndex
        /// Where its metrics are.
        let position: Int
        /// Octets per second in thousandths of a percent of the speed; 0 where that is unknown.
        let utilisationScale: Float
        let isHalfDuplex: Bool
        var phase = Phase.new
        var since = MonotonicTime(nanoseconds: 0)
    }

    /// That a value went beyond, or came back.
    struct Crossing {
        let index: InterfaceIndex
        let isBeyond: Bool
    }

    let threshold: Threshold
    /// The values of `threshold`, as they are compared.
    let rising: Float
    let falling: Float
    /// Ascending by interface.
    var instances: [Instance] = []

    /// - Returns: nil for one that does not watch.
    init?(_ threshold: Threshold) {
        guard threshold.isActive, let rising = threshold.rising, let falling = threshold.falling else { return nil }
        self.threshold = threshold
        self.rising = Float(rising)
        self.falling = Float(falling)
    }

    /// Whether values that are too high are watched for, and not those that are too low.
    var isUpward: Bool { rising >= falling }

    /// Looks at what a pass found.
    mutating func evaluate(_ snapshot: PerformanceSnapshot, _ crossings: inout [Crossing]) {
        let (variable, startup, duration) = (threshold.variable, threshold.startup, threshold.duration)
        let (rising, falling, isUpward, time) = (rising, falling, isUpward, snapshot.time)
        snapshot.metrics.withUnsafeBufferPointer { metrics in
            instances.withUnsafeMutableBufferPointer { instances in
                for place in instances.indices {
                    let instance = instances[place]
                    guard metrics[instance.position].isValid,
                        let value = metrics[instance.position].value(variable, instance)
                    else { continue }
                    let isBeyond = isUpward ? value >= rising : value <= rising
                    // As most are, most of the time.
                    if instance.phase == .normal, !isBeyond { continue }
                    let isBack = !isBeyond && (isUpward ? value <= falling : value >= falling)
                    switch instance.phase {
                    case .new where isBeyond && startup == .falling:
                        // What a restart has left is over, here as below.
                        crossings.append(Crossing(index: instance.index, isBeyond: false))
                        instances[place].phase = .ignored
                    case .new, .normal:
                        if !isBeyond { crossings.append(Crossing(index: instance.index, isBeyond: false)) }
                        instances[place].phase = isBeyond ? .pending : .normal
                        instances[place].since = time
                    case .pending:
                        if !isBeyond { instances[place].phase = .normal }
                    case .crossed:
                        guard isBack else { break }
                        instances[place].phase = .normal
                        crossings.append(Crossing(index: instance.index, isBeyond: false))
                    case .ignored:
                        if isBack { instances[place].phase = .normal }
                    }
                    if instances[place].phase == .pending, time - instances[place].since >= duration {
                        instances[place].phase = .crossed
                        crossings.append(Crossing(index: instance.index, isBeyond: true))
                    }
                }
            }
        }
    }
}

extension PerformanceMetrics {
    /// In the units of `Threshold.Variable`; nil where there is no such value.
    @inline(__always)
    fileprivate func value(_ variable: Threshold.Variable, _ instance: ThresholdWatch.Instance) -> Float? {
        switch variable {
        case .inBits: rate(.receivedOctets) * 8 / 1000
        case .outBits: rate(.transmittedOctets) * 8 / 1000
        case .inPackets: rate(.receivedPackets)
        case .outPackets: rate(.transmittedPackets)
        case .inErrors: rate(.receiveErrors)
        case .outErrors: rate(.transmitErrors)
        case .inDiscards: rate(.receiveDropped)
        case .outDiscards: rate(.transmitDropped)
        case .inUtilisation: utilisation(.receivedOctets, instance)
        case .outUtilisation: utilisation(.transmittedOctets, instance)
        case .inErrorRatio: errorRatio(isReceived: true).map { $0 * 1_000_000 }
        case .outErrorRatio: errorRatio(isReceived: false).map { $0 * 1_000_000 }
        case .inDiscardRatio: dropRatio(isReceived: true).map { $0 * 1_000_000 }
        case .outDiscardRatio: dropRatio(isReceived: false).map { $0 * 1_000_000 }
        }
    }

    private func utilisation(_ counter: PerformanceCounter, _ instance: ThresholdWatch.Instance) -> Float? {
        guard instance.utilisationScale > 0 else { return nil }
        let octets = instance.isHalfDuplex ? rate(.receivedOctets) + rate(.transmittedOctets) : rate(counter)
        return octets * instance.utilisationScale
    }
}
