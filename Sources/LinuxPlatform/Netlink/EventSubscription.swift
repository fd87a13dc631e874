import CNetlink
import Glibc
import NetworkManagement

/// A socket that receives what the kernel multicasts to some groups, as events.
struct EventSubscription: ~Copyable {
    private let socket: NetlinkSocket
    private let groups: [UInt32]
    private let read: @Sendable (NetlinkMessage) -> InterfacePlatformEvent?
    /// Something was lost: what was queued before it is older than the reading anew that it calls for.
    private var isDiscarding = false

    /// - Parameters:
    ///   - receiveBuffer: octets the kernel may queue before it drops (ENOBUFS).
    ///   - read: what a message says; nil when nothing.
    init(
        family: Int32, groups: [UInt32], receiveBuffer: Int32,
        read: @escaping @Sendable (NetlinkMessage) -> InterfacePlatformEvent?
    ) throws(PlatformError) {
        socket = try NetlinkSocket(family: family, receiveBuffer: receiveBuffer)
        self.groups = groups
        self.read = read
    }

    var descriptor: Int32 { socket.descriptor }

    /// Begins receiving; what an earlier time left in the queue is dropped.
    mutating func join() throws(PlatformError) {
        queue: while true {
            switch socket.receive(waiting: false) {
            case .datagram, .truncated, .failed(errno: ENOBUFS): continue
            case .empty, .failed: break queue
            }
        }
        isDiscarding = false
        for group in groups {
            let status = nl_socket_add_membership(socket.handle, Int32(truncatingIfNeeded: group))
            guard status == 0 else {
                throw PlatformError(netlinkLibrary: status, "subscribing to the kernel's events")
            }
        }
    }

    func leave() {
        for group in groups { _ = nl_socket_drop_membership(socket.handle, Int32(truncatingIfNeeded: group)) }
    }

    /// Everything there is, in the kernel's order, and bounded: what remains makes the descriptor readable again.
    ///
    /// After a loss nothing is handed on until the queue is empty, since an event older than the loss would undo what
    /// is read anew; then comes one `.resynchronise`. The kernel, too, drops until the queue is empty.
    mutating func drain() -> [InterfacePlatformEvent] {
        var events: [InterfacePlatformEvent] = []
        for _ in 0..<mostDatagrams {
            switch socket.receive(waiting: false) {
            case .datagram(let datagram):
                if isDiscarding { continue }
                var messages = NetlinkMessages(datagram)
                while let message = messages.next() {
                    if let event = read(message) { events.append(event) }
                }
                if messages.isMalformed { isDiscarding = true }
            case .truncated, .failed(errno: ENOBUFS):
                isDiscarding = true
            case .empty, .failed:
                guard isDiscarding else { return events }
                isDiscarding = false
                return [.resynchronise(overrun: true)]
            }
        }
        return isDiscarding ? [] : events
    }
}

// An event datagram carries one message of some 1.5 KiB.
private let mostDatagrams = 8192
