import EventLoop
import Glibc
package import NetworkManagement
import Synchronization

/// The kernel's log by /dev/kmsg, from its end on. Needs root, or CAP_SYSLOG where kernel.dmesg_restrict is set.
package final class LinuxKernelLog: KernelLogPlatform {
    private struct Running {
        let loop: EventLoop
        let descriptor: Int32
    }

    private let running = Mutex<Running?>(nil)
    /// So many records are handed over at once.
    private static let mostRecords = 64

    package init() {}

    deinit {
        stop()
    }

    package func start(_ handler: @escaping @Sendable ([KernelLogEntry]) -> Void) throws(PlatformError) {
        try running.withLock { running throws(PlatformError) in
            guard running == nil else {
                throw PlatformError(.busy, "following the kernel's log: it is followed already")
            }
            let descriptor = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else {
                let number = errno
                throw PlatformError(
                    number == ENOENT ? .notSupported : .notPermitted, "following the kernel's log (/dev/kmsg)",
                    errno: number)
            }
            lseek(descriptor, 0, SEEK_END)
            do throws(EventLoopError) {
                let loop = try EventLoop(name: "kernel-log")
                try loop.start()
                loop.perform {
                    loop.watch(descriptor, for: .read) { _ in
                        let (entries, isAlive) = Self.drain(descriptor)
                        if !entries.isEmpty { handler(entries) }
                        if !isAlive { loop.unwatch(descriptor) }
                    }
                }
                running = Running(loop: loop, descriptor: descriptor)
            } catch {
                close(descriptor)
                throw PlatformError(.exhausted, "following the kernel's log: \(error)", errno: error.errno)
            }
        }
    }

    package func stop() {
        running.withLock { running in
            guard let old = running.take() else { return }
            old.loop.stop()
            close(old.descriptor)
        }
    }

    /// Reads what there is, a portion at most; whether there can be more one day.
    private static func drain(_ descriptor: Int32) -> ([KernelLogEntry], isAlive: Bool) {
        var entries: [KernelLogEntry] = []
        // CONSOLE_EXT_LOG_MAX of the kernel: no record is longer.
        var buffer = [UInt8](repeating: 0, count: 8192)
        for _ in 0..<mostRecords {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 {
                switch errno {
                // Overwritten before they were read: the next read goes on behind the gap.
                case EPIPE, EINTR, EINVAL: continue
                case EAGAIN: return (entries, true)
                default: return (entries, false)
                }
            }
            if count == 0 { return (entries, false) }
            if let entry = KernelLogEntry(kmsg: buffer[..<count]) { entries.append(entry) }
        }
        return (entries, true)
    }
}
