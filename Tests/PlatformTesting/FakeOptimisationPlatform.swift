package import NetworkManagement
package import NetworkModel
import Synchronization

/// A kernel of the tests' own: settings in memory, refusals by hand.
///
/// Passes `OptimisationPlatformConformance`, as the real one does.
package final class FakeOptimisationPlatform: OptimisationPlatform {
    private struct State {
        /// By interface and by the setting's name.
        var settings: [InterfaceIndex: [String: OptimisationChange]] = [:]
        var layouts: [InterfaceIndex: QueueLayout] = [:]
        var queueing: [InterfaceIndex: Queueing] = [:]
        var interrupts: [InterfaceIndex: UInt64] = [:]
        var processors: [ProcessorLoad] = []
        var topology: [ProcessorPlace] = []
        var counts: [InterfaceIndex: QueueCounts] = [:]
        var routes: [MultipathRoute] = []
        var applied: [OptimisationChange] = []
        var refuse: (@Sendable (OptimisationChange) -> PlatformError?)?

        mutating func put(_ weights: RouteWeights) {
            let setting = OptimisationChange.nextHopWeights(weights)
            for index in weights.interfaces { settings[index, default: [:]][setting.name] = setting }
            for position in routes.indices where routes[position].key == weights.route {
                routes[position] = MultipathRoute(weights: weights, obstacle: routes[position].obstacle)
            }
        }
    }

    private let state = Mutex(State())

    package init() {}

    // MARK: what a test arranges

    package func put(_ settings: [OptimisationChange], of index: InterfaceIndex) {
        state.withLock { state in
            for setting in settings { state.settings[index, default: [:]][setting.name] = setting }
        }
    }

    package func remove(_ index: InterfaceIndex) { state.withLock { $0.settings[index] = nil } }

    package func setQueues(_ layout: QueueLayout?, of index: InterfaceIndex) {
        state.withLock { $0.layouts[index] = layout }
    }

    package func setQueueing(_ queueing: Queueing, of index: InterfaceIndex) {
        state.withLock { $0.queueing[index] = queueing }
    }

    package func setInterrupts(_ interrupts: UInt64, of index: InterfaceIndex) {
        state.withLock { $0.interrupts[index] = interrupts }
    }

    package func setProcessors(_ processors: [ProcessorLoad]) { state.withLock { $0.processors = processors } }

    package func setTopology(_ topology: [ProcessorPlace]) { state.withLock { $0.topology = topology } }

    package func setQueueCounts(_ counts: QueueCounts, of index: InterfaceIndex) {
        state.withLock { $0.counts[index] = counts }
    }

    /// Its weights are a setting of each of its interfaces.
    package func setRoutes(_ routes: [MultipathRoute]) {
        state.withLock { state in
            state.routes = routes
            for route in routes { state.put(route.weights) }
        }
    }

    /// Refuses each further change for which it returns an error.
    package func refuse(_ refuse: (@Sendable (OptimisationChange) -> PlatformError?)?) {
        state.withLock { $0.refuse = refuse }
    }

    /// The changes made so far, in order.
    package var applied: [OptimisationChange] { state.withLock { $0.applied } }

    package func setting(_ name: String, of index: InterfaceIndex) -> OptimisationChange? {
        state.withLock { $0.settings[index]?[name] }
    }

    // MARK: the port

    package func current(
        _ change: OptimisationChange, of index: InterfaceIndex
    ) throws(PlatformError) -> OptimisationChange {
        let (isThere, setting) = state.withLock { ($0.settings[index] != nil, $0.settings[index]?[change.name]) }
        guard isThere else { throw PlatformError(.noSuchInterface, "interface \(index)", errno: 19) }
        guard let setting else { throw PlatformError(.notSupported, "no \(change.name)", errno: 95) }
        return setting
    }

    package func apply(_ change: OptimisationChange, to index: InterfaceIndex) throws(PlatformError) {
        _ = try current(change, of: index)
        if let error = state.withLock({ $0.refuse?(change) }) { throw error }
        state.withLock { state in
            state.applied.append(change)
            state.settings[index]?[change.name] = change
            if case .nextHopWeights(let weights) = change { state.put(weights) }
        }
    }

    package func queues(of link: Link) -> QueueLayout? { state.withLock { $0.layouts[link.index] } }

    package func queueing() throws(PlatformError) -> [InterfaceIndex: Queueing] { state.withLock { $0.queueing } }

    package func interrupts(of links: [Link]) -> [InterfaceIndex: UInt64] {
        state.withLock { state in state.interrupts.filter { pair in links.contains { $0.index == pair.key } } }
    }

    package func processors() -> [ProcessorLoad] { state.withLock { $0.processors } }

    package func routes() throws(PlatformError) -> [MultipathRoute] { state.withLock { $0.routes } }

    package func topology() -> [ProcessorPlace] { state.withLock { $0.topology } }

    package func queueCounts() -> [InterfaceIndex: QueueCounts] { state.withLock { $0.counts } }
}
