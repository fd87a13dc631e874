import NetworkManagement

/// Where processors are, as /sys/devices/system/cpu tells it (Documentation/admin-guide/cputopology.rst).
struct ProcessorTopology {
    /// - Parameter root: where sysfs has its processors.
    static func read(_ root: String = "/sys/devices/system/cpu") -> [ProcessorPlace] {
        guard let online = SysfsFile.line("\(root)/online").flatMap({ ProcessorSet(list: $0) }) else { return [] }
        let running = Set(online.numbers)
        var cores: [Core: Int] = [:]
        return online.numbers.map { number in
            let folder = "\(root)/cpu\(number)/topology"
            let siblings = SysfsFile.line("\(folder)/thread_siblings_list").flatMap { ProcessorSet(list: $0) }
            if let siblings, siblings.numbers.contains(number) {
                return ProcessorPlace(number: number, core: siblings.numbers.first(where: running.contains) ?? number)
            }
            guard let package = SysfsFile.line("\(folder)/physical_package_id").flatMap({ Int($0) }),
                let core = SysfsFile.line("\(folder)/core_id").flatMap({ Int($0) })
            else { return ProcessorPlace(number: number, core: number) }
            let first = cores[Core(package: package, core: core), default: number]
            cores[Core(package: package, core: core)] = first
            return ProcessorPlace(number: number, core: first)
        }
    }

    /// A core's number is one of its package only.
    private struct Core: Hashable {
        let package: Int
        let core: Int
    }
}
