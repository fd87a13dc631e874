import CNetlink
import Glibc

/// A family of generic netlink as this kernel numbers it (linux/genetlink.h).
struct GenericFamily: Equatable {
    /// The type of its messages.
    let identifier: UInt16
    /// Its multicast groups.
    let groups: [String: UInt32]

    /// Reads the answer to CTRL_CMD_GETFAMILY; nil when it names no family.
    init?(control payload: UnsafeRawBufferPointer) {
        var identifier: UInt16?
        var groups: [String: UInt32] = [:]
        for attribute in NetlinkAttributes(payload, after: MemoryLayout<genlmsghdr>.size) {
            switch attribute.type {
            case Int(CTRL_ATTR_FAMILY_ID): identifier = attribute.uint16
            case Int(CTRL_ATTR_MCAST_GROUPS):
                for group in attribute.nested {
                    let parts = group.nested
                    let name = parts.first { $0.type == Int(CTRL_ATTR_MCAST_GRP_NAME) }?.text(atMost: longestName)
                    let number = parts.first { $0.type == Int(CTRL_ATTR_MCAST_GRP_ID) }?.uint32
                    if let name { groups[name] = number }
                }
            default: break
            }
        }
        guard let identifier else { return nil }
        self.identifier = identifier
        self.groups = groups
    }

    /// Asks the kernel; nil when it has no such family.
    static func resolve(_ name: String, on socket: borrowing NetlinkSocket) throws(NetlinkError) -> GenericFamily? {
        var request = try NetlinkRequest(type: Int(GENL_ID_CTRL))
        request.append(genlmsghdr(cmd: UInt8(CTRL_CMD_GETFAMILY), version: 1, reserved: 0))
        request.put(Int(CTRL_ATTR_FAMILY_NAME), Array(name.utf8) + [0])
        var family: GenericFamily?
        do {
            try socket.exchange(request, until: .answer) { family = GenericFamily(control: $0.payload) }
        } catch .refused(errno: ENOENT, _) {
            return nil
        }
        return family
    }
}

// GENL_NAMSIZ (linux/genetlink.h) without the NUL.
private let longestName = 15
