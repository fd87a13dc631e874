import CNetlink
import NetworkManagement
import NetworkModel

/// Reads every link's counters by one dump.
struct CounterReader: ~Copyable {
    private let socket: NetlinkSocket
    private let clock = BootTimeClock()
    private var message: CounterMessage
    private var places = CounterPlaces()

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
        let format = message
        places.begin(&sample)
        // An interruption is of no account: whoever came or went is told by an event, and counted from the next dump on.
        try socket.exchange(try format.request(), until: .dump) { message in
            guard let (number, payload) = format.read(message.payload) else { return }
            places.place(number, payload, in: &sample)
        }
        places.finish(&sample)
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
