import CNetlink
import Glibc

/// RTM_GETSTATS for all interfaces, received and looked at for its end alone: the least that knowing all counters takes.
struct BareDump: ~Copyable {
    private let descriptor: Int32
    private let buffer: UnsafeMutableRawBufferPointer
    private let request: [UInt8]

    init() throws {
        let descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), NETLINK_ROUTE)
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        let size = socklen_t(MemoryLayout<sockaddr_nl>.size)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard descriptor >= 0, status == 0 else { throw Failure() }
        self.descriptor = descriptor
        buffer = .allocate(byteCount: 65536, alignment: 16)
        var header = nlmsghdr()
        header.nlmsg_len = UInt32(MemoryLayout<nlmsghdr>.size + MemoryLayout<if_stats_msg>.size)
        header.nlmsg_type = UInt16(RTM_GETSTATS)
        // NLM_F_REQUEST | NLM_F_DUMP of linux/netlink.h.
        header.nlmsg_flags = 0x301
        var body = if_stats_msg()
        body.filter_mask = 1 << (UInt32(IFLA_STATS_LINK_64) - 1)
        request = withUnsafeBytes(of: header) { Array($0) } + withUnsafeBytes(of: body) { Array($0) }
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    struct Failure: Error {}

    func run() {
        guard send(descriptor, request, request.count, 0) == request.count else { fatalError("send: \(errno)") }
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            guard count > 0 else { fatalError("recv: \(errno)") }
            var offset = 0
            while offset + MemoryLayout<nlmsghdr>.size <= count {
                let header = buffer.loadUnaligned(fromByteOffset: offset, as: nlmsghdr.self)
                if header.nlmsg_type == UInt16(NLMSG_DONE) { return }
                if header.nlmsg_type == UInt16(NLMSG_ERROR) { fatalError("the kernel refuses RTM_GETSTATS") }
                offset += (Int(header.nlmsg_len) + 3) & ~3
            }
        }
    }
}
