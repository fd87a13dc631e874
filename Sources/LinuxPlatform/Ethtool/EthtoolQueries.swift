import CNetlink
import NetworkManagement
import NetworkModel

/// Asks for an interface's settings and counters over ethtool netlink.
///
/// A message that the driver refuses leaves its part unknown. Without ethtool in the kernel everything is unknown.
struct EthtoolQueries: ~Copyable {
    /// nil where the kernel has no generic netlink.
    private let socket: NetlinkSocket?
    private var family: GenericFamily?
    private var featureNames = FeatureNames()
    private var modeNames = LinkModeNames()
    /// Most interfaces of a host have the same features: they share one list.
    private var recentFeatures: [Feature] = []

    init() throws(PlatformError) {
        do {
            socket = try NetlinkSocket(family: NETLINK_GENERIC, receiveBuffer: 1 << 16)
        } catch let error where error.code == .notSupported {
            socket = nil
        }
    }

    /// The settings; nil when the driver answers none of the messages.
    mutating func settings(of index: InterfaceIndex) throws(PlatformError) -> LinkSettings? {
        var settings = LinkSettings()
        var answers = 0
        do {
            try learnFeatureNames()
            let (names, modes) = (featureNames, modeNames)
            let compact = UInt32(ETHTOOL_FLAG_COMPACT_BITSETS)
            answers += try get(ETHTOOL_MSG_LINKMODES_GET, index, flags: compact) {
                settings.readModes($0)
                settings.supportedModes = modes.read($0)
            }
            answers += try get(ETHTOOL_MSG_LINKSTATE_GET, index) { settings.readState($0) }
            answers += try get(ETHTOOL_MSG_FEATURES_GET, index, flags: compact) { settings.features = names.read($0) }
            answers += try get(ETHTOOL_MSG_RINGS_GET, index) { settings.rings = RingSizes(ethtool: $0) }
            answers += try get(ETHTOOL_MSG_CHANNELS_GET, index) { settings.channels = ChannelCounts(ethtool: $0) }
            answers += try get(ETHTOOL_MSG_COALESCE_GET, index) { settings.coalescing = Coalescing(ethtool: $0) }
            answers += try get(ETHTOOL_MSG_PAUSE_GET, index) { settings.pause = Pause(ethtool: $0) }
        } catch {
            throw PlatformError(error, "reading the settings of interface \(index)", by: PlatformError.ethtoolCode)
        }
        if settings.features == recentFeatures {
            settings.features = recentFeatures
        } else {
            recentFeatures = settings.features
        }
        return answers == 0 ? nil : settings
    }

    /// The standard Ethernet counters; nil when the driver reports none.
    mutating func ethernetCounters(of index: InterfaceIndex) throws(PlatformError) -> EthernetCounters? {
        var counters = EthernetCounters()
        do {
            _ = try get(ETHTOOL_MSG_STATS_GET, index, adding: EthernetCounters.selectGroups) { counters.readGroups($0) }
            let statistics = UInt32(ETHTOOL_FLAG_STATS)
            _ = try get(ETHTOOL_MSG_PAUSE_GET, index, flags: statistics) { counters.readPauseFrames($0) }
        } catch {
            throw PlatformError(error, "reading the counters of interface \(index)", by: PlatformError.ethtoolCode)
        }
        return counters.isEmpty ? nil : counters
    }

    /// Asks one message of one interface.
    ///
    /// - Returns: 1 when it is answered, 0 when the kernel or the driver refuses this message.
    private mutating func get(
        _ message: Int, _ index: InterfaceIndex?, flags: UInt32 = 0,
        adding: (inout NetlinkRequest) -> Void = { _ in }, _ take: (NetlinkAttributes) -> Void
    ) throws(NetlinkError) -> Int {
        guard let family = try resolved() else { return 0 }
        var request = try NetlinkRequest(type: Int(family.identifier))
        request.append(
            genlmsghdr(cmd: UInt8(truncatingIfNeeded: message), version: UInt8(ETHTOOL_GENL_VERSION), reserved: 0))
        request.nest(ethtoolHeader) { header in
            if let index { header.put(ETHTOOL_A_HEADER_DEV_INDEX, index.number) }
            if flags != 0 { header.put(ETHTOOL_A_HEADER_FLAGS, flags) }
        }
        adding(&request)
        do {
            try exchange(request) { take(NetlinkAttributes($0.payload, after: MemoryLayout<genlmsghdr>.size)) }
        } catch .refused(let errno, _) where !meansAllMessages.contains(errno) {
            return 0
        }
        return 1
    }

    private func exchange(
        _ request: borrowing NetlinkRequest, _ take: (NetlinkMessage) -> Void
    ) throws(NetlinkError) {
        switch socket {
        case .some(let socket): try socket.exchange(request, until: .answer, take)
        case .none: throw .refused(errno: EOPNOTSUPP, text: nil)
        }
    }

    /// The family; looked for again as long as it is absent, since it may come with a module.
    private mutating func resolved() throws(NetlinkError) -> GenericFamily? {
        if family == nil {
            switch socket {
            case .some(let socket): family = try EthtoolFamily.resolve(on: socket)
            case .none: break
            }
        }
        return family
    }

    /// The names are the same for all interfaces: asked once.
    private mutating func learnFeatureNames() throws(NetlinkError) {
        guard featureNames.isEmpty else { return }
        var names = FeatureNames()
        _ = try get(ETHTOOL_MSG_STRSET_GET, nil, adding: FeatureNames.select) { names = FeatureNames(ethtool: $0) }
        featureNames = names
        var modes = LinkModeNames()
        _ = try get(ETHTOOL_MSG_STRSET_GET, nil, adding: LinkModeNames.select) { modes = LinkModeNames(ethtool: $0) }
        modeNames = modes
    }
}

// These are about the interface or the caller, not about the one message.
private let meansAllMessages: Set<Int32> = [ENODEV, EPERM, EACCES, ENOMEM, ENOBUFS]
