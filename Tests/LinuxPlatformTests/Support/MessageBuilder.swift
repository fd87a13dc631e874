import CNetlink
import NetworkManagement

@testable import LinuxPlatform

/// Builds what the kernel would send, in host order.
struct MessageBuilder {
    private(set) var octets: [UInt8] = []

    mutating func header<Header: BitwiseCopyable>(_ header: Header) {
        withUnsafeBytes(of: header) { octets.append(contentsOf: $0) }
        pad()
    }

    mutating func attribute(_ type: Int, _ payload: [UInt8]) {
        header(nlattr(nla_len: UInt16(4 + payload.count), nla_type: UInt16(type)))
        octets.append(contentsOf: payload)
        pad()
    }

    mutating func attribute(_ type: Int, _ text: String) {
        attribute(type, Array(text.utf8) + [0])
    }

    mutating func attribute<Number: FixedWidthInteger>(_ type: Int, number: Number) {
        attribute(type, withUnsafeBytes(of: number) { Array($0) })
    }

    mutating func nest(_ type: Int, _ fill: (inout MessageBuilder) -> Void) {
        var inside = MessageBuilder()
        fill(&inside)
        attribute(type | 0x8000, inside.octets)
    }

    /// A whole message around `payload`.
    static func message(type: Int, flags: Int32 = 0, sequence: UInt32 = 0, _ payload: [UInt8]) -> [UInt8] {
        var message = MessageBuilder()
        message.header(
            nlmsghdr(
                nlmsg_len: UInt32(16 + payload.count), nlmsg_type: UInt16(type), nlmsg_flags: UInt16(flags),
                nlmsg_seq: sequence, nlmsg_pid: 0))
        message.octets.append(contentsOf: payload)
        message.pad()
        return message.octets
    }

    /// The payload of RTM_NEWLINK.
    static func link(
        index: Int32, family: UInt8 = 0, name: String? = "eth9", _ fill: (inout MessageBuilder) -> Void = { _ in }
    ) -> [UInt8] {
        var message = MessageBuilder()
        var header = ifinfomsg()
        header.ifi_family = family
        header.ifi_index = index
        message.header(header)
        if let name { message.attribute(IFLA_IFNAME, name) }
        fill(&message)
        return message.octets
    }

    private mutating func pad() {
        while !octets.count.isMultiple(of: 4) { octets.append(0) }
    }
}

/// The events in one datagram of the routing groups.
func events(in datagram: [UInt8]) -> [InterfacePlatformEvent] {
    datagram.withUnsafeBytes { bytes in
        NetlinkMessages(bytes).compactMap { InterfacePlatformEvent(routeNetlink: $0) }
    }
}
