package import NetworkManagement
import NetworkModel
import OrionSchema
package import SMI

/// A notification to be sent: what it is and what it carries, sysUpTime.0 and snmpTrapOID.0 aside.
package struct MIBNotification: Sendable, Hashable {
    package let schema: NotificationSchema
    package let bindings: [VarBind]
    /// A later notification with the same key says all that this one does.
    package let supersededBy: String?

    init(_ schema: NotificationSchema, _ bindings: [VarBind], supersededBy key: String? = nil) {
        self.schema = schema
        self.bindings = bindings
        supersededBy = key
    }
}

extension MIBNotification {
    /// What a console is told of an event; nil when it is told nothing.
    package init?(_ event: InterfaceEvent, uptime: UptimeReference) {
        switch event {
        case .linkUp(let row): self.init(IFMIB.linkUp, row.linkBindings)
        case .linkDown(let row): self.init(IFMIB.linkDown, row.linkBindings)
        case .flapping(let row): self.init(OrionInterfaceMIB.orionInterfaceFlapping, row.flapBindings)
        case .settled(let row): self.init(OrionInterfaceMIB.orionInterfaceSettled, row.flapBindings)
        case .configurationChanged(let row):
            self.init(
                OrionInterfaceMIB.orionInterfaceConfigChanged, row.configurationBindings(uptime),
                supersededBy: "configuration.\(row.index)")
        case .discovered, .appeared, .disappeared, .statusChanged, .resynchronised, .limitExceeded: return nil
        }
    }
}

extension InterfaceRow {
    /// RFC 2863's three in their order, then what names the port to a person: consoles file by the first, people read
    /// the rest.
    fileprivate var linkBindings: [VarBind] {
        [
            bind(IFMIB.IfEntry.ifIndex, .integer(Int32(index.number))),
            bind(IFMIB.IfEntry.ifAdminStatus, .integer(link.administrativeStatus.rawValue)),
            bind(IFMIB.IfEntry.ifOperStatus, .integer(operationalStatus.rawValue)),
            bind(IFMIB.IfXEntry.ifName, .text(link.name)),
            bind(IFMIB.IfXEntry.ifAlias, .text(link.alias.limited(toOctets: 64))),
        ]
    }

    fileprivate var flapBindings: [VarBind] {
        identityBindings + [
            bind(
                OrionInterfaceMIB.OrionInterfaceEntry.orionInterfaceFlapCount,
                .counter32(flapping.transitions)),
            bind(
                OrionInterfaceMIB.OrionInterfaceEntry.orionInterfaceFlapSuppressed,
                .counter32(flapping.suppressed)),
        ]
    }

    fileprivate func configurationBindings(_ uptime: UptimeReference) -> [VarBind] {
        identityBindings + [
            bind(OrionInterfaceMIB.OrionInterfaceEntry.orionInterfaceMtu, .gauge32(link.mtu)),
            bind(
                OrionInterfaceMIB.OrionInterfaceEntry.orionInterfaceMaster,
                .integer(Int32(link.master?.number ?? 0))),
            bind(
                OrionInterfaceMIB.OrionInterfaceEntry.orionInterfaceConfigLastChange,
                uptime.timeTicks(configurationChange)),
        ]
    }

    private var identityBindings: [VarBind] {
        [
            bind(IFMIB.IfEntry.ifIndex, .integer(Int32(index.number))),
            bind(IFMIB.IfXEntry.ifName, .text(link.name)),
            bind(IFMIB.IfEntry.ifAdminStatus, .integer(link.administrativeStatus.rawValue)),
            bind(IFMIB.IfEntry.ifOperStatus, .integer(operationalStatus.rawValue)),
        ]
    }

    private func bind(_ column: ObjectSchema, _ value: Value) -> VarBind {
        VarBind(column.oid.appending(index.number), value)
    }
}
