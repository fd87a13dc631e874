import Glibc
package import NetworkManagement
package import NetworkModel
import Synchronization

/// What optimising reads and changes in a Linux kernel. Settings go the way that a configuration's go.
package final class LinuxOptimisationPlatform: OptimisationPlatform, Sendable {
    private let interfaces: LinuxInterfacePlatform
    private let configuration: LinuxConfigurationPlatform
    private let disciplines: Mutex<QueueDisciplines>
    private let routeCommands: Mutex<RouteCommands>
    /// nil for a kernel that tells nothing of queues.
    private let statistics = QueueStatistics()

    /// - Throws: when a socket cannot be opened.
    package init(
        _ interfaces: LinuxInterfacePlatform, _ configuration: LinuxConfigurationPlatform
    ) throws(PlatformError) {
        self.interfaces = interfaces
        self.configuration = configuration
        disciplines = Mutex(try QueueDisciplines())
        routeCommands = Mutex(try RouteCommands())
    }

    package func current(
        _ change: OptimisationChange, of index: InterfaceIndex
    ) throws(PlatformError) -> OptimisationChange {
        let link = try interfaces.link(index)
        switch change {
        case .property(let property): return .property(try current(property, of: link))
        case .receiveSteering(let queue, _): return .receiveSteering(queue: queue, try steering(change, link))
        case .transmitSteering(let queue, _): return .transmitSteering(queue: queue, try steering(change, link))
        case .hashPolicy:
            guard let policy = link.bondHashPolicy else { throw missing(change, link) }
            return .hashPolicy(policy)
        case .nextHopWeights(let weights):
            return .nextHopWeights(
                try routeCommands.withLock { commands throws(PlatformError) in
                    try commands.weights(of: weights.route)
                })
        }
    }

    private func current(_ property: LinkProperty, of link: Link) throws(PlatformError) -> LinkProperty {
        switch property {
        case .mtu: return .mtu(link.mtu)
        case .queueLength: return .queueLength(link.queueLength)
        default: break
        }
        let observed = try configuration.observe(detailed: [link.name]).first { $0.name == link.name }
        guard let observed else { throw PlatformError(.noSuchInterface, "interface \(link.name)", errno: ENODEV) }
        switch property {
        case .feature(let name, _):
            guard let feature = observed.features[name] else { throw missing(.property(property), link) }
            return .feature(name, feature.isActive)
        case .parameter(let parameter, _):
            guard let number = observed.parameters[parameter] else { throw missing(.property(property), link) }
            return .parameter(parameter, number)
        case .linkMode:
            guard let negotiates = observed.parameters[.autonegotiation] else {
                throw missing(.property(property), link)
            }
            // What is negotiated is no setting.
            return .linkMode(
                autonegotiation: negotiates != 0, speed: negotiates == 0 ? observed.parameters[.speed] : nil,
                duplex: negotiates == 0 ? observed.parameters[.duplex] : nil)
        default: throw missing(.property(property), link)
        }
    }

    private func steering(_ change: OptimisationChange, _ link: Link) throws(PlatformError) -> ProcessorSet {
        guard let set = QueueDirectory.file(change, link).flatMap({ QueueDirectory.set($0) }) else {
            throw missing(change, link)
        }
        return set
    }

    private func missing(_ change: OptimisationChange, _ link: Link) -> PlatformError {
        PlatformError(.notSupported, "\(link.name) has no \(change.name)", errno: EOPNOTSUPP)
    }

    package func apply(_ change: OptimisationChange, to index: InterfaceIndex) throws(PlatformError) {
        let link = try interfaces.link(index)
        switch change {
        case .property(let property): try configuration.apply(.set(link.name, property))
        case .receiveSteering(_, let set), .transmitSteering(_, let set):
            guard let file = QueueDirectory.file(change, link) else { throw missing(change, link) }
            try SysfsFile.write(set.mask, to: file, "\(link.name): set \(change)") { action, number in
                let code: PlatformError.Code =
                    switch number {
                    case EPERM, EACCES, EROFS: .notPermitted
                    case ENOENT: .notSupported
                    case EINVAL: .invalidValue
                    default: .failed
                    }
                return PlatformError(code, action, errno: number)
            }
        case .hashPolicy(let policy):
            try disciplines.withLock { disciplines throws(PlatformError) in
                try disciplines.setHashPolicy(policy, of: index)
            }
        case .nextHopWeights(let weights):
            try routeCommands.withLock { commands throws(PlatformError) in try commands.set(weights) }
        }
    }

    package func queues(of link: Link) -> QueueLayout? { QueueDirectory.layout(of: link) }

    package func queueing() throws(PlatformError) -> [InterfaceIndex: Queueing] {
        try disciplines.withLock { disciplines throws(PlatformError) in try disciplines.queueing() }
    }

    package func queueCounts() -> [InterfaceIndex: QueueCounts] { statistics?.counts() ?? [:] }

    package func routes() throws(PlatformError) -> [MultipathRoute] {
        try routeCommands.withLock { commands throws(PlatformError) in try commands.routes() }
    }

    package func interrupts(of links: [Link]) -> [InterfaceIndex: UInt64] {
        guard let text = SysfsFile.content("/proc/interrupts") else { return [:] }
        let counts = InterruptCounts(text).counts
        var result: [InterfaceIndex: UInt64] = [:]
        for link in links {
            let numbers = QueueDirectory.interrupts(of: link).compactMap { counts[$0] }
            if !numbers.isEmpty { result[link.index] = numbers.reduce(0, &+) }
        }
        return result
    }

    package func processors() -> [ProcessorLoad] {
        SysfsFile.content("/proc/net/softnet_stat").map { ProcessorLoad.read(softnet: $0) } ?? []
    }

    package func topology() -> [ProcessorPlace] { ProcessorTopology.read() }
}
