package import NetworkModel

extension AccessRequest {
    /// What the policy is asked before somebody edits a setting; see `init(_:of:)`.
    package init(_ setting: SettingPath, in snapshot: InterfaceSnapshot) {
        self.init(setting) { name in snapshot.row(named: name).map { AccessTarget($0.interface) } }
    }

    /// What the policy is asked before somebody changes a setting: shutting a port is operating it, the rest of an
    /// interface or a driver is its configuration, and what the daemon itself cares for is the administrator's.
    ///
    /// - Parameter target: the interface of a name; nil when there is none.
    init(_ setting: SettingPath, of target: (String) -> AccessTarget?) {
        switch setting.kind {
        case .interfaces:
            let name = setting.item ?? ""
            self.init(
                setting.key == "admin" ? .operate : .configure,
                target(name) ?? .interface(name: name, kind: nil, driver: nil))
        case .drivers: self.init(.configure, .driver(setting.item ?? ""))
        case .policy, .threshold, nil: self.init(.administer, .system)
        }
    }
}

extension AccessTarget {
    /// The target that a link is.
    init(_ link: ObservedLink) {
        self = .interface(name: link.name, kind: link.kind, driver: link.driver)
    }
}
