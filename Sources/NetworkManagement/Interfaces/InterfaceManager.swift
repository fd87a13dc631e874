package import Logging
package import NetworkModel
import Synchronization

/// Knows every interface, follows the kernel's events, and changes interfaces on request.
///
/// Readers take `snapshot`, which never waits for the kernel. Three kinds of call write: `ingest`, on the platform's event
/// thread; `refreshDetails` and `tick`, on whatever thread does the upkeep; and the commits of `InterfaceTransaction`s.
/// Each takes the state's lock for no longer than the merge, never across a kernel call.
package final class InterfaceManager: Sendable {
    package struct Limits: Sendable, Hashable {
        /// `manager_max_interfaces`, 1..65535.
        package var managedInterfaces: Int
        /// `manager_auto_discovery`: interfaces that appear later are managed too.
        package var isDiscovering: Bool
        package var flapping: FlapLimits

        package init(
            managedInterfaces: Int = 32, isDiscovering: Bool = true, flapping: FlapLimits = FlapLimits()
        ) {
            self.managedInterfaces = managedInterfaces
            self.isDiscovering = isDiscovering
            self.flapping = flapping
        }
    }

    /// What is remembered of an interface beside its row.
    struct Tracking {
        var damper: FlapDamper
        /// The status that the kernel's events, taken in order, have led to. The row may be ahead of it after a SET
        /// was read back; notifications follow the events, so that none is sent twice.
        var eventStatus: OperationalStatus
        /// The status the last linkUp or linkDown spoke of; what settling compares with.
        var announcedStatus: OperationalStatus
    }

    struct State {
        var rows = InterfaceRows()
        var tracking: [InterfaceIndex: Tracking] = [:]
        var damped: Set<InterfaceIndex> = []
        var limits: Limits
        var managedCount = 0
        var tableLastChange: MonotonicTime?
        var stackLastChange: MonotonicTime?
        var resynchronisations: UInt64 = 0
        var overruns: UInt64 = 0
        /// Interfaces whose configuration changed, and nobody was told yet.
        var reconfigured: Set<InterfaceIndex> = []
        /// The first reading is not news.
        var isInitialised = false
        /// Interfaces whose settings are to be read anew.
        var staleDetails: Set<InterfaceIndex> = []
        /// Interfaces of which something may have changed without an event.
        var staleLinks: Set<InterfaceIndex> = []
        var staleMulticast = false
    }

    let platform: any InterfacePlatform
    let clock: any MonotonicClock
    let logger: Logger
    let state: Mutex<State>
    private let published: Mutex<InterfaceSnapshot>
    private let listener: @Sendable ([InterfaceEvent]) -> Void
    private let detailsWanted: @Sendable () -> Void

    /// - Parameters:
    ///   - detailsWanted: called, from any thread, when `refreshDetails` has work to do.
    ///   - listener: told of events in order, on the thread that caused them; must not block.
    package init(
        platform: any InterfacePlatform, clock: any MonotonicClock, limits: Limits, logger: Logger,
        detailsWanted: @escaping @Sendable () -> Void, listener: @escaping @Sendable ([InterfaceEvent]) -> Void
    ) {
        self.platform = platform
        self.clock = clock
        self.logger = logger
        self.listener = listener
        self.detailsWanted = detailsWanted
        state = Mutex(State(limits: limits))
        published = Mutex(.empty)
    }

    /// What is known now.
    package var snapshot: InterfaceSnapshot {
        published.withLock { $0 }
    }

    package var limits: Limits {
        state.withLock { $0.limits }
    }

    /// Takes new limits. Interfaces already managed stay so; others become managed where there is room now.
    package func reconfigure(_ limits: Limits) {
        state.withLock { state in
            state.limits = limits
            for position in state.rows.indices where !state.rows[position].isManaged {
                guard limits.isDiscovering, state.managedCount < limits.managedInterfaces else { break }
                state.managedCount += 1
                state.rows[position] = state.rows[position].with(isManaged: true)
            }
            publish(state)
        }
    }

    /// Takes in what the kernel said, and tells the listener what it means. On the platform's event thread.
    package func ingest(_ batch: [InterfacePlatformEvent]) {
        var batch = batch[...]
        if let last = batch.lastIndex(where: \.isResynchronise) {
            // The dump that follows is newer than everything before it in the batch.
            let overrun = batch[...last].contains(.resynchronise(overrun: true))
            batch = batch[(last + 1)...]
            resynchronise(overrun: overrun)
        }
        guard !batch.isEmpty else { return }
        let now = clock.now()
        commit { state, events in
            for event in batch { merge(event, at: now, into: &state, &events) }
        }
    }

    /// Reads links and addresses anew and takes in the difference.
    ///
    /// On failure what was known stays, and the next event or tick does not repair it: the failure is logged, and
    /// another resynchronisation is due, which `tick` makes.
    package func resynchronise(overrun: Bool) {
        do {
            let links = try platform.links()
            let addresses = try platform.addresses()
            let now = clock.now()
            commit { state, events in
                if !state.isInitialised { events.append(.discovered) }
                replaceAll(with: links, addresses, at: now, in: &state, &events)
                if state.isInitialised {
                    state.resynchronisations &+= 1
                    if overrun { state.overruns &+= 1 }
                    events.append(.resynchronised(overrun: overrun))
                }
                state.isInitialised = true
                state.staleMulticast = true
            }
            needsResynchronisation.withLock { $0 = false }
        } catch {
            needsResynchronisation.withLock { $0 = true }
            logger.error("cannot read the interfaces; what is shown may be stale", metadata: ["error": "\(error)"])
        }
    }

    private let needsResynchronisation = Mutex(false)

    /// What is due by the clock: settled interfaces, news of their configuration, a resynchronisation that failed. Call
    /// about once a second.
    package func tick() {
        if needsResynchronisation.withLock({ $0 }) { resynchronise(overrun: false) }
        let now = clock.now()
        guard state.withLock({ !$0.damped.isEmpty || !$0.reconfigured.isEmpty }) else { return }
        commit { state, events in
            settle(at: now, in: &state, &events)
            tellReconfigured(in: &state, &events)
        }
    }

    /// Runs `change` on the state, publishes the result, then tells the listener.
    func commit(_ change: (inout State, inout [InterfaceEvent]) -> Void) {
        var events: [InterfaceEvent] = []
        let wantsDetails = state.withLock { state in
            change(&state, &events)
            publish(state)
            return !state.staleDetails.isEmpty || !state.staleLinks.isEmpty || state.staleMulticast
        }
        if !events.isEmpty { listener(events) }
        if wantsDetails { detailsWanted() }
    }

    private func publish(_ state: State) {
        let snapshot = InterfaceSnapshot(
            rows: state.rows, isFull: state.managedCount >= state.limits.managedInterfaces,
            tableLastChange: state.tableLastChange, stackLastChange: state.stackLastChange,
            resynchronisations: state.resynchronisations, overruns: state.overruns)
        published.withLock { $0 = snapshot }
    }
}

extension InterfacePlatformEvent {
    fileprivate var isResynchronise: Bool {
        if case .resynchronise = self { true } else { false }
    }
}

extension InterfaceRow {
    func with(
        interface: NetworkInterface? = nil, lastChange: MonotonicTime? = nil,
        configurationChange: MonotonicTime? = nil, isManaged: Bool? = nil, sendsLinkNotifications: Bool? = nil,
        flapping: FlapCondition? = nil
    ) -> InterfaceRow {
        InterfaceRow(
            interface: interface ?? self.interface, created: created, lastChange: lastChange ?? self.lastChange,
            configurationChange: configurationChange ?? self.configurationChange,
            isManaged: isManaged ?? self.isManaged,
            sendsLinkNotifications: sendsLinkNotifications ?? self.sendsLinkNotifications,
            flapping: flapping ?? self.flapping)
    }
}
