package import NetworkManagement
package import NetworkModel
import Synchronization

/// The interfaces of one network namespace of a Linux kernel: that of the thread that makes it.
///
/// Reading needs no privilege; changes need CAP_NET_ADMIN, and are refused with `.notPermitted` without it.
package final class LinuxInterfacePlatform: InterfacePlatform, CounterPlatform, InterfaceEventPlatform, Sendable {
    // Each has a socket and a lock of its own: a change never waits for a dump, nor a dump for a slow driver.
    private let queries: Mutex<LinkQueries>
    private let lookups: Mutex<LinkQueries>
    private let commands: Mutex<LinkCommands>
    private let counters: Mutex<CounterReader>
    private let ethtool: Mutex<EthtoolQueries>
    private let drivers: Mutex<DriverQueries>
    private let devices = DeviceDirectory()
    private let multicast = MulticastAddressTable()
    private let events: KernelEvents

    /// - Parameter eventBuffer: octets of events the kernel may queue while the handler is busy; beyond it, events are
    ///   lost and `.resynchronise` follows.
    /// - Throws: when a socket cannot be opened.
    package convenience init(eventBuffer: Int32 = 8 << 20) throws(PlatformError) {
        try self.init(eventBuffer: eventBuffer, counterMessage: .statistics)
    }

    init(eventBuffer: Int32, counterMessage: CounterMessage) throws(PlatformError) {
        queries = Mutex(try LinkQueries())
        lookups = Mutex(try LinkQueries())
        commands = Mutex(try LinkCommands())
        counters = Mutex(try CounterReader(message: counterMessage))
        ethtool = Mutex(try EthtoolQueries())
        drivers = Mutex(try DriverQueries())
        events = try KernelEvents(receiveBuffer: eventBuffer)
    }

    package func links() throws(PlatformError) -> [Link] {
        try queries.withLock { queries throws(PlatformError) in try queries.links() }
    }

    package func link(_ index: InterfaceIndex) throws(PlatformError) -> Link {
        try lookups.withLock { lookups throws(PlatformError) in try lookups.link(index) }
    }

    package func addresses() throws(PlatformError) -> [InterfaceIndex: [InterfaceAddress]] {
        try queries.withLock { queries throws(PlatformError) in try queries.addresses() }
    }

    package func multicastAddresses() throws(PlatformError) -> [InterfaceIndex: [MACAddress]] {
        try multicast.read()
    }

    package func settings(of index: InterfaceIndex) throws(PlatformError) -> LinkSettings? {
        do {
            return try ethtool.withLock { ethtool throws(PlatformError) in try ethtool.settings(of: index) }
        } catch let error where error.code == .noSuchInterface {
            return try unlessPresent(index, error)
        }
    }

    /// What sysfs says; where that is another namespace's, what rtnetlink and the driver say.
    package func device(of link: Link) -> Device? {
        // A kind is that of software, unless it names a parent: sysfs of another namespace may have the same index.
        guard link.kind == nil || link.parentDevice != nil else { return nil }
        if let device = devices.device(of: link) { return device }
        guard let address = link.parentDevice else { return nil }
        let driver = drivers.withLock { drivers in drivers.driver(of: link.index) }
        return Device(driver: driver, bus: link.parentBus, busAddress: address)
    }

    package func ethernetCounters(of index: InterfaceIndex) throws(PlatformError) -> EthernetCounters? {
        do {
            return try ethtool.withLock { ethtool throws(PlatformError) in try ethtool.ethernetCounters(of: index) }
        } catch let error where error.code == .noSuchInterface {
            return try unlessPresent(index, error)
        }
    }

    package func driverStatistics(of link: Link) throws(PlatformError) -> [DriverStatistic] {
        do {
            return try drivers.withLock { drivers throws(PlatformError) in try drivers.statistics(of: link.index) }
        } catch let error where error.code == .noSuchInterface {
            return try unlessPresent(link.index, error) ?? []
        }
    }

    package func apply(_ change: InterfaceChange, to index: InterfaceIndex) throws(PlatformError) {
        try commands.withLock { commands throws(PlatformError) in try commands.apply(change, to: index) }
    }

    package func sample(into sample: inout CounterSample) throws(PlatformError) {
        try counters.withLock { counters throws(PlatformError) in try counters.read(into: &sample) }
    }

    package func start(_ handler: @escaping @Sendable ([InterfacePlatformEvent]) -> Void) throws(PlatformError) {
        try events.start(handler)
    }

    package func stop() {
        events.stop()
    }

    /// A driver that is suspended or resets says ENODEV too: then nothing is known, but the interface is there.
    private func unlessPresent<Answer>(
        _ index: InterfaceIndex, _ error: PlatformError
    ) throws(PlatformError) -> Answer? {
        do {
            _ = try link(index)
            return nil
        } catch let error where error.code == .noSuchInterface {
            throw error
        }
    }
}
