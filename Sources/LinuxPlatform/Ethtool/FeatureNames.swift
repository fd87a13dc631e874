import CNetlink
import NetworkModel

/// The kernel's names of the offload features, by bit number (string set ETH_SS_FEATURES).
struct FeatureNames {
    private(set) var names: [String] = []

    /// Not known.
    init() {}

    var isEmpty: Bool { names.isEmpty }

    /// Asks for the string set, in ETHTOOL_MSG_STRSET_GET.
    static func select(_ request: inout NetlinkRequest) { select(ETH_SS_FEATURES.rawValue, in: &request) }

    static func select(_ set: UInt32, in request: inout NetlinkRequest) {
        request.nest(ETHTOOL_A_STRSET_STRINGSETS) { sets in
            sets.nest(ETHTOOL_A_STRINGSETS_STRINGSET) { $0.put(ETHTOOL_A_STRINGSET_ID, set) }
        }
    }

    /// Reads ETHTOOL_MSG_STRSET_GET_REPLY; numbers beyond any kernel's are passed over.
    init(ethtool attributes: NetlinkAttributes) {
        for sets in attributes where sets.type == ETHTOOL_A_STRSET_STRINGSETS {
            for set in sets.nested {
                for strings in set.nested where strings.type == ETHTOOL_A_STRINGSET_STRINGS {
                    for string in strings.nested { read(string) }
                }
            }
        }
    }

    private mutating func read(_ string: NetlinkAttribute) {
        var index: UInt32?
        var name = ""
        for part in string.nested {
            switch part.type {
            case ETHTOOL_A_STRING_INDEX: index = part.uint32
            case ETHTOOL_A_STRING_VALUE: name = part.text(atMost: Int(ETH_GSTRING_LEN))
            default: break
            }
        }
        guard let position = index.flatMap({ Int(exactly: $0) }), position < mostFeatures else { return }
        while names.count <= position { names.append("") }
        names[position] = name
    }

    /// Reads ETHTOOL_MSG_FEATURES_GET_REPLY with compact bitsets: every feature that has a name, in the kernel's order.
    func read(_ attributes: NetlinkAttributes) -> [Feature] {
        var changeable = Bitset()
        var requested = Bitset()
        var active = Bitset()
        var fixed = Bitset()
        for attribute in attributes {
            switch attribute.type {
            case ETHTOOL_A_FEATURES_HW: changeable = Bitset(attribute)
            case ETHTOOL_A_FEATURES_WANTED: requested = Bitset(attribute)
            case ETHTOOL_A_FEATURES_ACTIVE: active = Bitset(attribute)
            case ETHTOOL_A_FEATURES_NOCHANGE: fixed = Bitset(attribute)
            default: break
            }
        }
        return names.indices.lazy.filter { !names[$0].isEmpty }.map { bit in
            Feature(
                name: names[bit], isActive: active[bit], isRequested: requested[bit],
                isChangeable: changeable[bit] && !fixed[bit])
        }
    }
}

/// A compact bitset of ethtool netlink: 32-bit words in host order, the lowest first.
struct Bitset {
    private var words: [UInt32] = []

    init() {}

    /// - Parameter content: the bits, or which of them there are (ETHTOOL_A_BITSET_MASK).
    init(_ attribute: NetlinkAttribute, content: Int = ETHTOOL_A_BITSET_VALUE) {
        for part in attribute.nested where part.type == content {
            let count = Swift.min(part.payload.count / 4, mostFeatures / 32)
            words = (0..<count).map { part.payload.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self) }
        }
    }

    subscript(bit: Int) -> Bool {
        let word = bit / 32
        return word < words.count && words[word] & (1 << UInt32(bit % 32)) != 0
    }
}

// NETDEV_FEATURE_COUNT is 64 at most so far, and of link modes there are some 120; twice that is room.
private let mostFeatures = 256
