package import NetworkModel

/// What speaks against taking interfaces from the host: that they carry packets to whoever manages it, that they are up,
/// or that the configuration wants them up.
package struct InterfaceGuard: Sendable {
    private let snapshot: @Sendable () -> InterfaceSnapshot
    private let way: @Sendable (SourceAddress) -> String?
    private let managers: @Sendable () -> [SourceAddress]
    private let isWantedUp: @Sendable (InterfaceRow) -> Bool

    /// - Parameters:
    ///   - way: the name of the interface by which packets to an address leave.
    ///   - managers: who changed something lately.
    ///   - isWantedUp: whether the configuration in force wants an interface up.
    package init(
        snapshot: @escaping @Sendable () -> InterfaceSnapshot,
        way: @escaping @Sendable (SourceAddress) -> String? = { _ in nil },
        managers: @escaping @Sendable () -> [SourceAddress] = { [] },
        isWantedUp: @escaping @Sendable (InterfaceRow) -> Bool = { _ in false }
    ) {
        self.snapshot = snapshot
        self.way = way
        self.managers = managers
        self.isWantedUp = isWantedUp
    }

    /// Addresses that belong to nobody (RFC 5737, RFC 3849): packets to them take the default route.
    private static let anywhere: [SourceAddress] = [
        .ipv4(0xC000_0201, port: 0), .ipv6(high: 0x2001_0DB8_0000_0000, low: 1, zone: "", port: 0),
    ]

    /// - Parameter principal: who wants it.
    /// - Returns: the weightiest objection, in words; nil when there is none.
    package func objection(
        toRemoving interfaces: [InterfaceIndex: String], by principal: Principal
    ) -> String? {
        guard !interfaces.isEmpty else { return nil }
        if let objection = managementObjection(toRemoving: interfaces, by: principal) { return objection }
        let snapshot = snapshot()
        let rows = interfaces.sorted { $0.value < $1.value }.compactMap { snapshot.row($0.key) }
        if let row = rows.first(where: { $0.link.flags.contains(.up) }) { return "interface \(row.link.name) is up" }
        if let row = rows.first(where: isWantedUp) {
            return "interface \(row.link.name) is to be up, as configured (interfaces.\(row.link.name).admin)"
        }
        return nil
    }

    /// That packets to whoever manages the host leave by one of them.
    package func managementObjection(
        toRemoving interfaces: [InterfaceIndex: String], by principal: Principal
    ) -> String? {
        let snapshot = snapshot()
        let own = principal.source.host
        for address in [own] + managers().filter({ $0 != own }) + Self.anywhere where address.isOfNetwork {
            guard let name = way(address), name != "lo",
                let row = snapshot.row(named: name),
                let cut = cut(row, interfaces, snapshot, depth: 0)
            else { continue }
            let bound =
                Self.anywhere.contains(address)
                ? "has the default route"
                : address == own ? "leads to \(address.hostText), which asks for it" : "leads to \(address.hostText)"
            return cut == row.index
                ? "interface \(name) \(bound)"
                : "interface \(name), which \(bound), runs on \(interfaces[cut] ?? "it")"
        }
        return nil
    }

    /// Which of `interfaces` an interface cannot be without: itself, what it runs on, or the last of its ports.
    // The kernel bounds nesting at 8 (MAX_NEST_DEV, linux/netdevice.h).
    private func cut(
        _ row: InterfaceRow, _ interfaces: [InterfaceIndex: String], _ snapshot: InterfaceSnapshot, depth: Int
    ) -> InterfaceIndex? {
        if interfaces[row.index] != nil { return row.index }
        guard depth < 8 else { return nil }
        let below = snapshot.stack.layersBelow(row.index).compactMap { snapshot.row($0) }
        let cuts = below.map { cut($0, interfaces, snapshot, depth: depth + 1) }
        return cuts.allSatisfy { $0 != nil } ? cuts.first ?? nil : nil
    }
}

extension SourceAddress {
    /// Whether packets go there.
    var isOfNetwork: Bool {
        switch self {
        case .ipv4, .ipv6: true
        case .unix, .local, .other: false
        }
    }

    /// Without the port, for people.
    var hostText: String {
        switch self {
        case .ipv4(let address, _): IPAddressText.ipv4(address)
        case .ipv6(let high, let low, _, _): IPAddressText.ipv6(high: high, low: low)
        default: description
        }
    }
}
