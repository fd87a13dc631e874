package import NetworkModel

/// One record of the kernel's own log.
package struct KernelLogEntry: Sendable, Hashable {
    /// 0 (emergency) to 7 (debug), as syslog(3).
    package var level: UInt8
    package var text: String
    /// What the kernel says that it is about; nil where it does not.
    package var device: DeviceAddress?
    package var interface: InterfaceIndex?

    package init(level: UInt8, text: String, device: DeviceAddress? = nil, interface: InterfaceIndex? = nil) {
        self.level = level
        self.text = text
        self.device = device
        self.interface = interface
    }
}

/// Follows the kernel's log.
package protocol KernelLogPlatform: Sendable {
    /// Calls `handler` on the platform's own thread with what the kernel logs from now on, at most 64 records at a time,
    /// until `stop`. What other processes write to the log is left out.
    func start(_ handler: @escaping @Sendable ([KernelLogEntry]) -> Void) throws(PlatformError)
    /// No call of the handler begins after this returns.
    func stop()
}
