import CLinux
import Glibc
import NetworkManagement

/// Lets one thread wait until another wakes it, or a time is over.
final class WakeUp: Sendable {
    private let descriptor: Int32

    init() throws(StoreError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw .system("eventfd", "audit writer", errno) }
    }

    deinit {
        close(descriptor)
    }

    /// The next `wait`, or the one under way, returns.
    func wake() {
        var one: UInt64 = 1
        // EAGAIN means that a wake-up is pending already.
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// - Parameter milliseconds: -1 to wait without limit.
    func wait(atMost milliseconds: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) > 0 else { return }
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
