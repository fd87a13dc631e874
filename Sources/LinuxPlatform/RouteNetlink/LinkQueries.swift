import CNetlink
import NetworkManagement
import NetworkModel

/// Reads links and addresses over rtnetlink(7).
struct LinkQueries: ~Copyable {
    private let socket: NetlinkSocket

    init() throws(PlatformError) {
        socket = try NetlinkSocket(family: NETLINK_ROUTE, receiveBuffer: 1 << 18)
    }

    /// Every link, ascending by index.
    ///
    /// A dump during which links come and go may lack some that were there throughout. It is repeated; when the changes
    /// do not cease, the passes are united and whatever the last one lacks is asked for singly.
    func links() throws(PlatformError) -> [Link] {
        var found: [InterfaceIndex: Link] = [:]
        for _ in 0..<mostPasses {
            var pass: [Link] = []
            let isConsistent = try dump { link in pass.append(link) }
            let isAscending = zip(pass, pass.dropFirst()).allSatisfy { $0.index < $1.index }
            if isConsistent { return isAscending ? pass : pass.sorted { $0.index < $1.index } }
            let seen = Set(pass.map(\.index))
            for index in found.keys where !seen.contains(index) { found[index] = try ifPresent(index) }
            for link in pass { found[link.index] = link }
        }
        return found.values.sorted { $0.index < $1.index }
    }

    /// One link as it is now.
    func link(_ index: InterfaceIndex) throws(PlatformError) -> Link {
        let action = "reading interface \(index)"
        var answer: Link?
        do {
            let request = try request(for: Int32(index.number), flags: 0)
            try socket.exchange(request, until: .answer) { answer = Link(routeNetlink: $0.payload) }
        } catch {
            throw PlatformError(error, action, by: PlatformError.readCode)
        }
        guard let answer else { throw PlatformError(.malformed, "\(action): the kernel's answer is not well formed") }
        return answer
    }

    /// Every IP address, by interface, in the kernel's order. A dump that changes interrupt is repeated; the last one
    /// stands.
    func addresses() throws(PlatformError) -> [InterfaceIndex: [InterfaceAddress]] {
        var found: [InterfaceIndex: [InterfaceAddress]] = [:]
        for _ in 0..<mostPasses {
            found.removeAll(keepingCapacity: true)
            do {
                var request = try NetlinkRequest(type: RTM_GETADDR, flags: dumpFlags)
                request.append(ifaddrmsg())
                let isConsistent = try socket.exchange(request, until: .dump) { message in
                    guard let (index, address) = InterfaceAddress.read(routeNetlink: message.payload) else { return }
                    found[index, default: []].append(address)
                }
                if isConsistent { break }
            } catch {
                throw PlatformError(error, "reading the addresses", by: PlatformError.readCode)
            }
        }
        return found
    }

    private func dump(_ take: (Link) -> Void) throws(PlatformError) -> Bool {
        do {
            let request = try request(for: 0, flags: dumpFlags)
            return try socket.exchange(request, until: .dump) { message in
                if let link = Link(routeNetlink: message.payload) { take(link) }
            }
        } catch {
            throw PlatformError(error, "reading the interfaces", by: PlatformError.readCode)
        }
    }

    private func ifPresent(_ index: InterfaceIndex) throws(PlatformError) -> Link? {
        do {
            return try link(index)
        } catch let error where error.code == .noSuchInterface {
            return nil
        }
    }

    /// RTM_GETLINK without the statistics of IPv6, the dearest part of the answer.
    private func request(for index: Int32, flags: Int32) throws(NetlinkError) -> NetlinkRequest {
        var request = try NetlinkRequest(type: RTM_GETLINK, flags: flags)
        var header = ifinfomsg()
        header.ifi_index = index
        request.append(header)
        request.put(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
        return request
    }
}

/// NLM_F_DUMP (linux/netlink.h).
let dumpFlags = NLM_F_ROOT | NLM_F_MATCH

// At 10,000 links a dump takes tens of milliseconds: where one is interrupted four times, the fifth would be too.
private let mostPasses = 4
