/// What a thread may do beside its user's rights (capabilities(7)); the numbers are those of linux/capability.h.
enum Capability: UInt64 {
    case networkAdministration = 12
    case modules = 16

    /// Whether the calling thread has it.
    var isEffective: Bool {
        let status = SysfsFile.content("/proc/thread-self/status") ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let digits = line?.dropFirst(7).drop { $0 == "\t" || $0 == " " } ?? ""
        return (UInt64(digits, radix: 16) ?? 0) & (1 << rawValue) != 0
    }
}
