import CNetlink
import NetworkModel

extension EthernetCounters {
    /// Asks for the groups that `readGroups` reads, in ETHTOOL_MSG_STATS_GET.
    static func selectGroups(_ request: inout NetlinkRequest) {
        let groups: UInt32 =
            1 << ETHTOOL_STATS_ETH_PHY | 1 << ETHTOOL_STATS_ETH_MAC | 1 << ETHTOOL_STATS_ETH_CTRL
        request.nest(ETHTOOL_A_STATS_GROUPS) { bitset in
            bitset.putFlag(ETHTOOL_A_BITSET_NOMASK)
            bitset.put(ETHTOOL_A_BITSET_SIZE, UInt32(ETHTOOL_STATS_ETH_CTRL) + 1)
            bitset.put(ETHTOOL_A_BITSET_VALUE, groups)
        }
    }

    /// Reads ETHTOOL_MSG_STATS_GET_REPLY; what the driver does not count is absent from it.
    mutating func readGroups(_ attributes: NetlinkAttributes) {
        for group in attributes where group.type == ETHTOOL_A_STATS_GRP {
            let identifier = group.nested.first { $0.type == ETHTOOL_A_STATS_GRP_ID }?.uint32
            for statistic in group.nested where statistic.type == ETHTOOL_A_STATS_GRP_STAT {
                // The type of what is inside is the number of the counter.
                for counter in statistic.nested { read(counter, of: identifier.map { Int($0) }) }
            }
        }
    }

    private mutating func read(_ counter: NetlinkAttribute, of group: Int?) {
        switch (group, counter.type) {
        case (ETHTOOL_STATS_ETH_MAC, _): readMAC(counter)
        case (ETHTOOL_STATS_ETH_PHY, ETHTOOL_A_STATS_ETH_PHY_5_SYM_ERR): symbolErrors = counter.uint64
        case (ETHTOOL_STATS_ETH_CTRL, ETHTOOL_A_STATS_ETH_CTRL_5_RX_UNSUP): unknownControlOpcodes = counter.uint64
        default: break
        }
    }

    private mutating func readMAC(_ counter: NetlinkAttribute) {
        switch counter.type {
        case ETHTOOL_A_STATS_ETH_MAC_3_SINGLE_COL: singleCollisionFrames = counter.uint64
        case ETHTOOL_A_STATS_ETH_MAC_4_MULTI_COL: multipleCollisionFrames = counter.uint64
        case ETHTOOL_A_STATS_ETH_MAC_6_FCS_ERR: fcsErrors = counter.uint64
        case ETHTOOL_A_STATS_ETH_MAC_7_ALIGN_ERR: alignmentErrors = counter.uint64
        case ETHTOOL_A_STATS_ETH_MAC_9_TX_DEFER: deferredTransmissions = counter.uint64
        case ETHTOOL_A_STATS_ETH_MAC_10_LATE_COL: lateCollisions = counter.uint64
        case ETHTOOL_A_STATS_ETH_MAC_11_XS_COL: excessiveCollisions = counter.uint64
        case ETHTOOL_A_STATS_ETH_MAC_12_TX_INT_ERR: internalMACTransmitErrors = counter.uint64
        case ETHTOOL_A_STATS_ETH_MAC_13_CS_ERR: carrierSenseErrors = counter.uint64
        case ETHTOOL_A_STATS_ETH_MAC_15_RX_INT_ERR: internalMACReceiveErrors = counter.uint64
        case ETHTOOL_A_STATS_ETH_MAC_18_TX_MCAST: transmittedMulticastFrames = counter.uint64
        case ETHTOOL_A_STATS_ETH_MAC_19_TX_BCAST: transmittedBroadcastFrames = counter.uint64
        case ETHTOOL_A_STATS_ETH_MAC_21_RX_MCAST: receivedMulticastFrames = counter.uint64
        case ETHTOOL_A_STATS_ETH_MAC_22_RX_BCAST: receivedBroadcastFrames = counter.uint64
        case ETHTOOL_A_STATS_ETH_MAC_25_TOO_LONG_ERR: frameTooLongs = counter.uint64
        default: break
        }
    }

    /// Reads the statistics in ETHTOOL_MSG_PAUSE_GET_REPLY.
    mutating func readPauseFrames(_ attributes: NetlinkAttributes) {
        for statistics in attributes where statistics.type == ETHTOOL_A_PAUSE_STATS {
            for counter in statistics.nested {
                switch counter.type {
                case ETHTOOL_A_PAUSE_STAT_RX_FRAMES: receivedPauseFrames = counter.uint64
                case ETHTOOL_A_PAUSE_STAT_TX_FRAMES: transmittedPauseFrames = counter.uint64
                default: break
                }
            }
        }
    }
}
