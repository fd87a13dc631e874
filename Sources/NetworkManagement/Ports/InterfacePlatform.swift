package import NetworkModel

/// Reads and changes interfaces. Every call is a short, synchronous kernel call and may come from any thread.
package protocol InterfacePlatform: Sendable {
    /// Every link, as one consistent dump, ascending by index.
    func links() throws(PlatformError) -> [Link]

    /// One link; throws `.noSuchInterface` when it is gone.
    func link(_ index: InterfaceIndex) throws(PlatformError) -> Link

    /// Every IP address, by interface, in the kernel's order.
    func addresses() throws(PlatformError) -> [InterfaceIndex: [InterfaceAddress]]

    /// Every multicast link-layer address that is received, by interface.
    func multicastAddresses() throws(PlatformError) -> [InterfaceIndex: [MACAddress]]

    /// ethtool's settings; nil when the driver has none at all.
    func settings(of index: InterfaceIndex) throws(PlatformError) -> LinkSettings?

    /// The device behind a link; nil when it is virtual.
    func device(of link: Link) -> Device?

    /// The standard Ethernet counters; nil when the driver reports none.
    func ethernetCounters(of index: InterfaceIndex) throws(PlatformError) -> EthernetCounters?

    /// The driver's own statistics, in the driver's order; empty when it has none.
    func driverStatistics(of link: Link) throws(PlatformError) -> [DriverStatistic]

    /// Makes one change, complete when this returns.
    func apply(_ change: InterfaceChange, to index: InterfaceIndex) throws(PlatformError)
}

/// Reads the counters of every interface in one dump.
package protocol CounterPlatform: Sendable {
    /// Fills `sample`, reusing its storage. Any thread; one at a time.
    func sample(into sample: inout CounterSample) throws(PlatformError)
}

/// Tells what happens to interfaces.
package protocol InterfaceEventPlatform: Sendable {
    /// Calls `handler` on the platform's own thread, in the kernel's order, with everything one wake-up brought, until
    /// `stop` is called. The first batch comes after the subscription is in force, so that a dump made in response to
    /// `.resynchronise` misses nothing. Begins with `.resynchronise`.
    func start(_ handler: @escaping @Sendable ([InterfacePlatformEvent]) -> Void) throws(PlatformError)

    /// No call of the handler begins after this returns.
    func stop()
}

package enum InterfacePlatformEvent: Sendable, Hashable {
    /// RTM_NEWLINK: appeared or changed.
    case link(Link)
    /// RTM_DELLINK: gone from this namespace.
    case gone(InterfaceIndex)
    case addressAdded(InterfaceIndex, InterfaceAddress)
    case addressRemoved(InterfaceIndex, InterfaceAddress)
    /// ethtool settings were changed, by whomever.
    case settingsChanged(InterfaceIndex)
    /// Events may be missing (ENOBUFS), or none came yet: read everything anew.
    case resynchronise(overrun: Bool)
}

/// One imperative change of one interface.
package enum InterfaceChange: Sendable, Hashable {
    case setAdminState(up: Bool)
    /// 0..255 octets of UTF-8 without NUL (IFALIASZ); empty removes it.
    case setAlias(String)
    /// Octets.
    case setMTU(UInt32)
    /// IFF_PROMISC as the administrator's own request.
    case setPromiscuous(Bool)
    /// Packets, 0..4294967295.
    case setQueueLength(UInt32)
}
