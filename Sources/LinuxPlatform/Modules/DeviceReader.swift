import NetworkModel

/// One device of sysfs, as a network device.
struct DeviceReader {
    private let address: DeviceAddress
    private let path: String
    private let library: ModuleLibrary

    init(_ address: DeviceAddress, _ library: ModuleLibrary) {
        self.address = address
        self.library = library
        path = "/sys/bus/\(address.bus)/devices/\(address.name)"
    }

    /// nil when it neither has an interface nor could have one.
    ///
    /// A device that leads to another bus, such as the PCI side of a virtio device, is not one while its driver has it: the
    /// device beyond is.
    func networkDevice() -> NetworkDevice? {
        guard let modalias = SysfsFile.line("\(path)/modalias"), !modalias.isEmpty else { return nil }
        let interfaces = interfaces
        let busDriver = SysfsFile.target("\(path)/driver")
        let candidates = library.candidates(for: modalias)
        let network = candidates.filter(\.isNetwork)
        let isOfNetworkClass = classCode.map { $0 >> 16 == 0x02 } ?? false
        if interfaces.isEmpty {
            // virtio's network device is type 1 (linux/virtio_ids.h); its modalias says so.
            let isVirtioNetwork = modalias.hasPrefix("virtio:d00000001v")
            let isKnown = candidates.contains { !$0.isNetwork } ? false : !network.isEmpty && isModular(network)
            guard isOfNetworkClass || isVirtioNetwork || isKnown else { return nil }
            if let busDriver, busDriver.hasPrefix("virtio-") { return nil }
        }
        var device = NetworkDevice(address: address)
        device.vendor = number("vendor") ?? number("idVendor")
        device.product = number("device") ?? number("idProduct")
        device.classCode = classCode
        device.modalias = modalias
        device.busDriver = busDriver
        device.driver = busDriver.flatMap { name in
            SysfsFile.target("\(path)/driver/module").flatMap { DriverName($0) } ?? DriverName(name)
        }
        device.candidates = candidates.map(\.name)
        device.interfaces = interfaces
        return device
    }

    /// A module that is part of the kernel does not tell where it lies.
    private func isModular(_ candidates: [ModuleLibrary.Candidate]) -> Bool {
        candidates.contains { library.facts(of: $0.name)?.isBuiltIn == false }
    }

    private var classCode: UInt32? { number("class") }

    private var interfaces: [InterfaceIndex: String] {
        var found: [InterfaceIndex: String] = [:]
        for name in SysfsFile.names(in: "\(path)/net") {
            guard
                let index = SysfsFile.line("\(path)/net/\(name)/ifindex").flatMap({ Int($0) }).flatMap({
                    InterfaceIndex($0)
                })
            else { continue }
            found[index] = name
        }
        return found
    }

    private func number(_ file: String) -> UInt32? {
        guard let text = SysfsFile.line("\(path)/\(file)") else { return nil }
        return UInt32(text.hasPrefix("0x") ? text.dropFirst(2) : text[...], radix: 16)
    }
}
