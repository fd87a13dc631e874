package import NetworkModel

extension AccessRequest {
    /// What the policy is asked before somebody changes a setting: shutting a port is operating it, the rest of an
    /// interface or a driver is its configuration, and what the daemon itself cares for is the administrator's.
    package init(_ setting: SettingPath, in snapshot: InterfaceSnapshot) {
        switch setting.kind {
        case .interfaces:
            let name = setting.item ?? ""
            let row = snapshot.rows.first { $0.link.name == name }
            self.init(
                setting.key == "admin" ? .operate : .configure,
                row.map { AccessTarget($0.interface) } ?? .interface(name: name, kind: nil, driver: nil))
        case .drivers: self.init(.configure, .driver(setting.item ?? ""))
        case .policy, .threshold, nil: self.init(.administer, .system)
        }
    }
}
