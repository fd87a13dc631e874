import NetworkManagement
import NetworkModel

/// The queues of interfaces in /sys/class/net/NAME/queues.
///
/// sysfs shows the network namespace that it was mounted in: an entry counts only when it has the link's index.
struct QueueDirectory {
    private static let root = "/sys/class/net"

    /// Where the entries of a link are; nil when they are not to be found.
    static func path(of link: Link) -> String? {
        guard !link.name.isEmpty, link.name != ".", link.name != "..", !link.name.utf8.contains(UInt8(ascii: "/")),
            SysfsFile.line("\(root)/\(link.name)/ifindex") == "\(link.index)"
        else { return nil }
        return "\(root)/\(link.name)"
    }

    static func layout(of link: Link) -> QueueLayout? {
        guard let path = path(of: link).map({ $0 + "/queues" }) else { return nil }
        let names = SysfsFile.names(in: path)
        func count(_ prefix: String) -> Int { names.count { $0.hasPrefix(prefix) } }
        var layout = QueueLayout()
        layout.receive = (0..<count("rx-")).map { set("\(path)/rx-\($0)/rps_cpus") ?? .none }
        layout.transmit = (0..<count("tx-")).map { set("\(path)/tx-\($0)/xps_cpus") }
        layout.local = local(of: "\(path)/../device")
        return layout
    }

    /// The processors next to a device, or to the one that it is in, as a virtio device is in one of PCI.
    static func local(of device: String, nodes: String = "/sys/devices/system/node") -> ProcessorSet {
        for folder in [device, "\(device)/.."] {
            if let local = SysfsFile.line("\(folder)/local_cpulist").flatMap({ ProcessorSet(list: $0) }) {
                return local
            }
            if let node = SysfsFile.line("\(folder)/numa_node").flatMap({ UInt16($0) }),
                let local = SysfsFile.line("\(nodes)/node\(node)/cpulist").flatMap({ ProcessorSet(list: $0) })
            {
                return local
            }
        }
        return .none
    }

    static func set(_ file: String) -> ProcessorSet? { SysfsFile.line(file).flatMap { ProcessorSet(mask: $0) } }

    static func file(_ change: OptimisationChange, _ link: Link) -> String? {
        guard let path = path(of: link) else { return nil }
        return switch change {
        case .receiveSteering(let queue, _): "\(path)/queues/rx-\(queue)/rps_cpus"
        case .transmitSteering(let queue, _): "\(path)/queues/tx-\(queue)/xps_cpus"
        case .property, .hashPolicy, .nextHopWeights: nil
        }
    }

    /// The numbers of the interrupts of the device behind a link.
    static func interrupts(of link: Link) -> [Int] {
        guard let path = path(of: link).map({ $0 + "/device" }) else { return [] }
        // A virtio device has those of the PCI device that it is in.
        for folder in ["\(path)/msi_irqs", "\(path)/../msi_irqs"] {
            let numbers = SysfsFile.names(in: folder).compactMap { Int($0) }
            if !numbers.isEmpty { return numbers }
        }
        return (SysfsFile.line("\(path)/irq") ?? SysfsFile.line("\(path)/../irq")).flatMap { Int($0) }.map { [$0] }
            ?? []
    }
}
