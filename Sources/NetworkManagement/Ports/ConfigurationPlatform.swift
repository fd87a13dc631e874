package import NetworkModel

/// Reads what can be configured of interfaces, and changes it step by step. Every call is synchronous and may come from
/// any thread.
package protocol ConfigurationPlatform: Sendable {
    /// Every interface as it is now, ascending by index; with what ethtool says of those in `detailed`.
    func observe(detailed: Set<String>) throws(PlatformError) -> [ObservedLink]

    /// Makes one step, complete when this returns. What already is as the step wants it counts as done: an address that
    /// is there or, to be removed, is not; so that steps can be made again after an interruption.
    func apply(_ step: ConfigurationStep) throws(PlatformError)

    /// The addresses of some interfaces in the kernel's order, but those that it makes itself, as it described them; nothing
    /// of an interface without any.
    func addresses(of interfaces: Set<String>) throws(PlatformError) -> [String: [[UInt8]]]

    /// The routes that go out by each of some interfaces and that the kernel would not make again by itself, as it
    /// described them; nothing of an interface without any.
    func routes(of interfaces: Set<String>) throws(PlatformError) -> [String: [[UInt8]]]

    /// The interface by which packets to an address leave; nil when none does, or it is not known.
    func interface(toward address: SourceAddress) -> String?
}

/// What can be configured of an interface, as it is.
package struct ObservedLink: Sendable, Hashable {
    package var index: UInt32
    package var name: String
    /// IFLA_INFO_KIND; nil for hardware.
    package var kind: String?
    package var isUp = false
    package var alias = ""
    package var mtu: UInt32 = 1500
    package var minimumMTU: UInt32?
    package var maximumMTU: UInt32?
    /// As text, in lower case.
    package var address = ""
    package var permanentAddress: String?
    package var queueLength: UInt32 = 1000
    /// By name.
    package var master: String?
    package var lower: String?
    /// Link-local ones of IPv6 left out.
    package var addresses: [InterfaceAddress] = []
    /// What the driver has of ethtool's numbers, and the highest it takes of them; empty unless asked for.
    package var parameters: [EthtoolParameter: UInt32] = [:]
    package var maxima: [EthtoolParameter: UInt32] = [:]
    /// The link modes that the device is capable of; empty unless asked for, and when the driver does not say.
    package var supportedModes: [LinkMode] = []
    /// By the kernel's names; empty unless asked for.
    package var features: [String: Feature] = [:]
    package var busAddress: String?
    package var driver: String?

    package init(index: UInt32, name: String) {
        self.index = index
        self.name = name
    }
}

/// One change of the kernel's state.
package enum ConfigurationStep: Sendable, Hashable, Codable {
    /// Makes an interface of that name.
    case create(String, VirtualLink)
    /// Removes it.
    case delete(String)
    /// Changes the interface of that name.
    case set(String, LinkProperty)
    /// Puts addresses back, as `addresses(of:)` gave them, with their lifetimes and in their order: the first of a subnet is
    /// the one that packets are sent from.
    case restoreAddresses(String, [[UInt8]])
    /// Puts routes back, as `routes(of:)` gave them; those that are there already, or cannot be any more, are passed
    /// over.
    case restoreRoutes(String, [[UInt8]])

    /// The interface's name.
    package var name: String {
        switch self {
        case .create(let name, _), .delete(let name), .set(let name, _), .restoreAddresses(let name, _),
            .restoreRoutes(let name, _):
            name
        }
    }
}

/// A property of an interface, and what it becomes.
package enum LinkProperty: Sendable, Hashable, Codable {
    case up(Bool)
    case alias(String)
    case mtu(UInt32)
    case address(String)
    case queueLength(UInt32)
    /// nil for none.
    case master(String?)
    case addAddress(String)
    case removeAddress(String)
    case parameter(EthtoolParameter, UInt32)
    /// Speed in Mb/s and duplex as DUPLEX_*, where negotiation does not say.
    case linkMode(autonegotiation: Bool, speed: UInt32?, duplex: UInt32?)
    case feature(String, Bool)
    /// What can be changed of an interface of software while it exists.
    case options(VirtualLink)
}

extension ConfigurationStep: CustomStringConvertible {
    package var description: String {
        switch self {
        case .create(let name, let link): "make \(name), a \(link.kind.rawValue)"
        case .delete(let name): "remove \(name)"
        case .set(let name, let property): "\(name): \(property)"
        case .restoreAddresses(let name, let addresses): "\(name): put back \(addresses.count) addresses"
        case .restoreRoutes(let name, let routes): "\(name): put back \(routes.count) routes"
        }
    }
}

extension LinkProperty: CustomStringConvertible {
    package var description: String {
        switch self {
        case .up(let isUp): isUp ? "set it up" : "set it down"
        case .alias(let alias): "set the alias to \"\(alias)\""
        case .mtu(let octets): "set the MTU to \(octets)"
        case .address(let address): "set the address to \(address)"
        case .queueLength(let packets): "set the queue length to \(packets)"
        case .master(let master): master.map { "make it a port of \($0)" } ?? "take it out of its master"
        case .addAddress(let address): "add \(address)"
        case .removeAddress(let address): "remove \(address)"
        case .parameter(let parameter, let number): "set \(parameter.rawValue) to \(number)"
        case .linkMode(let negotiates, let speed, let duplex):
            "set autonegotiation \(negotiates ? "on" : "off")"
                + (speed.map { ", speed \($0)" } ?? "")
                + (duplex.map { $0 == 0 ? ", half duplex" : ", full duplex" } ?? "")
        case .feature(let name, let isOn): "switch \(name) \(isOn ? "on" : "off")"
        case .options(let link): "set the options of the \(link.kind.rawValue)"
        }
    }
}
