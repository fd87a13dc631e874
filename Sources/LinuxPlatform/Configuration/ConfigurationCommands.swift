import CNetlink
import NetworkManagement
import NetworkModel

/// Makes, removes and changes links, addresses and routes over rtnetlink(7), by the interface's name.
struct ConfigurationCommands: ~Copyable {
    private let socket: NetlinkSocket

    init() throws(PlatformError) {
        socket = try NetlinkSocket(family: NETLINK_ROUTE, receiveBuffer: 1 << 18)
    }

    func apply(_ step: ConfigurationStep) throws(PlatformError) {
        switch step {
        case .create(let name, let link): try create(name, link)
        case .delete(let name): try change(name, RTM_DELLINK, "\(step)") { _ in }
        case .set(let name, .addAddress(let text)): try setAddress(text, of: name, present: true, "\(step)")
        case .set(let name, .removeAddress(let text)): try setAddress(text, of: name, present: false, "\(step)")
        case .set(let name, .options(let link)): try setOptions(link, of: name, "\(step)")
        case .set(let name, let property): try set(property, of: name, "\(step)")
        case .restoreAddresses(let name, let addresses): try restore(addresses: addresses, of: name, "\(step)")
        case .restoreRoutes(let name, let routes): try restore(routes: routes, of: name)
        }
    }

    // MARK: links

    private func send(
        _ type: Int, flags: Int32 = 0, _ header: ifinfomsg, _ action: String, tolerating: Int32 = 0,
        _ fill: (inout NetlinkRequest) -> Void
    ) throws(PlatformError) {
        do {
            var request = try NetlinkRequest(type: type, flags: NLM_F_ACK | flags)
            request.append(header)
            fill(&request)
            try socket.exchange(request, until: .acknowledgement)
        } catch {
            if error.errno == tolerating, tolerating != 0 { return }
            throw PlatformError(error, action, by: PlatformError.changeCode)
        }
    }

    private func change(
        _ name: String, _ type: Int, _ action: String, header: ifinfomsg = ifinfomsg(),
        _ fill: (inout NetlinkRequest) -> Void
    ) throws(PlatformError) {
        try send(type, header, action) { request in
            request.put(IFLA_IFNAME, terminated(name))
            fill(&request)
        }
    }

    private func set(_ property: LinkProperty, of name: String, _ action: String) throws(PlatformError) {
        var header = ifinfomsg()
        var number: UInt32 = 0
        var octets: [UInt8] = []
        switch property {
        case .up(let isUp):
            header.ifi_change = LinkFlags.up.rawValue
            header.ifi_flags = isUp ? LinkFlags.up.rawValue : 0
        case .mtu(let value), .queueLength(let value): number = value
        case .master(let master): number = try master.map { name throws(PlatformError) in try index(of: name) } ?? 0
        case .address(let text):
            guard let address = MACAddress(unicast: text) else {
                throw PlatformError(.invalidValue, action, errno: EINVAL)
            }
            octets = address.octets
        // Without NUL, which would count against IFALIASZ; alone it removes the alias, and an empty attribute is refused.
        case .alias(let alias): octets = alias.isEmpty ? [0] : Array(alias.utf8)
        case .addAddress, .removeAddress, .parameter, .linkMode, .feature, .options: return
        }
        try change(name, RTM_SETLINK, action, header: header) { request in
            switch property {
            case .mtu: request.put(IFLA_MTU, number)
            case .queueLength: request.put(IFLA_TXQLEN, number)
            case .master: request.put(IFLA_MASTER, number)
            case .address: request.put(IFLA_ADDRESS, octets)
            case .alias: request.put(IFLA_IFALIAS, octets)
            default: break
            }
        }
    }

    private func create(_ name: String, _ link: VirtualLink) throws(PlatformError) {
        let action = "make \(name), a \(link.kind.rawValue)"
        let lower = try link.lower.map { name throws(PlatformError) in try index(of: name) }
        // One of the name that is there already is what was to be made: a repetition after an interruption.
        try send(
            RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL, ifinfomsg(), action, tolerating: EEXIST
        ) { request in
            request.put(IFLA_IFNAME, terminated(name))
            if let lower, link.kind != .vxlan { request.put(IFLA_LINK, lower) }
            request.nest(IFLA_LINKINFO) { information in
                information.put(IFLA_INFO_KIND, Array(link.kind.rawValue.utf8))
                information.nest(IFLA_INFO_DATA) { link.put(into: &$0, lower: lower) }
            }
        }
    }

    /// What is not said of it becomes what the kernel makes such an interface with.
    private func setOptions(_ link: VirtualLink, of name: String, _ action: String) throws(PlatformError) {
        try change(name, RTM_NEWLINK, action) { request in
            request.nest(IFLA_LINKINFO) { information in
                information.put(IFLA_INFO_KIND, Array(link.kind.rawValue.utf8))
                information.nest(IFLA_INFO_DATA) { data in
                    switch link.kind {
                    case .bridge: data.put(IFLA_BR_STP_STATE, UInt32(link.bridgeSpeaksSTP == true ? 1 : 0))
                    case .bond:
                        data.put(IFLA_BOND_MIIMON, link.bondMonitorInterval ?? link.usualMonitorInterval)
                    case .macvlan: data.put(IFLA_MACVLAN_MODE, link.macvlanMode ?? macvlanDefault)
                    case .vlan, .vxlan, .dummy: break
                    }
                }
            }
        }
    }

    /// The number of an interface.
    private func index(of name: String) throws(PlatformError) -> UInt32 {
        var found: UInt32?
        do {
            var request = try NetlinkRequest(type: RTM_GETLINK)
            request.append(ifinfomsg())
            request.put(IFLA_IFNAME, terminated(name))
            request.put(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
            try socket.exchange(request, until: .answer) { found = LinkHeader($0.payload)?.index.number }
        } catch {
            throw PlatformError(error, "looking for interface \(name)", by: PlatformError.readCode)
        }
        guard let found else { throw PlatformError(.malformed, "looking for interface \(name)") }
        return found
    }

    // MARK: addresses

    private func setAddress(
        _ text: String, of name: String, present: Bool, _ action: String
    ) throws(PlatformError) {
        guard let address = InterfaceAddress(text) else { throw PlatformError(.invalidValue, action, errno: EINVAL) }
        let index = try index(of: name)
        do {
            var request = try NetlinkRequest(
                type: present ? RTM_NEWADDR : RTM_DELADDR,
                flags: NLM_F_ACK | (present ? NLM_F_CREATE | NLM_F_REPLACE : 0))
            var header = ifaddrmsg()
            header.ifa_family = UInt8(address.isIPv6 ? AF_INET6 : AF_INET)
            header.ifa_prefixlen = address.prefixLength
            header.ifa_index = index
            request.append(header)
            request.put(IFA_LOCAL, address.octets)
            request.put(IFA_ADDRESS, address.octets)
            if present, !address.isIPv6, let broadcast = address.broadcast { request.put(addressBroadcast, broadcast) }
            try socket.exchange(request, until: .acknowledgement)
        } catch {
            // Gone already is what was to be.
            if !present, error.errno == EADDRNOTAVAIL { return }
            // ipv6_add_addr (net/ipv6/addrconf.c) refuses it so, and says no more.
            if present, address.isIPv6, error.errno == EACCES {
                throw PlatformError(
                    .notSupported,
                    "\(action): IPv6 is disabled on \(name); set net.ipv6.conf.\(name).disable_ipv6 to 0, or remove the "
                        + "address", errno: EACCES)
            }
            throw PlatformError(error, action, by: PlatformError.changeCode)
        }
    }

    /// All but those that the kernel makes itself, as it described them, by interface, in its order.
    func addresses() throws(PlatformError) -> [InterfaceIndex: [[UInt8]]] {
        var addresses: [InterfaceIndex: [[UInt8]]] = [:]
        do {
            var request = try NetlinkRequest(type: RTM_GETADDR, flags: dumpFlags)
            request.append(ifaddrmsg())
            try socket.exchange(request, until: .dump) { message in
                guard let (index, _) = InterfaceAddress.read(routeNetlink: message.payload) else { return }
                for attribute in NetlinkAttributes(message.payload, after: MemoryLayout<ifaddrmsg>.size)
                where attribute.type == addressProtocol && attribute.payload.first != 0 { return }
                addresses[index, default: []].append(Array(message.payload))
            }
        } catch {
            throw PlatformError(error, "reading the addresses", by: PlatformError.readCode)
        }
        return addresses
    }

    private func restore(addresses: [[UInt8]], of name: String, _ action: String) throws(PlatformError) {
        let index = try index(of: name)
        let known = addresses.compactMap { payload in
            payload.withUnsafeBytes { InterfaceAddress.read(routeNetlink: $0)?.1 }
        }
        try repairOrder(of: known.filter { !$0.isIPv6 }, on: name, index, action)
        for payload in addresses {
            guard let (header, attributes) = Self.read(payload, as: ifaddrmsg.self) else { continue }
            do {
                var request = try NetlinkRequest(
                    type: RTM_NEWADDR, flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE)
                var header = header
                header.ifa_index = index
                request.append(header)
                for (type, octets) in attributes { request.put(type, octets) }
                try socket.exchange(request, until: .acknowledgement)
            } catch {
                throw PlatformError(error, action, by: PlatformError.changeCode)
            }
        }
    }

    /// The header and the attributes of a message that the kernel once sent; nil when it is too short.
    private static func read<Header: BitwiseCopyable>(
        _ payload: [UInt8], as type: Header.Type
    ) -> (Header, [(type: Int, octets: [UInt8])])? {
        payload.withUnsafeBytes { payload in
            guard payload.count >= MemoryLayout<Header>.size else { return nil }
            var attributes: [(Int, [UInt8])] = []
            for attribute in NetlinkAttributes(payload, after: MemoryLayout<Header>.size) {
                attributes.append((attribute.type, Array(attribute.payload)))
            }
            return (payload.loadUnaligned(as: Header.self), attributes)
        }
    }

    /// Of several addresses of one subnet the kernel has the one first that was there first: those behind the first that is
    /// not in its place are taken away, to be added again.
    private func repairOrder(
        of addresses: [InterfaceAddress], on name: String, _ index: UInt32, _ action: String
    ) throws(PlatformError) {
        let share = addresses.enumerated().contains { position, address in
            addresses[..<position].contains { $0.isInSubnet(of: address) }
        }
        guard share, let number = InterfaceIndex(index) else { return }
        let present = try self.addresses()[number, default: []].compactMap { payload in
            payload.withUnsafeBytes { InterfaceAddress.read(routeNetlink: $0)?.1 }
        }.filter(addresses.contains)
        guard let first = zip(present, addresses).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset
        else { return }
        for address in present[first...].reversed() {
            try setAddress(address.text, of: name, present: false, action)
        }
    }

    // MARK: routes

    /// Those that an administrator or a daemon made, by the interface they go out by; the kernel makes its own again.
    func routes() throws(PlatformError) -> [InterfaceIndex: [[UInt8]]] {
        var routes: [InterfaceIndex: [[UInt8]]] = [:]
        do {
            var request = try NetlinkRequest(type: RTM_GETROUTE, flags: dumpFlags)
            request.append(rtmsg())
            try socket.exchange(request, until: .dump) { message in
                guard message.payload.count >= MemoryLayout<rtmsg>.size else { return }
                let header = message.payload.loadUnaligned(as: rtmsg.self)
                guard Int(header.rtm_protocol) != kernelsOwn, Int(header.rtm_flags) & clonedRoute == 0 else {
                    return
                }
                for attribute in NetlinkAttributes(message.payload, after: MemoryLayout<rtmsg>.size)
                where attribute.type == routeInterface {
                    guard let index = attribute.uint32.flatMap({ InterfaceIndex($0) }) else { continue }
                    routes[index, default: []].append(Array(message.payload))
                }
            }
        } catch {
            throw PlatformError(error, "reading the routes", by: PlatformError.readCode)
        }
        return routes
    }

    /// Routes of interfaces first, then those through a gateway, which needs them. The interface may be another number
    /// by now.
    private func restore(routes: [[UInt8]], of name: String) throws(PlatformError) {
        let index = try index(of: name)
        for isThroughGateway in [false, true] {
            for route in routes {
                guard let (header, attributes) = Self.read(route, as: rtmsg.self),
                    attributes.contains(where: { $0.type == routeGateway }) == isThroughGateway
                else { continue }
                add(header, attributes, by: index)
            }
        }
    }

    private func add(_ header: rtmsg, _ attributes: [(Int, [UInt8])], by index: UInt32) {
        guard var request = try? NetlinkRequest(type: RTM_NEWROUTE, flags: NLM_F_ACK | NLM_F_CREATE) else { return }
        var header = header
        header.rtm_flags = 0
        request.append(header)
        for (type, octets) in attributes where type != routeCacheInformation {
            if type == routeInterface { request.put(routeInterface, index) } else { request.put(type, octets) }
        }
        // One that is there already, or cannot be any more, is passed over.
        _ = try? socket.exchange(request, until: .acknowledgement)
    }

    /// The interface by which packets to an address leave.
    func way(to address: [UInt8]) throws(PlatformError) -> InterfaceIndex? {
        var found: InterfaceIndex?
        do {
            var request = try NetlinkRequest(type: RTM_GETROUTE)
            var header = rtmsg()
            header.rtm_family = UInt8(address.count == 4 ? AF_INET : AF_INET6)
            header.rtm_dst_len = UInt8(address.count * 8)
            request.append(header)
            request.put(routeDestination, address)
            try socket.exchange(request, until: .answer) { message in
                for attribute in NetlinkAttributes(message.payload, after: MemoryLayout<rtmsg>.size)
                where attribute.type == routeInterface {
                    found = attribute.uint32.flatMap { InterfaceIndex($0) }
                }
            }
        } catch {
            throw PlatformError(error, "looking for the way to an address", by: PlatformError.readCode)
        }
        return found
    }
}

/// The octets of a name as the kernel wants it.
private func terminated(_ name: String) -> [UInt8] { Array(name.utf8.prefix(15)) + [0] }

// RTM_F_CLONED (linux/rtnetlink.h).
private let clonedRoute = 0x200
// RTPROT_KERNEL, RTA_* (linux/rtnetlink.h) and IFA_BROADCAST (linux/if_addr.h) as the numbers they are in messages.
private let kernelsOwn = 2
private let routeDestination = 1
private let routeInterface = 4
private let routeGateway = 5
private let routeCacheInformation = 12
private let addressBroadcast = 4
// IFA_PROTO (linux/if_addr.h, Linux 5.18): who made an address; 0 or absent, whoever asked for it.
private let addressProtocol = 11
// MACVLAN_MODE_VEPA (linux/if_link.h), which macvlan_newlink takes where nothing is said.
private let macvlanDefault: UInt32 = 2

extension InterfaceAddress {
    /// The broadcast address of an IPv4 network of more than two addresses.
    fileprivate var broadcast: [UInt8]? {
        guard octets.count == 4, prefixLength < 31 else { return nil }
        let address = octets.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let broadcast = address | (UInt32.max >> UInt32(prefixLength))
        return withUnsafeBytes(of: broadcast.bigEndian) { Array($0) }
    }
}

extension VirtualLink {
    /// Milliseconds: BOND_DEFAULT_MIIMON where a mode cannot do without (802.3ad, balance-tlb, balance-alb), else never.
    fileprivate var usualMonitorInterval: UInt32 { (bondMode ?? 0) >= 4 ? 100 : 0 }

    /// IFLA_INFO_DATA of each kind (linux/if_link.h).
    fileprivate func put(into data: inout NetlinkRequest, lower: UInt32?) {
        func octets<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
            withUnsafeBytes(of: number) { Array($0) }
        }
        switch kind {
        case .dummy: break
        case .bridge:
            if let speaksSTP = bridgeSpeaksSTP { data.put(IFLA_BR_STP_STATE, UInt32(speaksSTP ? 1 : 0)) }
        case .bond:
            if let mode = bondMode { data.put(IFLA_BOND_MODE, [mode]) }
            if let interval = bondMonitorInterval { data.put(IFLA_BOND_MIIMON, interval) }
        case .vlan:
            if let identifier = vlanIdentifier { data.put(IFLA_VLAN_ID, octets(identifier)) }
        case .macvlan:
            if let mode = macvlanMode { data.put(IFLA_MACVLAN_MODE, mode) }
        case .vxlan:
            if let identifier = vxlanIdentifier { data.put(IFLA_VXLAN_ID, identifier) }
            if let lower { data.put(IFLA_VXLAN_LINK, lower) }
            data.put(IFLA_VXLAN_PORT, octets((vxlanPort ?? 4789).bigEndian))
            put(vxlanRemote, IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6, into: &data)
            put(vxlanLocal, IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6, into: &data)
        }
    }

    private func put(_ text: String?, _ ipv4: Int, _ ipv6: Int, into data: inout NetlinkRequest) {
        guard let text else { return }
        if let address = InterfaceAddress(text + "/32"), !address.isIPv6 {
            data.put(ipv4, address.octets)
        } else if let address = InterfaceAddress(text + "/128") {
            data.put(ipv6, address.octets)
        }
    }
}
