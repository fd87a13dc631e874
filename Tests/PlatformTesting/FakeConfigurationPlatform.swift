package import NetworkManagement
package import NetworkModel
import Synchronization

/// A kernel of the tests' own: interfaces in memory, steps that can be made to fail, and a sudden end at any call.
///
/// Passes `checkConfigurationPlatform`, as the real one does.
package final class FakeConfigurationPlatform: ConfigurationPlatform {
    private struct State {
        var links: [String: ObservedLink] = [:]
        var lastIndex: UInt32 = 0
        var applied: [ConfigurationStep] = []
        var refuse: (@Sendable (ConfigurationStep) -> PlatformError?)?
        /// Steps that are accepted and not kept.
        var ignore: (@Sendable (ConfigurationStep) -> Bool)?
        var way: String?
    }

    private let state = Mutex(State())
    private let end: SuddenEnd?

    package init(end: SuddenEnd? = nil) {
        self.end = end
    }

    // MARK: what a test arranges

    package func put(_ name: String, _ edit: (inout ObservedLink) -> Void = { _ in }) {
        state.withLock { state in
            var link = state.links[name] ?? Self.fresh(name, &state.lastIndex)
            edit(&link)
            state.links[name] = link
        }
    }

    package func remove(_ name: String) {
        state.withLock { $0.links[name] = nil }
    }

    /// Refuses each further step for which it returns an error.
    package func refuse(_ refuse: (@Sendable (ConfigurationStep) -> PlatformError?)?) {
        state.withLock { $0.refuse = refuse }
    }

    package func ignore(_ ignore: (@Sendable (ConfigurationStep) -> Bool)?) {
        state.withLock { $0.ignore = ignore }
    }

    package func setWay(_ name: String?) {
        state.withLock { $0.way = name }
    }

    package var applied: [ConfigurationStep] { state.withLock { $0.applied } }

    package func link(_ name: String) -> ObservedLink? { state.withLock { $0.links[name] } }

    /// Everything, without the numbers that a link made anew gets.
    package var links: [String: ObservedLink] {
        state.withLock { state in
            state.links.mapValues { link in
                var link = link
                link.index = 0
                link.addresses.sort { $0.text < $1.text }
                return link
            }
        }
    }

    private static func fresh(_ name: String, _ last: inout UInt32) -> ObservedLink {
        last += 1
        var link = ObservedLink(index: last, name: name)
        link.address = "02:00:00:00:00:" + (last < 16 ? "0" : "") + String(last, radix: 16)
        link.minimumMTU = 68
        link.maximumMTU = 9216
        return link
    }

    // MARK: the port

    package func observe(detailed: Set<String>) throws(PlatformError) -> [ObservedLink] {
        state.withLock { state in
            state.links.values.sorted { $0.index < $1.index }.map { link in
                guard !detailed.contains(link.name) else { return link }
                var link = link
                link.parameters = [:]
                link.maxima = [:]
                link.supportedModes = []
                link.features = [:]
                return link
            }
        }
    }

    package func apply(_ step: ConfigurationStep) throws(PlatformError) {
        try end?.pass()
        try state.withLock { state throws(PlatformError) in
            if let error = state.refuse?(step) { throw error }
            state.applied.append(step)
            if state.ignore?(step) == true { return }
            try Self.make(step, &state)
        }
    }

    private static func make(_ step: ConfigurationStep, _ state: inout State) throws(PlatformError) {
        switch step {
        case .create(let name, let made):
            // As the kernel does it: what is there already stays.
            guard state.links[name] == nil else { return }
            if let lower = made.lower, state.links[lower] == nil { throw missing(lower) }
            var link = fresh(name, &state.lastIndex)
            link.kind = made.kind.rawValue
            link.lower = made.lower
            if let lower = made.lower.flatMap({ state.links[$0] }) { link.mtu = lower.mtu }
            state.links[name] = link
        case .delete(let name):
            guard state.links.removeValue(forKey: name) != nil else { throw missing(name) }
            for (port, link) in state.links where link.master == name { state.links[port]?.master = nil }
            for (upper, link) in state.links where link.lower == name { state.links[upper] = nil }
        case .set(let name, let property):
            guard var link = state.links[name] else { throw missing(name) }
            try change(&link, property, state)
            state.links[name] = link
            if case .mtu(let mtu) = property { lowerUppers(of: name, to: mtu, &state) }
        case .restoreAddresses(let name, let addresses):
            guard state.links[name] != nil else { throw missing(name) }
            let restored = addresses.compactMap { InterfaceAddress(String(decoding: $0, as: UTF8.self)) }
            let others = state.links[name]?.addresses.filter { !restored.contains($0) } ?? []
            state.links[name]?.addresses = restored + others
        case .restoreRoutes(let name, _):
            guard state.links[name] != nil else { throw missing(name) }
        }
    }

    /// What runs on an interface never has a larger MTU, and below 1280 no IPv6.
    private static func lowerUppers(of name: String, to mtu: UInt32, _ state: inout State) {
        if mtu < 1280 { state.links[name]?.addresses.removeAll(where: \.isIPv6) }
        for (upper, link) in state.links where link.lower == name && link.mtu > mtu {
            state.links[upper]?.mtu = mtu
            lowerUppers(of: upper, to: mtu, &state)
        }
    }

    private static func change(
        _ link: inout ObservedLink, _ property: LinkProperty, _ state: State
    ) throws(PlatformError) {
        switch property {
        case .up(let isUp):
            link.isUp = isUp
            if !isUp { link.addresses.removeAll(where: \.isIPv6) }
        case .alias(let alias): link.alias = alias
        case .mtu(let mtu):
            guard mtu >= link.minimumMTU ?? 0, mtu <= link.maximumMTU ?? .max else {
                throw PlatformError(.invalidValue, "\(link.name): mtu greater than device maximum", errno: 22)
            }
            link.mtu = mtu
        case .address(let address): link.address = address
        case .queueLength(let packets): link.queueLength = packets
        case .master(let master):
            if let master {
                guard let above = state.links[master] else { throw missing(master) }
                if above.kind == "bond", link.isUp, link.master != master {
                    throw PlatformError(.invalidValue, "\(link.name): device can not be enslaved while up", errno: 1)
                }
            }
            link.master = master
        case .addAddress(let text):
            guard let address = InterfaceAddress(text) else { throw PlatformError(.invalidValue, text, errno: 22) }
            if !link.addresses.contains(address) { link.addresses.append(address) }
        case .removeAddress(let text):
            guard let address = InterfaceAddress(text), let place = link.addresses.firstIndex(of: address) else {
                return
            }
            // The first of a subnet takes the others along.
            let isFirst = !address.isIPv6 && !link.addresses[..<place].contains { $0.isInSubnet(of: address) }
            link.addresses.removeAll { $0 == address || isFirst && $0.isInSubnet(of: address) }
        case .parameter(let parameter, let number):
            guard link.parameters[parameter] != nil else {
                throw PlatformError(.notSupported, "\(link.name): \(parameter.rawValue)", errno: 95)
            }
            link.parameters[parameter] = number
        case .linkMode(let negotiates, let speed, let duplex):
            link.parameters[.autonegotiation] = negotiates ? 1 : 0
            if let speed { link.parameters[.speed] = speed }
            if let duplex { link.parameters[.duplex] = duplex }
        case .options(let made):
            guard link.kind == made.kind.rawValue else {
                throw PlatformError(.notSupported, "\(link.name): its options", errno: 95)
            }
        case .feature(let name, let isOn):
            guard let old = link.features[name] else { throw PlatformError(.notSupported, name, errno: 95) }
            link.features[name] = Feature(
                name: name, isActive: isOn, isRequested: isOn, isChangeable: old.isChangeable)
        }
    }

    private static func missing(_ name: String) -> PlatformError {
        PlatformError(.noSuchInterface, "interface \(name)", errno: 19)
    }

    package func addresses(of interfaces: Set<String>) throws(PlatformError) -> [String: [[UInt8]]] {
        state.withLock { state in
            interfaces.reduce(into: [:]) { found, name in
                guard let link = state.links[name], !link.addresses.isEmpty else { return }
                found[name] = link.addresses.map { Array($0.text.utf8) }
            }
        }
    }

    package func routes(of interfaces: Set<String>) throws(PlatformError) -> [String: [[UInt8]]] { [:] }

    package func interface(toward address: SourceAddress) -> String? { state.withLock { $0.way } }
}

/// A sudden end, as by kill -9: from some call on nothing reaches kernel or store any more.
package final class SuddenEnd: Sendable {
    private struct State {
        var calls = 0
        var limit: Int?
        var isOver = false
    }

    private let state = Mutex(State())

    package init() {}

    /// Ends it before call number `limit`, from 0; nil: never.
    package func arm(_ limit: Int?) {
        state.withLock { $0 = State(limit: limit) }
    }

    package var calls: Int { state.withLock { $0.calls } }
    package var isOver: Bool { state.withLock { $0.isOver } }

    package func pass() throws(PlatformError) {
        guard passes() else { throw PlatformError(.failed, "the process has ended") }
    }

    package func passes() -> Bool {
        state.withLock { state in
            if state.limit == state.calls { state.isOver = true }
            state.calls += 1
            return !state.isOver
        }
    }

}
