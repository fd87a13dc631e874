import CNetlink
import Glibc
import Testing

@testable import LinuxPlatform

@Suite struct NetlinkMessagesTests {
    @Test func `a datagram is taken apart message by message`() {
        let datagram =
            MessageBuilder.message(type: 20, sequence: 7, [1, 2, 3]) + MessageBuilder.message(type: 3, sequence: 7, [])
        datagram.withUnsafeBytes { bytes in
            var messages = NetlinkMessages(bytes)
            let first = messages.next()
            #expect(first?.type == 20)
            #expect(first?.sequence == 7)
            #expect(first.map { Array($0.payload) } == [1, 2, 3])
            #expect(messages.next()?.type == 3)
            #expect(messages.next() == nil)
            #expect(!messages.isMalformed)
        }
    }

    @Test(arguments: [0, 1, 15, 17, 21, UInt32.max])
    func `a length that does not fit ends the datagram as malformed`(length: UInt32) {
        var datagram = MessageBuilder.message(type: 20, [1, 2, 3, 4])
        datagram.replaceSubrange(0..<4, with: withUnsafeBytes(of: length == 17 ? 0 : length) { Array($0) })
        datagram.withUnsafeBytes { bytes in
            var messages = NetlinkMessages(bytes)
            #expect(messages.next() == nil)
            #expect(messages.isMalformed)
        }
    }

    @Test func `an attribute whose length does not fit ends the attributes`() {
        var builder = MessageBuilder()
        builder.attribute(1, number: UInt32(5))
        builder.header(nlattr(nla_len: 9, nla_type: 2))
        builder.header(UInt32(0))
        builder.octets.withUnsafeBytes { bytes in
            #expect(NetlinkAttributes(bytes).map(\.type) == [1])
        }
    }

    @Test func `a number that is too short for its attribute reads as absent`() {
        var builder = MessageBuilder()
        builder.attribute(1, [1, 2, 3])
        builder.octets.withUnsafeBytes { bytes in
            let attribute = NetlinkAttributes(bytes).first { _ in true }
            #expect(attribute?.uint16 == 0x0201)
            #expect(attribute?.uint32 == nil)
            #expect(attribute?.uint64 == nil)
        }
    }

    @Test func `text ends at NUL or at its limit, and is always UTF-8`() {
        var builder = MessageBuilder()
        builder.attribute(1, [0x61, 0xFF, 0x62, 0, 0x63])
        builder.octets.withUnsafeBytes { bytes in
            let attribute = NetlinkAttributes(bytes).first { _ in true }
            #expect(attribute?.text(atMost: 15) == "a\u{FFFD}b")
            #expect(attribute?.text(atMost: 1) == "a")
        }
    }

    @Test func `the kernel's own words are read from the extended acknowledgement`() {
        func acknowledgement(status: Int32, flags: Int32, echo: [UInt8]) -> [UInt8] {
            var builder = MessageBuilder()
            builder.header(
                nlmsgerr(
                    error: status,
                    msg: nlmsghdr(
                        nlmsg_len: UInt32(16 + echo.count), nlmsg_type: 19, nlmsg_flags: 0, nlmsg_seq: 0, nlmsg_pid: 0))
            )
            let payload = builder.octets + (flags & NLM_F_CAPPED == 0 ? echo : [])
            var attributes = MessageBuilder()
            attributes.attribute(Int(NLMSGERR_ATTR_MSG.rawValue), "no such thing")
            return MessageBuilder.message(type: Int(NLMSG_ERROR), flags: flags, payload + attributes.octets)
        }
        func error(_ message: [UInt8]) -> NetlinkError? {
            message.withUnsafeBytes { bytes in
                NetlinkMessages(bytes).first { _ in true }.flatMap { NetlinkError(acknowledgement: $0) }
            }
        }
        let echo = [UInt8](repeating: 9, count: 24)
        let told = NetlinkError.refused(errno: EINVAL, text: "no such thing")
        #expect(error(acknowledgement(status: -EINVAL, flags: NLM_F_ACK_TLVS, echo: echo)) == told)
        #expect(error(acknowledgement(status: -EINVAL, flags: NLM_F_ACK_TLVS | NLM_F_CAPPED, echo: echo)) == told)
        #expect(
            error(acknowledgement(status: -EINVAL, flags: NLM_F_CAPPED, echo: [])) == .refused(errno: EINVAL, text: nil)
        )
        #expect(error(acknowledgement(status: 0, flags: 0, echo: [])) == nil)
        #expect(error(acknowledgement(status: 5, flags: 0, echo: [])) == .malformed)
        #expect(error(acknowledgement(status: .min, flags: 0, echo: [])) == .malformed)
        #expect(error(MessageBuilder.message(type: Int(NLMSG_ERROR), [1, 2])) == .malformed)
    }

    @Test func `what another process sends is passed over`() throws {
        let receiver = try NetlinkSocket(family: NETLINK_ROUTE, receiveBuffer: 1 << 16)
        let sender = try NetlinkSocket(family: NETLINK_ROUTE, receiveBuffer: 1 << 16)
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        address.nl_pid = nl_socket_get_local_port(receiver.handle)
        let forged = MessageBuilder.message(type: RTM_DELLINK, MessageBuilder.link(index: 1))
        let sent = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                sendto(sender.descriptor, forged, forged.count, 0, address, socklen_t(MemoryLayout<sockaddr_nl>.size))
            }
        }
        // Without CAP_NET_ADMIN the kernel does not even carry it.
        #expect(sent == forged.count || errno == EPERM)
        guard case .empty = receiver.receive(waiting: false) else {
            Issue.record("a forged message was received")
            return
        }
    }
}
