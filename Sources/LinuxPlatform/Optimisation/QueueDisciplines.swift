import CNetlink
import NetworkManagement
import NetworkModel

/// Asks about queueing disciplines, and about bonds, over rtnetlink(7).
struct QueueDisciplines: ~Copyable {
    private let socket: NetlinkSocket

    init() throws(PlatformError) {
        socket = try NetlinkSocket(family: NETLINK_ROUTE, receiveBuffer: 1 << 18)
    }

    /// The disciplines of each interface.
    func queueing() throws(PlatformError) -> [InterfaceIndex: Queueing] {
        var disciplines: [KernelDiscipline] = []
        do {
            var request = try NetlinkRequest(type: RTM_GETQDISC, flags: dumpFlags)
            request.append(tcmsg())
            try socket.exchange(request, until: .dump) { message in
                if let discipline = KernelDiscipline(message.payload) { disciplines.append(discipline) }
            }
        } catch {
            throw PlatformError(error, "reading the queueing disciplines", by: PlatformError.readCode)
        }
        return Dictionary(grouping: disciplines, by: \.interface).mapValues { Queueing($0) }
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
