import CNetlink
import Glibc
import NetworkManagement
import NetworkModel

/// Asks a driver for its name and its own statistics by ioctl SIOCETHTOOL (linux/ethtool.h): their values have no
/// netlink message.
struct DriverQueries: ~Copyable {
    /// The ioctl goes to the interfaces of this socket's network namespace.
    private let socket: NetlinkSocket

    init() throws(PlatformError) {
        socket = try NetlinkSocket(family: NETLINK_ROUTE, receiveBuffer: 1 << 16)
    }

    /// The name of the driver (ETHTOOL_GDRVINFO); nil when it gives none.
    func driver(of index: InterfaceIndex) -> String? {
        guard let name = try? currentName(of: index) else { return nil }
        var information = ethtool_drvinfo()
        information.cmd = UInt32(ETHTOOL_GDRVINFO)
        guard orion_ethtool_ioctl(socket.descriptor, name, &information) == 0 else { return nil }
        let driver = withUnsafeBytes(of: information.driver) { boundedText($0) }
        return driver.isEmpty ? nil : driver
    }

    /// The driver's statistics in its own order; empty when it has none.
    func statistics(of index: InterfaceIndex) throws(PlatformError) -> [DriverStatistic] {
        let action = "reading the driver statistics of interface \(index)"
        let name = try currentName(of: index)
        // The count is the only answer that is bounded beforehand: what the others write follows the driver's count at
        // that time, whatever count they are given.
        var question = SetSizeQuestion()
        switch orion_ethtool_ioctl(socket.descriptor, name, &question) {
        case 0: break
        case EOPNOTSUPP: return []
        case let errno: throw PlatformError(.refused(errno: errno, text: nil), action, by: PlatformError.ethtoolCode)
        }
        // Bit ETH_SS_STATS is cleared when there is no such set.
        let count = question.sets == 0 ? 0 : Int(question.count)
        guard count > 0 else { return [] }
        guard count <= mostStatistics else {
            throw PlatformError(.malformed, "\(action): the driver claims \(count) of them")
        }
        let nameSize = Int(ETH_GSTRING_LEN)
        let names = try FencedBuffer(holding: MemoryLayout<ethtool_gstrings>.size + count * nameSize)
        let values = try FencedBuffer(holding: MemoryLayout<ethtool_stats>.size + count * 8)
        var nameQuestion = ethtool_gstrings()
        nameQuestion.cmd = UInt32(ETHTOOL_GSTRINGS)
        nameQuestion.string_set = ETH_SS_STATS.rawValue
        nameQuestion.len = UInt32(count)
        names.bytes.storeBytes(of: nameQuestion, as: ethtool_gstrings.self)
        var valueQuestion = ethtool_stats()
        valueQuestion.cmd = UInt32(ETHTOOL_GSTATS)
        valueQuestion.n_stats = UInt32(count)
        values.bytes.storeBytes(of: valueQuestion, as: ethtool_stats.self)
        for buffer in [names.bytes.baseAddress, values.bytes.baseAddress] {
            let errno = orion_ethtool_ioctl(socket.descriptor, name, buffer)
            guard errno == 0 else {
                throw PlatformError(.refused(errno: errno, text: nil), action, by: PlatformError.ethtoolCode)
            }
        }
        let named = Int(names.bytes.load(as: ethtool_gstrings.self).len)
        let valued = Int(values.bytes.load(as: ethtool_stats.self).n_stats)
        // When the count changed on the way, names and values may not belong together.
        guard named == count, valued == count else {
            throw PlatformError(.busy, "\(action): the driver changes their number")
        }
        var statistics: [DriverStatistic] = []
        statistics.reserveCapacity(count)
        for position in 0..<count {
            let start = MemoryLayout<ethtool_gstrings>.size + position * nameSize
            let text = UnsafeRawBufferPointer(rebasing: names.bytes[start..<start + nameSize])
            let offset = MemoryLayout<ethtool_stats>.size + position * MemoryLayout<UInt64>.size
            let value = values.bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            statistics.append(DriverStatistic(name: boundedText(text), value: value))
        }
        return statistics
    }

    /// ioctl goes by name: the name of now, octet by octet, whatever it was when the link was read.
    private func currentName(of index: InterfaceIndex) throws(PlatformError) -> [CChar] {
        var name = [CChar](repeating: 0, count: nameCapacity)
        let errno = orion_interface_name(socket.descriptor, Int32(index.number), &name)
        guard errno == 0 else {
            throw PlatformError(
                .refused(errno: errno, text: nil), "looking for interface \(index)", by: PlatformError.ethtoolCode)
        }
        return name
    }
}

/// ETHTOOL_GSSET_INFO (struct ethtool_sset_info) for one set, with room for its size.
private struct SetSizeQuestion {
    var command = UInt32(ETHTOOL_GSSET_INFO)
    var reserved: UInt32 = 0
    var sets: UInt64 = 1 << UInt64(ETH_SS_STATS.rawValue)
    var count: UInt32 = 0
}

/// Memory whose end is fenced off: a kernel that writes more than it was given room for gets EFAULT.
private struct FencedBuffer: ~Copyable {
    let bytes: UnsafeMutableRawBufferPointer
    private let mapped: Int

    init(holding size: Int) throws(PlatformError) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let usable = (size + page - 1) / page * page
        let start = mmap(nil, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start, start != MAP_FAILED else {
            throw PlatformError(.exhausted, "reading driver statistics: \(systemText(errno))", errno: errno)
        }
        bytes = UnsafeMutableRawBufferPointer(start: start, count: usable)
        mapped = usable + page
        mprotect(start + usable, page, PROT_NONE)
    }

    deinit {
        munmap(bytes.baseAddress, mapped)
    }
}

/// The text up to the first NUL; a driver's names are for people: control characters become U+FFFD.
private func boundedText(_ bytes: UnsafeRawBufferPointer) -> String {
    let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
    return String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
}

// IFNAMSIZ (linux/if.h), which two modules define.
private let nameCapacity = 16

// Adapters with hundreds of queues give some ten thousand.
private let mostStatistics = 65536
