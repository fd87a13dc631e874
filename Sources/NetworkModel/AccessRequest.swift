/// What somebody wants to do, as the policy sees it.
package struct AccessRequest: Sendable, Hashable {
    package let action: ActionClass
    package let target: AccessTarget

    package init(_ action: ActionClass, _ target: AccessTarget) {
        self.action = action
        self.target = target
    }
}

/// What a request is about.
package enum AccessTarget: Sendable, Hashable {
    /// The daemon itself: settings, policies, the audit.
    case system
    /// An interface by name; the kind is nil for hardware, the driver nil when there is none.
    case interface(name: String, kind: String?, driver: String?)
    /// A driver by name.
    case driver(String)
}

extension AccessTarget: CustomStringConvertible {
    /// `system`, `interface NAME`, `driver NAME`.
    package var description: String {
        switch self {
        case .system: "system"
        case .interface(let name, _, _): "interface \(PrintableOctets.text(of: name.utf8))"
        case .driver(let name): "driver \(PrintableOctets.text(of: name.utf8))"
        }
    }
}

extension AccessTarget {
    /// The target that a link is.
    package init(_ interface: NetworkInterface) {
        self = .interface(name: interface.link.name, kind: interface.link.kind, driver: interface.device?.driver)
    }
}
