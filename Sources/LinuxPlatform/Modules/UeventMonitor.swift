import CLinux
import CNetlink
import EventLoop
import Glibc
import NetworkManagement
import Synchronization

/// Listens to the kernel's own uevents (NETLINK_KOBJECT_UEVENT, group 1), before any udev rule has run.
final class UeventMonitor: Sendable {
    private let descriptor: Int32
    private let running = Mutex<EventLoop?>(nil)

    /// Subsystems whose events say something about drivers: a device of a bus, a driver, a module, an interface.
    private static let subsystems: Set<String> = [
        "pci", "virtio", "usb", "platform", "net", "module", "drivers", "vmbus", "xen", "auxiliary",
    ]

    init() throws(PlatformError) {
        let opened = Glibc.socket(
            AF_NETLINK, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
            NETLINK_KOBJECT_UEVENT)
        guard opened >= 0 else { throw PlatformError(.exhausted, "opening the socket of uevents", errno: errno) }
        var size: Int32 = 4 << 20
        _ = setsockopt(opened, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        address.nl_groups = 1
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(opened, $0, socklen_t(MemoryLayout<sockaddr_nl>.size))
            }
        }
        guard status == 0 else {
            let number = errno
            close(opened)
            throw PlatformError(.notPermitted, "listening for uevents", errno: number)
        }
        descriptor = opened
    }

    deinit {
        stop()
        close(descriptor)
    }

    func start(_ handler: @escaping @Sendable () -> Void) throws(PlatformError) {
        try running.withLock { running throws(PlatformError) in
            guard running == nil else { throw PlatformError(.busy, "listening for uevents: it does already") }
            do throws(EventLoopError) {
                let loop = try EventLoop(name: "driver-events")
                try loop.start()
                loop.perform { [descriptor] in
                    handler()
                    loop.watch(descriptor, for: .read) { _ in
                        if Self.drain(descriptor) { handler() }
                    }
                }
                running = loop
            } catch {
                throw PlatformError(.exhausted, "listening for uevents: \(error)", errno: error.errno)
            }
        }
    }

    func stop() {
        running.withLock { running in running.take()?.stop() }
    }

    /// Reads everything there is.
    ///
    /// - Returns: whether any of it matters; so does a loss.
    private static func drain(_ descriptor: Int32) -> Bool {
        var matters = false
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            var sender = sockaddr_nl()
            var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
            let count = withUnsafeMutablePointer(to: &sender) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
                }
            }
            if count < 0 {
                if errno == ENOBUFS {
                    matters = true
                    continue
                }
                if errno == EINTR { continue }
                return matters
            }
            // Only the kernel speaks here; others could by a unicast.
            guard sender.nl_pid == 0 else { continue }
            if concernsDrivers(buffer[..<count]) { matters = true }
        }
    }

    /// A message is "ACTION@PATH", then NAME=VALUE, each ended by a NUL.
    static func concernsDrivers(_ message: ArraySlice<UInt8>) -> Bool {
        for field in message.split(separator: 0) {
            let text = String(decoding: field, as: UTF8.self)
            if text.hasPrefix("SUBSYSTEM=") { return subsystems.contains(String(text.dropFirst(10))) }
        }
        return false
    }
}
