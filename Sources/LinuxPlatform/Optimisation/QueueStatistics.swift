import CNetlink
import NetworkManagement
import NetworkModel
import Synchronization

/// What the kernel counts of each queue: the generic netlink family "netdev"
/// (Documentation/netlink/specs/netdev.yaml, qstats-get), since Linux 6.9, for drivers that take part.
final class QueueStatistics: Sendable {
    private let socket: Mutex<NetlinkSocket>
    private let family: UInt16

    /// nil for a kernel that has no such family.
    init?() {
        do {
            let socket = try NetlinkSocket(family: NETLINK_GENERIC, receiveBuffer: 1 << 18)
            guard let family = try GenericFamily.resolve("netdev", on: socket) else { return nil }
            self.family = family.identifier
            self.socket = Mutex(socket)
        } catch {
            return nil
        }
    }

    /// Of every interface whose driver tells; none when the kernel has no such command.
    func counts() -> [InterfaceIndex: QueueCounts] {
        var packets: [InterfaceIndex: [QueueCounter]] = [:]
        do {
            try socket.withLock { socket throws(NetlinkError) in
                var request = try NetlinkRequest(type: Int(family), flags: dumpFlags)
                request.append(genlmsghdr(cmd: queueStatistics, version: 1, reserved: 0))
                request.put(QueueCounter.scope, QueueCounter.everyQueue)
                try socket.exchange(request, until: .dump) { message in
                    guard message.type == family, let counter = QueueCounter(message.payload) else { return }
                    packets[counter.interface, default: []].append(counter)
                }
            }
        } catch {
            return [:]
        }
        return packets.mapValues { counters in
            func numbered(_ isReceive: Bool) -> [Int: UInt64] {
                Dictionary(
                    counters.filter { $0.isReceive == isReceive }.map { ($0.queue, $0.packets) }
                ) { first, _ in first }
            }
            return QueueCounts(receive: numbered(true), transmit: numbered(false))
        }
    }
}

/// One message of the answer.
struct QueueCounter: Equatable {
    let interface: InterfaceIndex
    let queue: Int
    let isReceive: Bool
    let packets: UInt64

    /// nil when it lacks something, as where the driver counts other things than packets.
    init?(_ payload: UnsafeRawBufferPointer) {
        var index: UInt32?
        var queue: UInt32?
        var type: UInt32?
        var packets: [Int: UInt64] = [:]
        for attribute in NetlinkAttributes(payload, after: MemoryLayout<genlmsghdr>.size) {
            switch attribute.type {
            case Self.interfaceIndex: index = attribute.uint32
            case Self.queueType: type = attribute.uint32
            case Self.queueNumber: queue = attribute.uint32
            // An integer is as long as it has to be.
            case Self.receivePackets, Self.transmitPackets:
                packets[attribute.type] = attribute.uint64 ?? attribute.uint32.map(UInt64.init)
            default: break
            }
        }
        guard let interface = index.flatMap({ InterfaceIndex($0) }), let queue, let type, type < 2,
            let count = packets[type == 0 ? Self.receivePackets : Self.transmitPackets]
        else { return nil }
        self.interface = interface
        self.queue = Int(queue)
        isReceive = type == 0
        self.packets = count
    }

    static let scope = 4
    static let everyQueue: UInt32 = 1
    private static let interfaceIndex = 1
    private static let queueType = 2
    private static let queueNumber = 3
    private static let receivePackets = 8
    private static let transmitPackets = 10
}

// NETDEV_CMD_QSTATS_GET and, above, NETDEV_A_QSTATS_* and NETDEV_QSTATS_SCOPE_QUEUE of linux/netdev.h, which the headers
// of older systems lack.
private let queueStatistics: UInt8 = 12
