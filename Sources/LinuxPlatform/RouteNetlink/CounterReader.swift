import CNetlink
import NetworkManagement
import NetworkModel

/// Reads every link's counters by one dump.
///
/// The kernel gives the links in the same order until one comes or goes. So the place of each in the sample is
/// remembered, and as long as the order holds the counters go straight to their places: no allocation, no sorting.
struct CounterReader: ~Copyable {
    private let socket: NetlinkSocket
    private let clock = BootTimeClock()
    private var message: CounterMessage

    /// The links of the last dump, in the kernel's order.
    private var order: [UInt32] = []
    /// Beside `order`: the place in the sample.
    private var places: [Int] = []
    /// What the sample's `indexes` are.
    private var indexes: [InterfaceIndex] = []

    /// - Parameter message: what to ask for first; where the kernel does not know it, the next one is used from then on.
    init(message: CounterMessage = .statistics) throws(PlatformError) {
        self.message = message
        socket = try NetlinkSocket(family: NETLINK_ROUTE, receiveBuffer: 1 << 18)
    }

    /// Fills `sample`; on error it is left empty.
    mutating func read(into sample: inout CounterSample) throws(PlatformError) {
        do {
            try dump(into: &sample)
            sample.time = clock.now()
        } catch {
            sample.indexes = []
            sample.counters = []
            if message == .statistics, error.errno == EOPNOTSUPP {
                message = .link
                return try read(into: &sample)
            }
            throw PlatformError(error, "reading the counters", by: PlatformError.readCode)
        }
    }

    private mutating func dump(into sample: inout CounterSample) throws(NetlinkError) {
        if sample.counters.count != indexes.count {
            sample.counters = Array(repeating: LinkCounters(), count: indexes.count)
        }
        var placed = 0
        var strangers: [(index: InterfaceIndex, counters: LinkCounters)] = []
        let format = message
        // An interruption is of no account: whoever came or went is told by an event, and counted from the next dump on.
        try socket.exchange(try format.request(), until: .dump) { message in
            guard let (number, payload) = format.read(message.payload) else { return }
            if strangers.isEmpty, placed < order.count, order[placed] == number {
                sample.counters[places[placed]].read(routeNetlink: payload)
                placed += 1
            } else if let index = InterfaceIndex(number) {
                var counters = LinkCounters()
                counters.read(routeNetlink: payload)
                strangers.append((index, counters))
            }
        }
        if strangers.isEmpty, placed == order.count {
            sample.indexes = indexes
        } else {
            learn(strangers, after: placed, of: &sample)
        }
    }

    /// The order is another than the last time: the first `placed` of it are where they were, then come `strangers`.
    private mutating func learn(
        _ strangers: [(index: InterfaceIndex, counters: LinkCounters)], after placed: Int,
        of sample: inout CounterSample
    ) {
        let familiar = (0..<placed).map { position in
            (index: indexes[places[position]], counters: sample.counters[places[position]])
        }
        let all = familiar + strangers
        let sorted = all.indices.sorted { all[$0].index < all[$1].index }
        indexes = []
        sample.counters = []
        places = Array(repeating: 0, count: all.count)
        for position in sorted {
            // An interrupted dump may name a link twice.
            if indexes.last != all[position].index {
                indexes.append(all[position].index)
                sample.counters.append(all[position].counters)
            }
            places[position] = indexes.count - 1
        }
        order = all.map(\.index.number)
        sample.indexes = indexes
    }
}

/// The messages that carry counters.
enum CounterMessage {
    /// RTM_GETSTATS (Linux 4.7): counters alone.
    case statistics
    /// RTM_GETLINK: every link whole, some twenty times as dear.
    case link

    fileprivate func request() throws(NetlinkError) -> NetlinkRequest {
        switch self {
        case .statistics:
            var request = try NetlinkRequest(type: RTM_GETSTATS, flags: dumpFlags)
            var header = if_stats_msg()
            // IFLA_STATS_FILTER_BIT, a macro that the importer leaves out.
            header.filter_mask = 1 << (UInt32(IFLA_STATS_LINK_64) - 1)
            request.append(header)
            return request
        case .link:
            var request = try NetlinkRequest(type: RTM_GETLINK, flags: dumpFlags)
            request.append(ifinfomsg())
            return request
        }
    }

    /// The link's number and its struct rtnl_link_stats64; nil when the message has none.
    func read(_ payload: UnsafeRawBufferPointer) -> (UInt32, UnsafeRawBufferPointer)? {
        let number: UInt32
        let size: Int
        let type: Int
        switch self {
        case .statistics:
            size = MemoryLayout<if_stats_msg>.size
            type = IFLA_STATS_LINK_64
            guard payload.count >= size else { return nil }
            number = payload.loadUnaligned(as: if_stats_msg.self).ifindex
        case .link:
            size = MemoryLayout<ifinfomsg>.size
            type = IFLA_STATS64
            guard let index = LinkHeader(payload)?.index else { return nil }
            number = index.number
        }
        for attribute in NetlinkAttributes(payload, after: size) where attribute.type == type {
            return attribute.payload.count >= LinkCounters.smallestSize ? (number, attribute.payload) : nil
        }
        return nil
    }
}
