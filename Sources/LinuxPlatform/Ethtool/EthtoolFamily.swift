import CNetlink
import NetworkManagement
import NetworkModel

/// The generic netlink family "ethtool" (Documentation/networking/ethtool-netlink.rst).
enum EthtoolFamily {
    /// Asks the kernel; nil when it has no such family.
    static func resolve(on socket: borrowing NetlinkSocket) throws(NetlinkError) -> GenericFamily? {
        try GenericFamily.resolve(ETHTOOL_GENL_NAME, on: socket)
    }

    /// The subscription to changed settings; nil when the kernel has none.
    static func subscription(receiveBuffer: Int32) throws(PlatformError) -> EventSubscription? {
        let socket: NetlinkSocket
        do {
            socket = try NetlinkSocket(family: NETLINK_GENERIC, receiveBuffer: 1 << 16)
        } catch let error where error.code == .notSupported {
            // A kernel without generic netlink has no ethtool either.
            return nil
        }
        let family: GenericFamily?
        do {
            family = try resolve(on: socket)
        } catch {
            throw PlatformError(error, "looking for ethtool", by: PlatformError.socketCode)
        }
        guard let family, let group = family.groups[ETHTOOL_MCGRP_MONITOR_NAME] else { return nil }
        let identifier = family.identifier
        return try EventSubscription(
            family: NETLINK_GENERIC, groups: [group], receiveBuffer: receiveBuffer,
            read: { $0.type == identifier ? InterfacePlatformEvent(ethtool: $0) : nil })
    }
}

extension InterfacePlatformEvent {
    /// Reads a notification of the family "ethtool": every one begins with a header nest that names the interface.
    init?(ethtool message: NetlinkMessage) {
        for attribute in NetlinkAttributes(message.payload, after: MemoryLayout<genlmsghdr>.size)
        where attribute.type == ethtoolHeader {
            for part in attribute.nested where part.type == ETHTOOL_A_HEADER_DEV_INDEX {
                guard let index = part.uint32.flatMap({ InterfaceIndex($0) }) else { return nil }
                self = .settingsChanged(index)
                return
            }
        }
        return nil
    }
}

/// ETHTOOL_A_*_HEADER is the first attribute of every message.
let ethtoolHeader = 1
