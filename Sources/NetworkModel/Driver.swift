/// The name of a driver: that of its module, with underscores, as the kernel lists it ("ne2k_pci").
///
/// Names come from requests: nothing but letters, digits, `_` and `-` (which means `_`) is a name, so that none is a path,
/// an option or a pattern.
package struct DriverName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// 1..55 octets (MODULE_NAME_LEN of linux/moduleparam.h, less the NUL).
    package let description: String

    /// nil when `text` is no name.
    package init?(_ text: some StringProtocol) {
        guard (1...55).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "-"),
            text.utf8.allSatisfy({ octet in
                switch octet {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            })
        else { return nil }
        description = String(text.map { $0 == "-" ? "_" : $0 })
    }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

/// A device that is, or could be, driven by a network driver.
package struct NetworkDevice: Sendable, Hashable {
    package let address: DeviceAddress
    /// As the bus numbers them; nil where it does not.
    package var vendor: UInt32?
    package var product: UInt32?
    package var classCode: UInt32?
    /// What drivers are looked up by; empty when the bus tells none.
    package var modalias = ""
    /// The bound driver, as its bus calls it ("ne2k-pci"); nil when none is.
    package var busDriver: String?
    /// The same by its module.
    package var driver: DriverName?
    /// What could drive it, the best first; no module that is blacklisted.
    package var candidates: [DriverName] = []
    /// Its interfaces, by index.
    package var interfaces: [InterfaceIndex: String] = [:]

    package init(address: DeviceAddress) { self.address = address }
}

/// A module that the kernel has loaded.
package struct LoadedModule: Sendable, Hashable {
    package let name: DriverName
    /// How many uses keep it from being unloaded, interfaces that are up not among them.
    package var references: Int
    /// The modules that use it.
    package var holders: [String]
    /// Neither coming nor going.
    package var isLive: Bool
    /// Why it taints the kernel, in the kernel's letters; empty when it does not.
    package var taints = ""
    /// The drivers that it registers: "pci:e1000".
    package var busDrivers: [String] = []

    package init(name: DriverName, references: Int, holders: [String], isLive: Bool) {
        self.name = name
        self.references = references
        self.holders = holders
        self.isLive = isLive
    }
}

/// What the file of a module says of it (modinfo).
package struct ModuleFacts: Sendable, Hashable {
    /// Part of the kernel itself.
    package var isBuiltIn = false
    package var version = ""
    package var summary = ""
    /// In the order of the file.
    package var parameters: [ModuleParameter] = []

    package init() {}
}

package struct ModuleParameter: Sendable, Hashable {
    package let name: String
    /// As the module declares it ("int", "array of int"); empty when it does not.
    package var type: String
    package var summary: String

    package init(name: String, type: String = "", summary: String = "") {
        self.name = name
        self.type = type
        self.summary = summary
    }
}

/// Whether modules can be loaded here.
package enum ModuleSupport: UInt8, Sendable, Hashable, CaseIterable {
    case available = 1
    /// The kernel is built without modules.
    case noKernelSupport = 2
    /// There are no modules for the running kernel.
    case noModules = 3
    /// CAP_SYS_MODULE is missing, or the kernel takes no more modules.
    case notPermitted = 4
}

extension ModuleSupport: CustomStringConvertible {
    package var description: String {
        switch self {
        case .available: "modules can be loaded"
        case .noKernelSupport: "the kernel is built without modules (no /proc/modules)"
        case .noModules: "there are no modules for the running kernel in /lib/modules"
        case .notPermitted: "modules cannot be loaded: CAP_SYS_MODULE is missing, or kernel.modules_disabled is set"
        }
    }
}
