/// How an interface of software is made (RTM_NEWLINK with IFLA_LINKINFO).
package struct VirtualLink: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
        case bridge, bond, vlan, vxlan, macvlan, dummy

        /// Whether it runs on another interface, always or possibly.
        package var needsLower: Bool { self == .vlan || self == .macvlan }
        package var mayHaveLower: Bool { needsLower || self == .vxlan }
    }

    package var kind: Kind
    /// By name.
    package var lower: String?
    package var vlanIdentifier: UInt16?
    package var vxlanIdentifier: UInt32?
    /// Addresses as text.
    package var vxlanRemote: String?
    package var vxlanLocal: String?
    package var vxlanPort: UInt16?
    /// MACVLAN_MODE_*.
    package var macvlanMode: UInt32?
    /// BOND_MODE_*.
    package var bondMode: UInt8?
    /// Milliseconds.
    package var bondMonitorInterval: UInt32?
    package var bridgeSpeaksSTP: Bool?

    package init(_ kind: Kind) {
        self.kind = kind
    }

    /// Whether an interface that was made as this one can become `other` without being made anew, which takes along
    /// whatever runs on it.
    package func canBecome(_ other: VirtualLink) -> Bool {
        var changed = self
        changed.bridgeSpeaksSTP = other.bridgeSpeaksSTP
        changed.bondMonitorInterval = other.bondMonitorInterval
        // macvlan_changelink knows no way into or out of passthru.
        if ![macvlanMode, other.macvlanMode].contains(Self.passthru) { changed.macvlanMode = other.macvlanMode }
        return changed == other
    }

    private static let passthru: UInt32 = 8

    /// By the number that the kernel gives each (linux/if_bonding.h).
    package static let bondModes = [
        "balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb",
    ]
    /// MACVLAN_MODE_* (linux/if_link.h).
    package static let macvlanModes: [(name: String, number: UInt32)] = [
        ("private", 1), ("vepa", 2), ("bridge", 4), ("passthru", passthru),
    ]

    /// What an interface's section says; nil when it makes none.
    package init?(_ item: ConfigurationItem) {
        guard let kind = item["kind"]?.text.flatMap(Kind.init(rawValue:)) else { return nil }
        self.init(kind)
        lower = item["lower"]?.text
        vlanIdentifier = item["vlan_id"]?.integer.map { UInt16(clamping: $0) }
        vxlanIdentifier = item["vxlan_id"]?.integer.map { UInt32(clamping: $0) }
        vxlanRemote = item["vxlan_remote"]?.text
        vxlanLocal = item["vxlan_local"]?.text
        vxlanPort = item["vxlan_port"]?.integer.map { UInt16(clamping: $0) }
        macvlanMode = item["macvlan_mode"]?.text.flatMap { name in Self.macvlanModes.first { $0.name == name }?.number }
        bondMode = item["bond_mode"]?.text.flatMap { Self.bondModes.firstIndex(of: $0) }.map { UInt8($0) }
        bondMonitorInterval = item["bond_miimon"]?.integer.map { UInt32(clamping: $0) }
        bridgeSpeaksSTP = item["bridge_stp"]?.boolean
    }
}
