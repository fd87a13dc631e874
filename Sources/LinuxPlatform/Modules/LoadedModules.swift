import NetworkModel

/// /proc/modules: "e1000 176128 0 - Live 0x0000000000000000", a list of users where there are any, and taints in brackets
/// at the end (kernel/module/procfs.c).
enum LoadedModules {
    static func read() -> [DriverName: LoadedModule] {
        parse(SysfsFile.content("/proc/modules") ?? "")
    }

    static func parse(_ text: String) -> [DriverName: LoadedModule] {
        var modules: [DriverName: LoadedModule] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 5, let name = DriverName(fields[0]), let references = Int(fields[2]) else { continue }
            let holders = fields[3] == "-" ? [] : fields[3].split(separator: ",").map(String.init)
            var module = LoadedModule(
                name: name, references: references, holders: holders, isLive: fields[4] == "Live")
            if let last = fields.last, last.hasPrefix("("), last.hasSuffix(")") {
                module.taints = String(last.dropFirst().dropLast())
            }
            modules[name] = module
        }
        return modules
    }
}
