package import NetworkModel
import Synchronization

/// Watches interfaces for what opens them to more than is meant (`interface_security_enabled`): promiscuous mode that
/// nothing above them explains, and link-layer addresses that nobody configured. Each is an alarm while it lasts, and a
/// record of the audit when it begins and when it ends.
package final class InterfaceWatch: Sendable {
    /// What is wrong with an interface; the raw value is the detail of its alarm.
    private enum Exposure: String, CaseIterable {
        case promiscuous, address
    }

    /// What is known of an interface.
    private struct Sight {
        /// When it appeared: another one may have its index by now.
        let created: MonotonicTime?
        var address: MACAddress
        /// The addresses it may have: the hardware's, the one it was first seen with, and all that were configured.
        var accepted: Set<MACAddress>
        var exposures: Set<Exposure> = []
    }

    private struct State {
        var sights: [InterfaceIndex: Sight] = [:]
        /// What an earlier run of the daemon left raised is looked through once.
        var isReconciled = false
    }

    private let alarms: AlarmManager
    private let audit: AuditTrail
    private let state = Mutex(State())

    /// - Parameter audit: nil when auditing is switched off.
    package init(alarms: AlarmManager, audit: (any AuditStore)?, clock: any MonotonicClock) {
        self.alarms = alarms
        self.audit = AuditTrail(store: audit, clock: clock)
    }

    /// Looks at every interface. Call after interfaces or the configuration changed, and not while a commit is under way:
    /// what it has made so far would look like somebody else's doing.
    package func review(_ interfaces: InterfaceSnapshot, _ configured: ConfigurationSnapshot) {
        state.withLock { state in
            guard configured.configuration.networkManager.interfaceSecurityEnabled else {
                if !state.isReconciled || !state.sights.isEmpty { alarms.retain { $0.kind != .interfaceExposed } }
                state = State(sights: [:], isReconciled: true)
                return
            }
            let wanted = ConfiguredAddresses(configured)
            let layers = Self.layersAbove(interfaces)
            let old = state.sights
            state.sights = [:]
            for row in interfaces.rows {
                state.sights[row.index] = look(
                    at: row, layersAbove: layers[row.index] ?? 0, wanted, old[row.index])
            }
            let sights = state.sights
            if !state.isReconciled {
                alarms.retain { key in
                    key.kind != .interfaceExposed
                        || key.subject.interface.flatMap { sights[$0] }?.exposures
                            .contains { $0.rawValue == key.detail } ?? false
                }
            }
            state.isReconciled = true
        }
    }

    private func look(
        at row: InterfaceRow, layersAbove: UInt32, _ wanted: ConfiguredAddresses, _ old: Sight?
    ) -> Sight {
        let link = row.link
        var sight =
            old.flatMap { $0.created == row.created ? $0 : nil }
            ?? Sight(created: row.created, address: link.address, accepted: [link.address])
        sight.accepted.formUnion(wanted.of(link.name))
        if let permanent = link.permanentAddress { sight.accepted.insert(permanent) }
        var exposures: Set<Exposure> = []
        if link.promiscuity > layersAbove { exposures.insert(.promiscuous) }
        if !Self.takesAddressOfAnother(link), !sight.accepted.contains(link.address) { exposures.insert(.address) }
        for exposure in Exposure.allCases where exposures.contains(exposure) != sight.exposures.contains(exposure) {
            report(exposure, exposures.contains(exposure), row, sight.address)
        }
        sight.exposures = exposures
        sight.address = link.address
        return sight
    }

    /// How many interfaces use each: its master, and those that run on it. A bridge asks its ports to take what is for
    /// others, and so may what runs on an interface.
    private static func layersAbove(_ interfaces: InterfaceSnapshot) -> [InterfaceIndex: UInt32] {
        var layers: [InterfaceIndex: UInt32] = [:]
        for row in interfaces.rows {
            if row.link.master != nil { layers[row.index, default: 0] += 1 }
            if let below = row.link.layerBelow { layers[below, default: 0] += 1 }
        }
        return layers
    }

    /// A bridge has the address of a port of its, and the port of a bond the bond's.
    private static func takesAddressOfAnother(_ link: Link) -> Bool {
        let kinds: Set<String?> = ["bridge", "bond", "team"]
        return kinds.contains(link.kind) || ["bond", "team"].contains(link.portKind)
    }

    private func report(_ exposure: Exposure, _ isPresent: Bool, _ row: InterfaceRow, _ address: MACAddress) {
        let name = row.link.name
        let text: String
        var record = AuditRecord(.interfaceExposure, principal: .unknown, phase: .done)
        switch exposure {
        case .promiscuous:
            text = "\(name) is promiscuous: it takes packets that are for others"
            record.reason = isPresent ? text : "\(name) is promiscuous no longer"
            record.objects = [AuditObject(name: "promiscuity", target: name, new: .integer(isPresent ? 1 : 0))]
        case .address:
            text = "\(name) has a link-layer address that nobody configured: \(row.link.address)"
            record.reason = isPresent ? text : "\(name) has an address again that it may have"
            record.objects = [
                AuditObject(
                    name: "ifPhysAddress", target: name, old: .text("\(address)"), new: .text("\(row.link.address)"))
            ]
        }
        alarms.set(
            AlarmKey(.interfaceExposed, .interface(row.index, name), detail: exposure.rawValue), isPresent, .warning,
            text)
        audit.record(record)
    }
}

/// The link-layer addresses that the configuration gives, or will give back.
private struct ConfiguredAddresses {
    private var byName: [String: Set<MACAddress>] = [:]
    /// Of sections that say by something else than its name which interface they mean.
    private var matching: Set<MACAddress> = []

    init(_ snapshot: ConfigurationSnapshot) {
        for (name, item) in snapshot.configuration.items[.interfaces] ?? [:] {
            guard let address = item["mac"]?.text.flatMap({ MACAddress($0) }) else { continue }
            byName[name, default: []].insert(address)
            if item.keys.contains(where: { $0.hasPrefix("match_") }) { matching.insert(address) }
        }
        for (name, item) in snapshot.baseline {
            if let address = item["mac"]?.text.flatMap({ MACAddress($0) }) { byName[name, default: []].insert(address) }
        }
    }

    func of(_ name: String) -> Set<MACAddress> { matching.union(byName[name] ?? []) }
}
