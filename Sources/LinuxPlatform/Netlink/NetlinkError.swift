import CNetlink

/// Why an exchange with the kernel failed, before it is known what it was for.
enum NetlinkError: Error, Equatable {
    /// The kernel refused, for the reason it gives in its extended acknowledgement, if any.
    case refused(errno: Int32, text: String?)
    /// A call on the socket failed.
    case transport(errno: Int32)
    /// The answer is not well formed.
    case malformed

    /// The system's error number; 0 when there is none.
    var errno: Int32 {
        switch self {
        case .refused(let errno, _), .transport(let errno): errno
        case .malformed: 0
        }
    }

    /// Reads NLMSG_ERROR or NLMSG_DONE; nil when it acknowledges.
    init?(acknowledgement message: NetlinkMessage) {
        guard message.payload.count >= MemoryLayout<Int32>.size else {
            // A kernel's NLMSG_DONE always carries the number; an error without it says nothing.
            self = .malformed
            return
        }
        let status = message.payload.loadUnaligned(as: Int32.self)
        guard status != 0 else { return nil }
        // The kernel's numbers are negative; one that is not says nothing either.
        guard status < 0, status > -4096 else {
            self = .malformed
            return
        }
        self = .refused(errno: -status, text: Self.extendedText(of: message))
    }

    private static func extendedText(of message: NetlinkMessage) -> String? {
        guard Int32(message.flags) & NLM_F_ACK_TLVS != 0 else { return nil }
        var headerSize = MemoryLayout<Int32>.size
        if Int32(message.type) == NLMSG_ERROR {
            guard message.payload.count >= MemoryLayout<nlmsgerr>.size else { return nil }
            headerSize = MemoryLayout<nlmsgerr>.size
            if Int32(message.flags) & NLM_F_CAPPED == 0 {
                // The request is repeated after its header.
                let request = message.payload.loadUnaligned(as: nlmsgerr.self).msg
                headerSize += Int(request.nlmsg_len) - MemoryLayout<nlmsghdr>.size
            }
        }
        guard headerSize >= 0 else { return nil }
        for attribute in NetlinkAttributes(message.payload, after: headerSize)
        where attribute.type == Int(NLMSGERR_ATTR_MSG.rawValue) {
            let text = attribute.text(atMost: longestExtendedText)
            return text.isEmpty ? nil : text
        }
        return nil
    }
}

// The kernel formats into 80 octets (NETLINK_MAX_FMTMSG_LEN); constant texts may be longer.
private let longestExtendedText = 255
