import CNetlink
import NetworkManagement
import NetworkModel

/// The generic netlink family "ethtool" as this kernel numbers it (Documentation/networking/ethtool-netlink.rst).
struct EthtoolFamily: Equatable {
    /// The type of its messages.
    let identifier: UInt16
    /// The multicast group "monitor", which tells of changed settings.
    let monitorGroup: UInt32?

    /// Reads the answer to CTRL_CMD_GETFAMILY; nil when it names no family.
    init?(control payload: UnsafeRawBufferPointer) {
        var identifier: UInt16?
        var monitorGroup: UInt32?
        for attribute in NetlinkAttributes(payload, after: MemoryLayout<genlmsghdr>.size) {
            switch attribute.type {
            case Int(CTRL_ATTR_FAMILY_ID): identifier = attribute.uint16
            case Int(CTRL_ATTR_MCAST_GROUPS):
                for group in attribute.nested {
                    let parts = group.nested
                    let name = parts.first { $0.type == Int(CTRL_ATTR_MCAST_GRP_NAME) }?.text(atMost: longestName)
                    guard name == ETHTOOL_MCGRP_MONITOR_NAME else { continue }
                    monitorGroup = parts.first { $0.type == Int(CTRL_ATTR_MCAST_GRP_ID) }?.uint32
                }
            default: break
            }
        }
        guard let identifier else { return nil }
        self.identifier = identifier
        self.monitorGroup = monitorGroup
    }

    /// Asks the kernel; nil when it has no such family.
    static func resolve(on socket: borrowing NetlinkSocket) throws(NetlinkError) -> EthtoolFamily? {
        var request = try NetlinkRequest(type: Int(GENL_ID_CTRL))
        request.append(genlmsghdr(cmd: UInt8(CTRL_CMD_GETFAMILY), version: 1, reserved: 0))
        request.put(Int(CTRL_ATTR_FAMILY_NAME), Array(ETHTOOL_GENL_NAME.utf8) + [0])
        var family: EthtoolFamily?
        do {
            try socket.exchange(request, until: .answer) { family = EthtoolFamily(control: $0.payload) }
        } catch .refused(errno: ENOENT, _) {
            return nil
        }
        return family
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
        let family: EthtoolFamily?
        do {
            family = try resolve(on: socket)
        } catch {
            throw PlatformError(error, "looking for ethtool", by: PlatformError.socketCode)
        }
        guard let family, let group = family.monitorGroup else { return nil }
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

// GENL_NAMSIZ (linux/genetlink.h) without the NUL.
private let longestName = 15
