import NetworkModel

/// A change of an interface by which optimising improves it, or takes that back.
package enum OptimisationChange: Sendable, Hashable, Codable {
    /// What a configuration can set too.
    case property(LinkProperty)
    /// The processors to which packets of a receive queue are spread (rps_cpus).
    case receiveSteering(queue: UInt32, ProcessorSet)
    /// The processors that send by a transmit queue (xps_cpus).
    case transmitSteering(queue: UInt32, ProcessorSet)
    /// How a bond chooses the member for a packet: BOND_XMIT_POLICY_* (linux/if_bonding.h).
    case hashPolicy(UInt8)
    /// How a route shares flows among its next hops.
    case nextHopWeights(RouteWeights)

    /// What is changed, as the audit and the operator call it: "mtu", "tx-tcp-segmentation", "rps_cpus of rx-0".
    package var name: String {
        switch self {
        case .property(let property): property.key
        case .receiveSteering(let queue, _): "rps_cpus of rx-\(queue)"
        case .transmitSteering(let queue, _): "xps_cpus of tx-\(queue)"
        case .hashPolicy: "xmit_hash_policy"
        case .nextHopWeights(let weights): "weights of \(weights.route)"
        }
    }

    /// What it becomes.
    package var value: String {
        switch self {
        case .property(let property): property.value
        case .receiveSteering(_, let set), .transmitSteering(_, let set): set.mask
        case .hashPolicy(let policy): HashPolicy(rawValue: policy).map { "\($0)" } ?? "\(policy)"
        case .nextHopWeights(let weights):
            weights.hops.map { hop in
                "\(hop.gateway.isEmpty ? "interface \(hop.interface)" : hop.gatewayText) \(hop.weight)"
            }.joined(separator: ", ")
        }
    }

    /// The route that it changes; nil for a change of the interface itself.
    var weights: RouteWeights? {
        if case .nextHopWeights(let weights) = self { weights } else { nil }
    }
}

extension OptimisationChange: CustomStringConvertible {
    package var description: String { "\(name) = \(value)" }
}

extension LinkProperty {
    /// The name of the setting: that of the configuration's key, or the feature's.
    fileprivate var key: String {
        switch self {
        case .up: "admin"
        case .alias: "alias"
        case .mtu: "mtu"
        case .address: "address"
        case .queueLength: "queue_length"
        case .master: "master"
        case .addAddress, .removeAddress: "addresses"
        case .parameter(let parameter, _): parameter.rawValue
        case .linkMode: "autonegotiation"
        case .feature(let name, _): name
        case .options: "options"
        }
    }

    fileprivate var value: String {
        switch self {
        case .up(let isUp): isUp ? "up" : "down"
        case .alias(let text), .address(let text), .addAddress(let text), .removeAddress(let text): text
        case .mtu(let number), .queueLength(let number): "\(number)"
        case .parameter(let parameter, let number): parameter.isFlag ? number == 0 ? "off" : "on" : "\(number)"
        case .master(let name): name ?? ""
        case .linkMode(let negotiates, _, _): negotiates ? "on" : "off"
        case .feature(_, let isOn): isOn ? "on" : "off"
        case .options(let link): link.kind.rawValue
        }
    }
}

/// BOND_XMIT_POLICY_* (linux/if_bonding.h), by the names of its documentation.
package enum HashPolicy: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case layer2 = 0
    case layer34 = 1
    case layer23 = 2
    case encap23 = 3
    case encap34 = 4
    case vlanSource = 5

    package var description: String {
        switch self {
        case .layer2: "layer2"
        case .layer34: "layer3+4"
        case .layer23: "layer2+3"
        case .encap23: "encap2+3"
        case .encap34: "encap3+4"
        case .vlanSource: "vlan+srcmac"
        }
    }
}
