package import NetworkManagement
package import NetworkModel
import Synchronization

/// What can be configured of the interfaces of one network namespace of a Linux kernel: that of the thread that makes it.
package final class LinuxConfigurationPlatform: ConfigurationPlatform, Sendable {
    private let interfaces: LinuxInterfacePlatform
    private let links: Mutex<ConfigurationCommands>
    private let ethtool: Mutex<EthtoolCommands>

    /// - Parameter interfaces: reads what is common to all.
    /// - Throws: when a socket cannot be opened.
    package init(_ interfaces: LinuxInterfacePlatform) throws(PlatformError) {
        self.interfaces = interfaces
        links = Mutex(try ConfigurationCommands())
        ethtool = Mutex(try EthtoolCommands())
    }

    package func observe(detailed: Set<String>) throws(PlatformError) -> [ObservedLink] {
        let all = try interfaces.links()
        let addresses = try interfaces.addresses()
        var names: [InterfaceIndex: String] = [:]
        for link in all { names[link.index] = link.name }
        var result: [ObservedLink] = []
        result.reserveCapacity(all.count)
        for link in all {
            var observed = ObservedLink(link, names: names)
            observed.addresses = (addresses[link.index] ?? []).filter { !$0.isLinkLocal }
            if let device = interfaces.device(of: link) {
                observed.busAddress = device.busAddress
                observed.driver = device.driver
            }
            if detailed.contains(link.name), let settings = try details(link.index) { observed.take(settings) }
            result.append(observed)
        }
        return result
    }

    /// nil when the interface went meanwhile, or has none.
    private func details(_ index: InterfaceIndex) throws(PlatformError) -> LinkSettings? {
        do {
            return try interfaces.settings(of: index)
        } catch let error where error.code == .noSuchInterface {
            return nil
        }
    }

    package func apply(_ step: ConfigurationStep) throws(PlatformError) {
        switch step {
        case .set(let name, .parameter(let parameter, let number)):
            try ethtool.withLock { ethtool throws(PlatformError) in try ethtool.set(parameter, number, of: name) }
        case .set(let name, .linkMode(let negotiates, let speed, let duplex)):
            try ethtool.withLock { ethtool throws(PlatformError) in
                try ethtool.setLinkMode(of: name, autonegotiation: negotiates, speed: speed, duplex: duplex)
            }
        case .set(let name, .feature(let feature, let isOn)):
            try ethtool.withLock { ethtool throws(PlatformError) in
                try ethtool.setFeature(feature, isOn, of: name)
            }
        default:
            try links.withLock { links throws(PlatformError) in try links.apply(step) }
        }
    }

    package func addresses(of names: Set<String>) throws(PlatformError) -> [String: [[UInt8]]] {
        try byName(names, links.withLock { links throws(PlatformError) in try links.addresses() })
    }

    package func routes(of names: Set<String>) throws(PlatformError) -> [String: [[UInt8]]] {
        try byName(names, links.withLock { links throws(PlatformError) in try links.routes() })
    }

    /// Of all that was read at once: there may be many interfaces, and reading what there is of one reads it all.
    private func byName(
        _ names: Set<String>, _ byIndex: [InterfaceIndex: [[UInt8]]]
    ) throws(PlatformError) -> [String: [[UInt8]]] {
        var byName: [String: [[UInt8]]] = [:]
        for link in try interfaces.links() where names.contains(link.name) { byName[link.name] = byIndex[link.index] }
        return byName
    }

    package func interface(toward address: SourceAddress) -> String? {
        let octets: [UInt8]
        switch address {
        case .ipv4(let number, _): octets = withUnsafeBytes(of: number.bigEndian) { Array($0) }
        case .ipv6(let high, let low, _, _):
            octets =
                withUnsafeBytes(of: high.bigEndian) { Array($0) } + withUnsafeBytes(of: low.bigEndian) { Array($0) }
        default: return nil
        }
        guard let index = links.withLock({ links in try? links.way(to: octets) }) else { return nil }
        return try? interfaces.link(index).name
    }
}

extension ObservedLink {
    fileprivate init(_ link: Link, names: [InterfaceIndex: String]) {
        self.init(index: link.index.number, name: link.name)
        kind = link.kind
        isUp = link.flags.contains(.up)
        alias = link.alias
        mtu = link.mtu
        minimumMTU = link.minimumMTU
        maximumMTU = link.maximumMTU
        address = link.address.description
        permanentAddress = link.permanentAddress?.description
        queueLength = link.queueLength
        master = link.master.flatMap { names[$0] }
        // A veth's peer is beside it, not below.
        lower = link.kind == "veth" ? nil : link.lower.flatMap { names[$0] }
    }

    fileprivate mutating func take(_ settings: LinkSettings) {
        if let negotiates = settings.autonegotiation { parameters[.autonegotiation] = negotiates ? 1 : 0 }
        supportedModes = settings.supportedModes
        if let speed = settings.speed { parameters[.speed] = UInt32(clamping: speed.value / 1_000_000) }
        switch settings.duplex {
        case .half: parameters[.duplex] = 0
        case .full: parameters[.duplex] = 1
        case .unknown: break
        }
        func number(_ parameter: EthtoolParameter, _ value: UInt32, _ maximum: UInt32) {
            guard maximum > 0 else { return }
            parameters[parameter] = value
            maxima[parameter] = maximum
        }
        if let rings = settings.rings {
            number(.ringReceive, rings.receive, rings.receiveMaximum)
            number(.ringTransmit, rings.transmit, rings.transmitMaximum)
        }
        if let channels = settings.channels {
            number(.channelsReceive, channels.receive, channels.receiveMaximum)
            number(.channelsTransmit, channels.transmit, channels.transmitMaximum)
            number(.channelsCombined, channels.combined, channels.combinedMaximum)
        }
        if let coalescing = settings.coalescing {
            parameters[.coalesceReceiveMicroseconds] = coalescing.receiveMicroseconds
            parameters[.coalesceTransmitMicroseconds] = coalescing.transmitMicroseconds
            parameters[.coalesceReceiveFrames] = coalescing.receiveFrames
            parameters[.coalesceTransmitFrames] = coalescing.transmitFrames
            parameters[.coalesceReceiveAdaptive] = coalescing.isReceiveAdaptive.map { $0 ? 1 : 0 }
            parameters[.coalesceTransmitAdaptive] = coalescing.isTransmitAdaptive.map { $0 ? 1 : 0 }
        }
        for feature in settings.features { features[feature.name] = feature }
    }
}
