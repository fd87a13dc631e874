import CNetlink
import NetworkManagement
import NetworkModel

/// Changes an interface's settings over ethtool netlink, by its name.
struct EthtoolCommands: ~Copyable {
    private let socket: NetlinkSocket
    private var family: GenericFamily?

    init() throws(PlatformError) {
        socket = try NetlinkSocket(family: NETLINK_GENERIC, receiveBuffer: 1 << 16)
    }

    mutating func set(_ parameter: EthtoolParameter, _ number: UInt32, of name: String) throws(PlatformError) {
        let (message, attribute) = parameter.place
        try send(message, name, "\(name): set \(parameter.rawValue) to \(number)") { request in
            if parameter.isFlag {
                request.put(attribute, [number == 0 ? 0 : 1])
            } else {
                request.put(attribute, number)
            }
        }
    }

    mutating func setLinkMode(
        of name: String, autonegotiation: Bool, speed: UInt32?, duplex: UInt32?
    ) throws(PlatformError) {
        try send(ETHTOOL_MSG_LINKMODES_SET, name, "\(name): set the link mode") { request in
            request.put(ETHTOOL_A_LINKMODES_AUTONEG, [autonegotiation ? 1 : 0])
            if let speed { request.put(ETHTOOL_A_LINKMODES_SPEED, speed) }
            if let duplex { request.put(ETHTOOL_A_LINKMODES_DUPLEX, [UInt8(truncatingIfNeeded: duplex)]) }
        }
    }

    mutating func setFeature(_ feature: String, _ isOn: Bool, of name: String) throws(PlatformError) {
        try send(ETHTOOL_MSG_FEATURES_SET, name, "\(name): switch \(feature) \(isOn ? "on" : "off")") { request in
            request.nest(ETHTOOL_A_FEATURES_WANTED) { bitset in
                bitset.nest(ETHTOOL_A_BITSET_BITS) { bits in
                    bits.nest(ETHTOOL_A_BITSET_BITS_BIT) { bit in
                        bit.put(ETHTOOL_A_BITSET_BIT_NAME, Array(feature.utf8) + [0])
                        if isOn { bit.putFlag(ETHTOOL_A_BITSET_BIT_VALUE) }
                    }
                }
            }
        }
    }

    private mutating func send(
        _ message: Int, _ name: String, _ action: String, _ fill: (inout NetlinkRequest) -> Void
    ) throws(PlatformError) {
        do throws(NetlinkError) {
            if family == nil { family = try EthtoolFamily.resolve(on: socket) }
            guard let family else { throw NetlinkError.refused(errno: EOPNOTSUPP, text: nil) }
            var request = try NetlinkRequest(type: Int(family.identifier), flags: NLM_F_ACK)
            request.append(
                genlmsghdr(cmd: UInt8(truncatingIfNeeded: message), version: UInt8(ETHTOOL_GENL_VERSION), reserved: 0))
            request.nest(ethtoolHeader) { header in
                header.put(ETHTOOL_A_HEADER_DEV_NAME, Array(name.utf8) + [0])
            }
            fill(&request)
            try socket.exchange(request, until: .acknowledgement)
        } catch {
            throw PlatformError(error, action, by: PlatformError.ethtoolCode)
        }
    }
}

extension EthtoolParameter {
    /// The message that sets it, and the attribute in that.
    fileprivate var place: (message: Int, attribute: Int) {
        switch self {
        case .autonegotiation: (ETHTOOL_MSG_LINKMODES_SET, ETHTOOL_A_LINKMODES_AUTONEG)
        case .speed: (ETHTOOL_MSG_LINKMODES_SET, ETHTOOL_A_LINKMODES_SPEED)
        case .duplex: (ETHTOOL_MSG_LINKMODES_SET, ETHTOOL_A_LINKMODES_DUPLEX)
        case .ringReceive: (ETHTOOL_MSG_RINGS_SET, ETHTOOL_A_RINGS_RX)
        case .ringTransmit: (ETHTOOL_MSG_RINGS_SET, ETHTOOL_A_RINGS_TX)
        case .channelsReceive: (ETHTOOL_MSG_CHANNELS_SET, ETHTOOL_A_CHANNELS_RX_COUNT)
        case .channelsTransmit: (ETHTOOL_MSG_CHANNELS_SET, ETHTOOL_A_CHANNELS_TX_COUNT)
        case .channelsCombined: (ETHTOOL_MSG_CHANNELS_SET, ETHTOOL_A_CHANNELS_COMBINED_COUNT)
        case .coalesceReceiveMicroseconds: (ETHTOOL_MSG_COALESCE_SET, ETHTOOL_A_COALESCE_RX_USECS)
        case .coalesceTransmitMicroseconds: (ETHTOOL_MSG_COALESCE_SET, ETHTOOL_A_COALESCE_TX_USECS)
        case .coalesceReceiveFrames: (ETHTOOL_MSG_COALESCE_SET, ETHTOOL_A_COALESCE_RX_MAX_FRAMES)
        case .coalesceTransmitFrames: (ETHTOOL_MSG_COALESCE_SET, ETHTOOL_A_COALESCE_TX_MAX_FRAMES)
        case .coalesceReceiveAdaptive: (ETHTOOL_MSG_COALESCE_SET, ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX)
        case .coalesceTransmitAdaptive: (ETHTOOL_MSG_COALESCE_SET, ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX)
        }
    }
}
