import CNetlink
import Glibc
import NetworkManagement

/// A netlink socket and the buffer it receives into. It stays in the network namespace of the thread that opened it.
struct NetlinkSocket: ~Copyable {
    let handle: OpaquePointer
    let descriptor: Int32
    private let buffer: UnsafeMutableRawBufferPointer

    /// What one call of `receive` brought.
    enum Reception {
        /// Valid until the next call.
        case datagram(UnsafeRawBufferPointer)
        /// A datagram larger than the buffer: its end is lost.
        case truncated
        /// Nothing is there, and the call was not to wait.
        case empty
        case failed(errno: Int32)
    }

    /// - Parameters:
    ///   - family: NETLINK_ROUTE or NETLINK_GENERIC.
    ///   - receiveBuffer: octets the kernel may queue; raised beyond net.core.rmem_max where that is permitted.
    init(family: Int32, receiveBuffer: Int32) throws(PlatformError) {
        guard let handle = nl_socket_alloc() else {
            throw PlatformError(.exhausted, "opening a netlink socket: no memory", errno: ENOMEM)
        }
        nl_socket_disable_auto_ack(handle)
        let status = nl_connect(handle, family)
        guard status == 0 else {
            nl_socket_free(handle)
            throw PlatformError(netlinkLibrary: status, "opening a netlink socket")
        }
        self.handle = handle
        descriptor = nl_socket_get_fd(handle)
        // A dump fills at most 32 KiB per datagram, and only when the buffer is seen to hold it (netlink_dump).
        buffer = .allocate(byteCount: 65536, alignment: 16)
        // The extended acknowledgement carries the kernel's reason; without it the error number has to do.
        set(SOL_NETLINK, NETLINK_EXT_ACK, Int32(1))
        set(SOL_NETLINK, NETLINK_CAP_ACK, Int32(1))
        if !set(SOL_SOCKET, SO_RCVBUFFORCE, receiveBuffer) { set(SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
        // The kernel answers within its own call; one that does not must not hold us for ever.
        set(SOL_SOCKET, SO_RCVTIMEO, timeval(tv_sec: 10, tv_usec: 0))
    }

    deinit {
        buffer.deallocate()
        nl_socket_free(handle)
    }

    /// Receives one datagram of the kernel's; those of other processes are passed over.
    func receive(waiting: Bool) -> Reception {
        while true {
            var sender = sockaddr_nl()
            var senderSize = socklen_t(MemoryLayout<sockaddr_nl>.size)
            let count = withUnsafeMutablePointer(to: &sender) { sender in
                sender.withMemoryRebound(to: sockaddr.self, capacity: 1) { sender in
                    recvfrom(
                        descriptor, buffer.baseAddress, buffer.count,
                        Int32(MSG_TRUNC) | (waiting ? 0 : Int32(MSG_DONTWAIT)), sender, &senderSize)
                }
            }
            if count < 0 {
                switch errno {
                case EINTR: continue
                case EAGAIN: return waiting ? .failed(errno: ETIMEDOUT) : .empty
                case let number: return .failed(errno: number)
                }
            }
            guard sender.nl_pid == 0 else { continue }
            guard count <= buffer.count else { return .truncated }
            return .datagram(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    @discardableResult
    private func set<Value: BitwiseCopyable>(_ level: Int32, _ option: Int32, _ value: Value) -> Bool {
        var value = value
        return setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Value>.size)) == 0
    }
}

// MARK: - Asking

extension NetlinkSocket {
    /// What ends an exchange.
    enum Ending {
        /// The first message that answers.
        case answer
        /// The kernel's acknowledgement: the request must carry NLM_F_ACK.
        case acknowledgement
        /// NLMSG_DONE: the request must carry NLM_F_DUMP.
        case dump
    }

    /// Sends `request` and gives every message of the answer to `take`.
    ///
    /// A dump is read to its end even when part of it is malformed, so that the next exchange begins clean.
    ///
    /// - Returns: whether the dump is consistent (NLM_F_DUMP_INTR on no message of it).
    @discardableResult
    func exchange(
        _ request: borrowing NetlinkRequest, until ending: Ending, _ take: (NetlinkMessage) -> Void = { _ in }
    ) throws(NetlinkError) -> Bool {
        guard request.isComplete else { throw .transport(errno: EMSGSIZE) }
        let status = nl_send_auto(handle, request.handle)
        guard status >= 0 else { throw .transport(errno: systemError(ofNetlinkLibrary: status)) }
        let sequence = nlmsg_hdr(request.handle).pointee.nlmsg_seq
        var isConsistent = true
        var isMalformed = false
        while true {
            let datagram: UnsafeRawBufferPointer
            switch receive(waiting: true) {
            case .datagram(let bytes): datagram = bytes
            case .truncated:
                isMalformed = true
                if ending == .dump { continue }
                throw .malformed
            case .empty: continue
            case .failed(let errno): throw .transport(errno: errno)
            }
            var messages = NetlinkMessages(datagram)
            // What an earlier exchange left behind has another sequence number.
            while let message = messages.next() {
                guard message.sequence == sequence else { continue }
                if Int32(message.flags) & NLM_F_DUMP_INTR != 0 { isConsistent = false }
                switch Int32(message.type) {
                case NLMSG_ERROR, NLMSG_DONE:
                    if let error = NetlinkError(acknowledgement: message) { throw error }
                    if isMalformed { throw .malformed }
                    return isConsistent
                case NLMSG_NOOP, NLMSG_OVERRUN:
                    continue
                default:
                    take(message)
                    if ending == .answer { return isConsistent }
                }
            }
            if messages.isMalformed { isMalformed = true }
        }
    }
}
