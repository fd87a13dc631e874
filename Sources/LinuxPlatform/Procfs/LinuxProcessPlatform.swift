import CLinux
import Glibc
package import NetworkManagement

/// What this process uses, from clock_gettime(2) and /proc/self.
package struct LinuxProcessPlatform: ProcessPlatform {
    package init() {}

    package func usage() throws(PlatformError) -> ProcessUsage {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else {
            throw PlatformError(.failed, "read the process's own use of the processor", errno: errno)
        }
        var usage = ProcessUsage()
        usage.processorTime = .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
        usage.residentMemory = try Self.residentMemory()
        usage.descriptors = Self.entries(of: "/proc/self/fd")
        usage.threads = Self.entries(of: "/proc/self/task")
        return usage
    }

    package func releaseMemory() { orion_release_memory() }

    /// Has large blocks of memory go back to the kernel as soon as they are freed. Once, before there are any.
    package static func returnLargeBlocks() { orion_return_large_blocks() }

    /// The second number of statm is the resident pages (proc(5)).
    private static func residentMemory() throws(PlatformError) -> UInt64 {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw PlatformError(.failed, "open /proc/self/statm", errno: errno) }
        defer { close(descriptor) }
        let text = withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
        }
        let numbers = text.split(separator: " ")
        guard numbers.count > 1, let pages = UInt64(numbers[1]) else {
            throw PlatformError(.malformed, "read /proc/self/statm")
        }
        return pages * UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
    }

    /// How many entries a directory has; 0 when it cannot be read.
    private static func entries(of path: String) -> Int {
        guard let directory = opendir(path) else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // "." and "..".
        return max(0, count - 2)
    }
}
