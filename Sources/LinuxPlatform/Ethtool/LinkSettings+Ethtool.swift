import CNetlink
import NetworkModel

extension LinkSettings {
    /// Reads ETHTOOL_MSG_LINKMODES_GET_REPLY.
    mutating func readModes(_ attributes: NetlinkAttributes) {
        for attribute in attributes {
            switch attribute.type {
            case ETHTOOL_A_LINKMODES_SPEED: speed = attribute.uint32.flatMap(BitsPerSecond.init(ethtool:))
            case ETHTOOL_A_LINKMODES_DUPLEX: duplex = attribute.uint8.flatMap(Duplex.init) ?? .unknown
            case ETHTOOL_A_LINKMODES_AUTONEG: autonegotiation = attribute.uint8.map { $0 == AUTONEG_ENABLE }
            default: break
            }
        }
    }

    /// Reads ETHTOOL_MSG_LINKSTATE_GET_REPLY.
    mutating func readState(_ attributes: NetlinkAttributes) {
        for attribute in attributes where attribute.type == ETHTOOL_A_LINKSTATE_EXT_STATE {
            extendedState = attribute.uint8
        }
    }
}

extension BitsPerSecond {
    /// Mb/s as drivers give them; nil for SPEED_UNKNOWN, for its 16-bit form, and for 0, which drivers mean the same by.
    fileprivate init?(ethtool megabits: UInt32) {
        guard megabits != 0, megabits != UInt32(UInt16.max), megabits != UInt32.max else { return nil }
        self = .megabits(UInt64(megabits))
    }
}

extension RingSizes {
    /// Reads ETHTOOL_MSG_RINGS_GET_REPLY; what a driver has not is absent, and 0.
    init(ethtool attributes: NetlinkAttributes) {
        self.init(receive: 0, receiveMaximum: 0, transmit: 0, transmitMaximum: 0)
        for attribute in attributes {
            switch attribute.type {
            case ETHTOOL_A_RINGS_RX: receive = attribute.uint32 ?? 0
            case ETHTOOL_A_RINGS_RX_MAX: receiveMaximum = attribute.uint32 ?? 0
            case ETHTOOL_A_RINGS_TX: transmit = attribute.uint32 ?? 0
            case ETHTOOL_A_RINGS_TX_MAX: transmitMaximum = attribute.uint32 ?? 0
            default: break
            }
        }
    }
}

extension ChannelCounts {
    /// Reads ETHTOOL_MSG_CHANNELS_GET_REPLY; what a driver has not is absent, and 0.
    init(ethtool attributes: NetlinkAttributes) {
        self.init(
            receive: 0, receiveMaximum: 0, transmit: 0, transmitMaximum: 0, combined: 0, combinedMaximum: 0)
        for attribute in attributes {
            switch attribute.type {
            case ETHTOOL_A_CHANNELS_RX_COUNT: receive = attribute.uint32 ?? 0
            case ETHTOOL_A_CHANNELS_RX_MAX: receiveMaximum = attribute.uint32 ?? 0
            case ETHTOOL_A_CHANNELS_TX_COUNT: transmit = attribute.uint32 ?? 0
            case ETHTOOL_A_CHANNELS_TX_MAX: transmitMaximum = attribute.uint32 ?? 0
            case ETHTOOL_A_CHANNELS_COMBINED_COUNT: combined = attribute.uint32 ?? 0
            case ETHTOOL_A_CHANNELS_COMBINED_MAX: combinedMaximum = attribute.uint32 ?? 0
            default: break
            }
        }
    }
}

extension Coalescing {
    /// Reads ETHTOOL_MSG_COALESCE_GET_REPLY; what a driver has not is absent.
    init(ethtool attributes: NetlinkAttributes) {
        self.init()
        for attribute in attributes {
            switch attribute.type {
            case ETHTOOL_A_COALESCE_RX_USECS: receiveMicroseconds = attribute.uint32
            case ETHTOOL_A_COALESCE_TX_USECS: transmitMicroseconds = attribute.uint32
            case ETHTOOL_A_COALESCE_RX_MAX_FRAMES: receiveFrames = attribute.uint32
            case ETHTOOL_A_COALESCE_TX_MAX_FRAMES: transmitFrames = attribute.uint32
            case ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX: isReceiveAdaptive = attribute.uint8.map { $0 != 0 }
            case ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX: isTransmitAdaptive = attribute.uint8.map { $0 != 0 }
            default: break
            }
        }
    }
}

extension Pause {
    /// Reads ETHTOOL_MSG_PAUSE_GET_REPLY.
    init(ethtool attributes: NetlinkAttributes) {
        self.init(autonegotiation: false, receive: false, transmit: false)
        for attribute in attributes {
            switch attribute.type {
            case ETHTOOL_A_PAUSE_AUTONEG: autonegotiation = attribute.uint8 == 1
            case ETHTOOL_A_PAUSE_RX: receive = attribute.uint8 == 1
            case ETHTOOL_A_PAUSE_TX: transmit = attribute.uint8 == 1
            default: break
            }
        }
    }
}
