package import NetworkModel
import Synchronization

/// One interface as the Interface Manager knows it at one moment.
package final class InterfaceRow: Sendable {
    // Each part of the interface by itself: readers want one of them, without copying the rest.
    package let link: Link
    package let settings: LinkSettings?
    package let device: Device?
    package let addresses: [InterfaceAddress]
    package let multicastAddresses: [MACAddress]
    /// Of `link`.
    package let operationalStatus: OperationalStatus
    /// Of `interface`.
    package let isPhysical: Bool
    /// When it appeared; nil when it was there before the manager.
    package let created: MonotonicTime?
    /// When its operational status became what it is; nil when before the manager.
    package let lastChange: MonotonicTime?
    /// When its configuration last changed, by whomever; nil when it has not since the manager knows it.
    package let configurationChange: MonotonicTime?
    /// Whether it is within `manager_max_interfaces` and not released: an unmanaged one is shown, not changed.
    package let isManaged: Bool
    /// ifLinkUpDownTrapEnable.
    package let sendsLinkNotifications: Bool
    package let flapping: FlapCondition

    init(
        interface: NetworkInterface, created: MonotonicTime?, lastChange: MonotonicTime?,
        configurationChange: MonotonicTime?, isManaged: Bool, sendsLinkNotifications: Bool, flapping: FlapCondition
    ) {
        link = interface.link
        settings = interface.settings
        device = interface.device
        addresses = interface.addresses
        multicastAddresses = interface.multicastAddresses
        operationalStatus = interface.link.operationalStatus
        isPhysical = interface.isPhysical
        self.created = created
        self.lastChange = lastChange
        self.configurationChange = configurationChange
        self.isManaged = isManaged
        self.sendsLinkNotifications = sendsLinkNotifications
        self.flapping = flapping
    }

    package var index: InterfaceIndex { link.index }

    package var interface: NetworkInterface {
        NetworkInterface(
            link: link, settings: settings, device: device, addresses: addresses,
            multicastAddresses: multicastAddresses)
    }
}

/// How restless an interface has been.
package struct FlapCondition: Sendable, Hashable {
    /// Changes of the operational status since the interface appeared; wraps.
    package var transitions: UInt32 = 0
    /// Link notifications that damping held back; wraps.
    package var suppressed: UInt32 = 0
    /// Notifications are held back until the interface settles.
    package var isDamped = false

    package init() {}
}

/// Every interface at one moment. Immutable; a reader keeps it as long as it likes.
package final class InterfaceSnapshot: Sendable {
    /// Ascending by index.
    package let rows: InterfaceRows
    /// As many are managed as may be.
    package let isFull: Bool
    /// When an interface last appeared or went; nil when none has since the manager began.
    package let tableLastChange: MonotonicTime?
    /// When the layering last changed; nil likewise.
    package let stackLastChange: MonotonicTime?
    /// How often everything was read anew, and how often because events were lost.
    package let resynchronisations: UInt64
    package let overruns: UInt64
    private let lazyStack = Mutex<InterfaceStack?>(nil)
    private let lazyNames = Mutex<[String: InterfaceRow]?>(nil)

    /// Before anything is known.
    package static let empty = InterfaceSnapshot(
        rows: InterfaceRows(), isFull: false, tableLastChange: nil, stackLastChange: nil, resynchronisations: 0,
        overruns: 0)

    init(
        rows: InterfaceRows, isFull: Bool, tableLastChange: MonotonicTime?, stackLastChange: MonotonicTime?,
        resynchronisations: UInt64, overruns: UInt64
    ) {
        self.rows = rows
        self.isFull = isFull
        self.tableLastChange = tableLastChange
        self.stackLastChange = stackLastChange
        self.resynchronisations = resynchronisations
        self.overruns = overruns
    }

    /// The indexes of `rows`.
    package var indexes: [UInt32] { rows.indexes }

    /// There are interfaces that are not managed for want of room.
    package var exceedsLimit: Bool { isFull && !rows.allSatisfy(\.isManaged) }

    /// The row of `index`, by binary search.
    package func row(_ index: InterfaceIndex) -> InterfaceRow? {
        rows.row(index)
    }

    /// The row of the interface of a name; nil when there is none. The names are laid out when first asked for.
    package func row(named name: String) -> InterfaceRow? {
        lazyNames.withLock { names in
            if let names { return names[name] }
            let computed = Dictionary(rows.map { ($0.link.name, $0) }) { first, _ in first }
            names = computed
            return computed[name]
        }
    }

    /// Which interface runs on which; computed when first asked for.
    package var stack: InterfaceStack {
        lazyStack.withLock { stack in
            if let stack { return stack }
            let computed = InterfaceStack(rows)
            stack = computed
            return computed
        }
    }

    /// The speed of an interface: its own, or for one without its own what lies below.
    ///
    /// A bond or team carries the sum of its ports, a VLAN or MACVLAN what its parent carries. nil when unknown.
    package func speed(of row: InterfaceRow) -> BitsPerSecond? {
        speed(of: row, depth: 0)
    }

    // The kernel bounds nesting at 8 (MAX_NEST_DEV, linux/netdevice.h).
    private func speed(of row: InterfaceRow, depth: Int) -> BitsPerSecond? {
        if let speed = row.settings?.speed { return speed }
        guard depth < 8 else { return nil }
        switch row.link.kind {
        case "bond", "team":
            let speeds = stack.layersBelow(row.index).compactMap { index in
                self.row(index).flatMap { speed(of: $0, depth: depth + 1) }
            }
            return speeds.isEmpty ? nil : BitsPerSecond(speeds.reduce(0) { $0 &+ $1.value })
        case "vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "macsec":
            return row.link.layerBelow.flatMap(self.row).flatMap { speed(of: $0, depth: depth + 1) }
        default:
            return nil
        }
    }
}
