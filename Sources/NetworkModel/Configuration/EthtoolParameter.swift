/// One number of ethtool's, as it is configured, read and set.
package enum EthtoolParameter: String, Sendable, Hashable, CaseIterable, Codable {
    case autonegotiation
    /// Mb/s.
    case speed
    /// 0 half, 1 full (DUPLEX_HALF, DUPLEX_FULL).
    case duplex
    case ringReceive = "ring_receive"
    case ringTransmit = "ring_transmit"
    case channelsReceive = "channels_receive"
    case channelsTransmit = "channels_transmit"
    case channelsCombined = "channels_combined"
    case coalesceReceiveMicroseconds = "coalesce_receive_usecs"
    case coalesceTransmitMicroseconds = "coalesce_transmit_usecs"
    case coalesceReceiveFrames = "coalesce_receive_frames"
    case coalesceTransmitFrames = "coalesce_transmit_frames"
    case coalesceReceiveAdaptive = "coalesce_receive_adaptive"
    case coalesceTransmitAdaptive = "coalesce_transmit_adaptive"

    /// Those that are configured by their own key and number.
    package static let configurable = allCases.filter { ![.autonegotiation, .speed, .duplex].contains($0) }

    package var isFlag: Bool {
        switch self {
        case .autonegotiation, .coalesceReceiveAdaptive, .coalesceTransmitAdaptive: true
        default: false
        }
    }

    package var unit: String? {
        switch self {
        case .ringReceive, .ringTransmit: "descriptors"
        case .coalesceReceiveMicroseconds, .coalesceTransmitMicroseconds: "microseconds"
        case .coalesceReceiveFrames, .coalesceTransmitFrames: "packets"
        case .speed: "Mb/s"
        default: nil
        }
    }

    package var summary: String {
        switch self {
        case .autonegotiation: "Whether speed and duplex are negotiated."
        case .speed: "The speed."
        case .duplex: "The duplex."
        case .ringReceive: "The size of the receive ring."
        case .ringTransmit: "The size of the transmit ring."
        case .channelsReceive: "How many receive channels."
        case .channelsTransmit: "How many transmit channels."
        case .channelsCombined: "How many combined channels."
        case .coalesceReceiveMicroseconds: "How long a receive interrupt may be delayed."
        case .coalesceTransmitMicroseconds: "How long a transmit interrupt may be delayed."
        case .coalesceReceiveFrames: "How many packets delay a receive interrupt at most."
        case .coalesceTransmitFrames: "How many packets delay a transmit interrupt at most."
        case .coalesceReceiveAdaptive: "Whether the driver adapts the delay of receive interrupts itself."
        case .coalesceTransmitAdaptive: "Whether the driver adapts the delay of transmit interrupts itself."
        }
    }
}
