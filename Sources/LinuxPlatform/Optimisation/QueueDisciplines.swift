import CNetlink
import NetworkManagement
import NetworkModel

/// Asks about queueing disciplines, and about bonds, over rtnetlink(7).
struct QueueDisciplines: ~Copyable {
    private let socket: NetlinkSocket

    init() throws(PlatformError) {
        socket = try NetlinkSocket(family: NETLINK_ROUTE, receiveBuffer: 1 << 18)
    }

    /// Packets that the outermost discipline of each interface dropped; one with inner ones has their sum.
    func drops() throws(PlatformError) -> [InterfaceIndex: UInt64] {
        var drops: [InterfaceIndex: UInt64] = [:]
        do {
            var request = try NetlinkRequest(type: RTM_GETQDISC, flags: dumpFlags)
            request.append(tcmsg())
            try socket.exchange(request, until: .dump) { message in
                guard let (index, count) = Self.read(message.payload) else { return }
                drops[index] = count
            }
        } catch {
            throw PlatformError(error, "reading the queueing disciplines", by: PlatformError.readCode)
        }
        return drops
    }

    /// The drops that RTM_NEWQDISC tells; nil when it is of no outermost discipline of ours, or tells none.
    static func read(_ payload: UnsafeRawBufferPointer) -> (InterfaceIndex, UInt64)? {
        guard payload.count >= MemoryLayout<tcmsg>.size else { return nil }
        let header = payload.loadUnaligned(as: tcmsg.self)
        guard header.tcm_parent == root, let index = InterfaceIndex(header.tcm_ifindex) else { return nil }
        for attribute in NetlinkAttributes(payload, after: MemoryLayout<tcmsg>.size) where attribute.type == statistics
        {
            for nested in attribute.nested
            where nested.type == queueStatistics && nested.payload.count >= MemoryLayout<gnet_stats_queue>.size {
                return (index, UInt64(nested.payload.loadUnaligned(as: gnet_stats_queue.self).drops))
            }
        }
        return nil
    }

    /// Gives a bond another way of choosing members.
    func setHashPolicy(_ policy: UInt8, of index: InterfaceIndex) throws(PlatformError) {
        do {
            var request = try NetlinkRequest(type: RTM_NEWLINK, flags: NLM_F_ACK)
            var header = ifinfomsg()
            header.ifi_index = Int32(index.number)
            request.append(header)
            request.nest(IFLA_LINKINFO) { information in
                information.put(IFLA_INFO_KIND, Array("bond".utf8))
                information.nest(IFLA_INFO_DATA) { $0.put(IFLA_BOND_XMIT_HASH_POLICY, [policy]) }
            }
            try socket.exchange(request, until: .acknowledgement)
        } catch {
            throw PlatformError(
                error, "set xmit_hash_policy of interface \(index) to \(policy)", by: PlatformError.changeCode)
        }
    }
}

// TC_H_ROOT (linux/pkt_sched.h), TCA_STATS2 (linux/rtnetlink.h) and TCA_STATS_QUEUE (linux/gen_stats.h), which the
// importer has as other types.
private let root: UInt32 = 0xFFFF_FFFF
private let statistics = 7
private let queueStatistics = 3
