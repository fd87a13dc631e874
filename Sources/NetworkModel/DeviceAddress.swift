/// Where a device is: its bus and its name there, as "pci" and "0000:00:03.0".
package struct DeviceAddress: Sendable, Hashable, Comparable {
    package let bus: String
    package let name: String

    package init(bus: String, name: String) {
        self.bus = bus
        self.name = name
    }

    package static func < (left: Self, right: Self) -> Bool { (left.bus, left.name) < (right.bus, right.name) }
}

extension DeviceAddress: CustomStringConvertible {
    /// `BUS/NAME`.
    package var description: String { "\(PrintableOctets.text(of: bus.utf8))/\(PrintableOctets.text(of: name.utf8))" }
}
