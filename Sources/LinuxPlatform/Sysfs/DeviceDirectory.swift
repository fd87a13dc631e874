import Glibc
import NetworkModel

/// Finds the devices behind interfaces in /sys/class/net.
///
/// sysfs shows the network namespace that it was mounted in, which need not be ours: an entry counts only when it has
/// the link's index.
struct DeviceDirectory: ~Copyable {
    /// nil where sysfs is not mounted.
    private let root: Directory?

    init(path: String = "/sys/class/net") {
        root = Directory(opening: path, in: AT_FDCWD)
    }

    /// The device as sysfs has it; nil when the link is virtual or not to be found.
    func device(of link: Link) -> Device? {
        guard isPlain(link.name), let interface = root?.directory(link.name),
            interface.text(of: "ifindex") == String(link.index.number),
            let address = interface.target(of: "device"),
            link.parentDevice == nil || link.parentDevice == address
        else { return nil }
        return Device(
            driver: interface.target(of: "device/driver"), bus: interface.target(of: "device/subsystem"),
            busAddress: address)
    }

    /// Whether `name` is one path component, and whole: the kernel forbids "/" (dev_valid_name), but it is not for us to
    /// rely on that.
    private func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(UInt8(ascii: "/"))
            && !name.unicodeScalars.contains("\u{FFFD}")
    }
}
