import CNetlink
import NetworkManagement
import NetworkModel

/// Changes links by RTM_SETLINK; each change is in force when its call returns.
struct LinkCommands: ~Copyable {
    private let socket: NetlinkSocket

    init() throws(PlatformError) {
        socket = try NetlinkSocket(family: NETLINK_ROUTE, receiveBuffer: 1 << 16)
    }

    func apply(_ change: InterfaceChange, to index: InterfaceIndex) throws(PlatformError) {
        let action = "interface \(index): \(change.action)"
        if case .setAlias(let alias) = change { try check(alias, action) }
        do {
            var request = try NetlinkRequest(type: RTM_SETLINK, flags: NLM_F_ACK)
            request.append(change.header(index))
            change.put(into: &request)
            try socket.exchange(request, until: .acknowledgement)
        } catch {
            throw PlatformError(error, action, by: PlatformError.changeCode)
        }
    }

    /// The kernel would take a NUL as the end, and name no limit.
    private func check(_ alias: String, _ action: String) throws(PlatformError) {
        guard alias.utf8.count < IFALIASZ else {
            throw PlatformError(.invalidValue, "\(action): at most \(IFALIASZ - 1) octets", errno: EINVAL)
        }
        guard !alias.utf8.contains(0) else {
            throw PlatformError(.invalidValue, "\(action): an alias cannot contain NUL", errno: EINVAL)
        }
    }
}

extension InterfaceChange {
    /// What it does, for a message.
    fileprivate var action: String {
        switch self {
        case .setAdminState(let up): up ? "setting it up" : "setting it down"
        case .setAlias: "setting the alias"
        case .setMTU(let octets): "setting the MTU to \(octets)"
        case .setPromiscuous(let on): on ? "setting promiscuous mode" : "clearing promiscuous mode"
        case .setQueueLength(let packets): "setting the queue length to \(packets)"
        }
    }

    /// Only the flags in ifi_change are touched.
    fileprivate func header(_ index: InterfaceIndex) -> ifinfomsg {
        var header = ifinfomsg()
        header.ifi_index = Int32(index.number)
        switch self {
        case .setAdminState(let up):
            header.ifi_change = LinkFlags.up.rawValue
            header.ifi_flags = up ? LinkFlags.up.rawValue : 0
        case .setPromiscuous(let on):
            header.ifi_change = LinkFlags.promiscuous.rawValue
            header.ifi_flags = on ? LinkFlags.promiscuous.rawValue : 0
        case .setAlias, .setMTU, .setQueueLength: break
        }
        return header
    }

    fileprivate func put(into request: inout NetlinkRequest) {
        switch self {
        case .setAdminState, .setPromiscuous: break
        // Without NUL, which would count against IFALIASZ; alone it removes the alias, and an empty attribute is refused.
        case .setAlias(let alias): request.put(IFLA_IFALIAS, alias.isEmpty ? [0] : Array(alias.utf8))
        case .setMTU(let octets): request.put(IFLA_MTU, octets)
        case .setQueueLength(let packets): request.put(IFLA_TXQLEN, packets)
        }
    }
}
