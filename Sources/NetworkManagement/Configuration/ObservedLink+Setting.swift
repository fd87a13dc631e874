package import NetworkModel

extension ObservedLink {
    /// What a setting of `[interfaces.NAME]` is now; nil where it has no meaning or nothing is known.
    package func value(of key: String) -> SettingValue? {
        switch key {
        case "admin": .text(isUp ? "up" : "down")
        case "alias": .text(alias)
        case "mtu": .integer(Int64(mtu))
        case "mac": .text(address)
        case "queue_length": .integer(Int64(queueLength))
        case "addresses": .list(addresses.map(\.text))
        case "master": .text(master ?? "")
        case "autonegotiation": parameters[.autonegotiation].map { .boolean($0 != 0) }
        case "speed": parameters[.speed].map { .integer(Int64($0)) }
        case "duplex": parameters[.duplex].map { .text($0 == 0 ? "half" : "full") }
        case "offloads_on": .list(features.values.filter(\.isRequested).map(\.name).sorted())
        case "offloads_off": .list(features.values.filter { !$0.isRequested }.map(\.name).sorted())
        default:
            EthtoolParameter(rawValue: key).flatMap { parameter in
                parameters[parameter].map { parameter.isFlag ? .boolean($0 != 0) : .integer(Int64($0)) }
            }
        }
    }

    /// Whether a setting is as it is wanted.
    func has(_ key: String, _ wanted: SettingValue) -> Bool {
        switch (key, wanted) {
        case ("mac", .text(let text)): text.lowercased() == address
        case ("addresses", .list(let texts)): missing(texts).isEmpty && surplus(texts).isEmpty
        case ("offloads_on", .list(let names)): names.allSatisfy { features[$0]?.isRequested == true }
        case ("offloads_off", .list(let names)): names.allSatisfy { features[$0]?.isRequested == false }
        default: value(of: key) == wanted
        }
    }

    /// The wanted addresses that are not there. One that is down keeps none of IPv6.
    func missing(_ wanted: [String]) -> [InterfaceAddress] {
        wanted.compactMap { InterfaceAddress($0) }.filter {
            !$0.isLinkLocal && !addresses.contains($0) && (isUp || !$0.isIPv6)
        }
    }

    func surplus(_ wanted: [String]) -> [InterfaceAddress] {
        let wanted = Set(wanted.compactMap { InterfaceAddress($0) })
        return addresses.filter { !wanted.contains($0) }
    }
}
