package import NetworkManagement
package import NetworkModel
import Synchronization

/// A kernel of the tests' own: links in memory, changes that can be made to fail, events by hand.
///
/// Passes `checkInterfacePlatform`, as the real one does.
package final class FakePlatform: InterfacePlatform, CounterPlatform, InterfaceEventPlatform {
    private struct State {
        var links: [InterfaceIndex: Link] = [:]
        var addresses: [InterfaceIndex: [InterfaceAddress]] = [:]
        var multicast: [InterfaceIndex: [MACAddress]] = [:]
        var settings: [InterfaceIndex: LinkSettings] = [:]
        var devices: [InterfaceIndex: Device] = [:]
        var counters: [InterfaceIndex: LinkCounters] = [:]
        var ethernet: [InterfaceIndex: EthernetCounters] = [:]
        var statistics: [InterfaceIndex: [DriverStatistic]] = [:]
        var refusals: [InterfaceIndex: PlatformError] = [:]
        var applied: [(InterfaceChange, InterfaceIndex)] = []
        var samples = 0
        var handler: (@Sendable ([InterfacePlatformEvent]) -> Void)?
        var linksFailure: PlatformError?
        var samplesFailure: PlatformError?
    }

    private let state = Mutex(State())
    private let clock: (any MonotonicClock)?

    package init(clock: (any MonotonicClock)? = nil) {
        self.clock = clock
    }

    // MARK: what a test arranges

    /// Adds or changes a link without telling anybody.
    package func put(_ link: Link) {
        state.withLock { state in
            state.links[link.index] = link
            if state.counters[link.index] == nil { state.counters[link.index] = LinkCounters() }
        }
    }

    /// Removes a link without telling anybody.
    package func remove(_ index: InterfaceIndex) {
        state.withLock { state in
            state.links[index] = nil
            state.counters[index] = nil
        }
    }

    package func setSettings(_ settings: LinkSettings?, of index: InterfaceIndex) {
        state.withLock { $0.settings[index] = settings }
    }

    package func setDevice(_ device: Device?, of index: InterfaceIndex) {
        state.withLock { $0.devices[index] = device }
    }

    package func setCounters(_ counters: LinkCounters, of index: InterfaceIndex) {
        state.withLock { $0.counters[index] = counters }
    }

    /// What an interface has counted; nil when there is none.
    package func counters(of index: InterfaceIndex) -> LinkCounters? { state.withLock { $0.counters[index] } }

    package func setEthernet(_ counters: EthernetCounters?, of index: InterfaceIndex) {
        state.withLock { $0.ethernet[index] = counters }
    }

    package func setStatistics(_ statistics: [DriverStatistic], of index: InterfaceIndex) {
        state.withLock { $0.statistics[index] = statistics }
    }

    package func setMulticast(_ addresses: [MACAddress], of index: InterfaceIndex) {
        state.withLock { $0.multicast[index] = addresses }
    }

    /// Refuses every further change of `index` with `error`; nil ends it.
    package func refuse(_ index: InterfaceIndex, with error: PlatformError?) {
        state.withLock { $0.refusals[index] = error }
    }

    package func failLinks(with error: PlatformError?) {
        state.withLock { $0.linksFailure = error }
    }

    package func failSamples(with error: PlatformError?) {
        state.withLock { $0.samplesFailure = error }
    }

    /// The changes made so far, in order.
    package var applied: [(InterfaceChange, InterfaceIndex)] {
        state.withLock { $0.applied }
    }

    package var samples: Int {
        state.withLock { $0.samples }
    }

    /// Delivers events as the kernel's thread would.
    package func deliver(_ events: [InterfacePlatformEvent]) {
        let handler = state.withLock { $0.handler }
        handler?(events)
    }

    // MARK: the ports

    package func links() throws(PlatformError) -> [Link] {
        let (links, failure) = state.withLock { ($0.links.values.sorted { $0.index < $1.index }, $0.linksFailure) }
        if let failure { throw failure }
        return links
    }

    package func link(_ index: InterfaceIndex) throws(PlatformError) -> Link {
        guard let link = state.withLock({ $0.links[index] }) else {
            throw PlatformError(.noSuchInterface, "read link \(index)", errno: 19)
        }
        return link
    }

    package func addresses() throws(PlatformError) -> [InterfaceIndex: [InterfaceAddress]] {
        state.withLock { $0.addresses }
    }

    package func multicastAddresses() throws(PlatformError) -> [InterfaceIndex: [MACAddress]] {
        state.withLock { $0.multicast }
    }

    package func settings(of index: InterfaceIndex) throws(PlatformError) -> LinkSettings? {
        _ = try link(index)
        return state.withLock { $0.settings[index] }
    }

    package func device(of link: Link) -> Device? {
        state.withLock { $0.devices[link.index] }
    }

    package func ethernetCounters(of index: InterfaceIndex) throws(PlatformError) -> EthernetCounters? {
        _ = try link(index)
        return state.withLock { $0.ethernet[index] }
    }

    package func driverStatistics(of link: Link) throws(PlatformError) -> [DriverStatistic] {
        _ = try self.link(link.index)
        return state.withLock { $0.statistics[link.index] ?? [] }
    }

    package func apply(_ change: InterfaceChange, to index: InterfaceIndex) throws(PlatformError) {
        var link = try link(index)
        if let refusal = state.withLock({ $0.refusals[index] }) { throw refusal }
        switch change {
        case .setAdminState(let up):
            if up { link.flags.insert(.up) } else { link.flags.remove(.up) }
            link.carrier = up
            link.operationalState = up ? .up : .down
        case .setAlias(let alias):
            guard alias.utf8.count <= 255, !alias.utf8.contains(0) else {
                throw PlatformError(.invalidValue, "set the alias of \(link.name)", errno: 22)
            }
            link.alias = alias
        case .setMTU(let mtu):
            guard mtu >= link.minimumMTU ?? 0, mtu <= link.maximumMTU ?? .max else {
                throw PlatformError(.invalidValue, "set the MTU of \(link.name)", errno: 22)
            }
            link.mtu = mtu
        case .setPromiscuous(let enabled):
            if enabled { link.flags.insert(.promiscuous) } else { link.flags.remove(.promiscuous) }
            link.promiscuity = enabled ? 1 : 0
        case .setQueueLength(let length):
            link.queueLength = length
        }
        state.withLock { [link] state in
            state.links[index] = link
            state.applied.append((change, index))
        }
    }

    package func sample(into sample: inout CounterSample) throws(PlatformError) {
        let now = clock?.now() ?? MonotonicTime(nanoseconds: 0)
        let counters = try state.withLock { state throws(PlatformError) in
            if let failure = state.samplesFailure { throw failure }
            state.samples += 1
            return state.counters.sorted { $0.key < $1.key }
        }
        sample.time = now
        sample.indexes = counters.map(\.key)
        sample.counters = counters.map(\.value)
    }

    package func start(_ handler: @escaping @Sendable ([InterfacePlatformEvent]) -> Void) throws(PlatformError) {
        state.withLock { $0.handler = handler }
        handler([.resynchronise(overrun: false)])
    }

    package func stop() {
        state.withLock { $0.handler = nil }
    }
}
