/// What an alarm is raised on.
///
/// An interface is the same one when its index is, whatever its name has become; everything else goes by name.
package struct AlarmSubject: Sendable, Hashable {
    package enum Kind: UInt8, Sendable, Hashable, CaseIterable {
        /// The host, or oriond itself.
        case system = 1
        case interface = 2
        case driver = 3
        /// Anything else that has a name: a group, a file, an operation.
        case item = 4
    }

    package let kind: Kind
    /// Of an interface; nil for everything else.
    package let interface: InterfaceIndex?
    /// What people call it; empty for the system.
    package let name: String

    private init(_ kind: Kind, _ interface: InterfaceIndex?, _ name: String) {
        self.kind = kind
        self.interface = interface
        self.name = name
    }

    package static let system = AlarmSubject(.system, nil, "")

    package static func interface(_ index: InterfaceIndex, _ name: String) -> AlarmSubject {
        AlarmSubject(.interface, index, name)
    }

    package static func driver(_ name: String) -> AlarmSubject { AlarmSubject(.driver, nil, name) }

    package static func item(_ name: String) -> AlarmSubject { AlarmSubject(.item, nil, name) }

    package static func == (left: Self, right: Self) -> Bool {
        left.kind == right.kind && left.interface == right.interface
            && (left.interface != nil || left.name == right.name)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        if let interface { hasher.combine(interface) } else { hasher.combine(name) }
    }
}

/// Names an alarm: there is one of each key at most, raised and cleared under it.
package struct AlarmKey: Sendable, Hashable {
    package let kind: AlarmKind
    package let subject: AlarmSubject
    /// Tells alarms of one kind on one subject apart, such as the name of the threshold; at most 64 octets are shown.
    package let detail: String

    package init(_ kind: AlarmKind, _ subject: AlarmSubject, detail: String = "") {
        self.kind = kind
        self.subject = subject
        self.detail = detail
    }
}
