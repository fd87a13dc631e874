import CNetlink
import NetworkModel

/// What each link mode is, by bit number (string set ETH_SS_LINK_MODES).
struct LinkModeNames {
    private var modes: [(bit: Int, mode: LinkMode)] = []

    /// Not known.
    init() {}

    var isEmpty: Bool { modes.isEmpty }

    /// Asks for the string set, in ETHTOOL_MSG_STRSET_GET.
    static func select(_ request: inout NetlinkRequest) {
        FeatureNames.select(ETH_SS_LINK_MODES.rawValue, in: &request)
    }

    /// Reads ETHTOOL_MSG_STRSET_GET_REPLY.
    init(ethtool attributes: NetlinkAttributes) {
        for (bit, name) in FeatureNames(ethtool: attributes).names.enumerated() {
            if let mode = LinkMode(ethtool: name) { modes.append((bit, mode)) }
        }
    }

    /// Reads which modes a device is capable of from ETHTOOL_MSG_LINKMODES_GET_REPLY with compact bitsets: the mask of
    /// ETHTOOL_A_LINKMODES_OURS.
    func read(_ attributes: NetlinkAttributes) -> [LinkMode] {
        for attribute in attributes where attribute.type == ETHTOOL_A_LINKMODES_OURS {
            let supported = Bitset(attribute, content: ETHTOOL_A_BITSET_MASK)
            return Set(modes.filter { supported[$0.bit] }.map(\.mode)).sorted()
        }
        return []
    }
}

extension LinkMode {
    /// "1000baseT/Full" and the like; nil for what is no speed, as "Autoneg" or "FIBRE".
    init?(ethtool name: String) {
        let parts = name.split(separator: "/")
        guard parts.count == 2, let megabits = UInt32(parts[0].prefix { $0.isASCII && $0.isNumber }), megabits > 0
        else { return nil }
        switch parts[1] {
        case "Full": self.init(megabits: megabits, isFullDuplex: true)
        case "Half": self.init(megabits: megabits, isFullDuplex: false)
        default: return nil
        }
    }
}
