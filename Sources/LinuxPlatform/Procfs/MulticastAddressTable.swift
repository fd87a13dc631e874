import Glibc
import NetworkManagement
import NetworkModel

/// Reads /proc/net/dev_mcast, the one list of every interface's multicast link-layer addresses.
///
/// RTM_GETNEIGH of AF_BRIDGE lists them too, but among all forwarding entries, and leaves out those of an interface
/// that keeps a forwarding database itself, as VXLAN does.
struct MulticastAddressTable: ~Copyable {
    /// The file belongs to the network namespace it was opened in, so it stays open; -1 where there is none.
    private let descriptor: Int32

    init() {
        // /proc/net is the process's first thread's; the sockets are of the calling thread's namespace.
        let own = open("/proc/thread-self/net/dev_mcast", O_RDONLY | O_CLOEXEC)
        descriptor = own >= 0 ? own : open("/proc/net/dev_mcast", O_RDONLY | O_CLOEXEC)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Every address, by interface, in the kernel's order.
    func read() throws(PlatformError) -> [InterfaceIndex: [MACAddress]] {
        guard descriptor >= 0 else {
            throw PlatformError(.notSupported, "reading multicast addresses: /proc/net/dev_mcast cannot be opened")
        }
        var content: [UInt8] = []
        while true {
            let position = content.count
            guard position < largestTable else {
                throw PlatformError(.exhausted, "reading multicast addresses: more than \(largestTable) octets")
            }
            let count = withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { buffer in
                let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(position))
                if count > 0 { content.append(contentsOf: buffer[..<count]) }
                return count
            }
            if count == 0 { return Self.parse(content) }
            if count < 0, errno != EINTR {
                throw PlatformError(.failed, "reading multicast addresses: \(systemText(errno))", errno: errno)
            }
        }
    }

    /// Reads lines of index, name, two counts of users, and the address in hexadecimal; other lines are passed over.
    static func parse(_ content: [UInt8]) -> [InterfaceIndex: [MACAddress]] {
        var found: [InterfaceIndex: [MACAddress]] = [:]
        for line in content.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: " "))
            guard fields.count == 5, let index = decimal(fields[0]).flatMap({ InterfaceIndex($0) }),
                let octets = hexadecimal(fields[4])
            else { continue }
            found[index, default: []].append(MACAddress(octets))
        }
        return found
    }

    private static func decimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard digits.count <= 10 else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + UInt64(digit - UInt8(ascii: "0"))
        }
        return number
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        // MAX_ADDR_LEN of linux/netdevice.h is 32 octets.
        guard digits.count.isMultiple(of: 2), digits.count <= 64 else { return nil }
        var octets: [UInt8] = []
        var high: UInt8?
        for digit in digits {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            if let first = high.take() { octets.append(first << 4 | value) } else { high = value }
        }
        return octets
    }
}

// 10,000 interfaces with 20 addresses each come to some 10 MiB.
private let largestTable = 1 << 26
