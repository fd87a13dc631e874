/// Tells what this process uses of the host.
package protocol ProcessPlatform: Sendable {
    func usage() throws(PlatformError) -> ProcessUsage

    /// Gives memory that is free within the process back to the system.
    func releaseMemory()
}

/// What a process uses.
package struct ProcessUsage: Sendable, Hashable {
    /// Of all its threads since it began, user and system.
    package var processorTime: Duration = .zero
    /// Octets.
    package var residentMemory: UInt64 = 0
    package var descriptors = 0
    package var threads = 0

    package init() {}
}
