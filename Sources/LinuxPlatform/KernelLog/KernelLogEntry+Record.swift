package import NetworkManagement
import NetworkModel

extension KernelLogEntry {
    /// A record of /dev/kmsg: "LEVEL,SEQUENCE,MICROSECONDS,FLAGS[,...];TEXT\n", then " KEY=VALUE\n" each
    /// (Documentation/ABI/testing/dev-kmsg). nil for one that is damaged, or that a process wrote: the kernel's own have
    /// facility 0.
    package init?(kmsg record: ArraySlice<UInt8>) {
        guard let semicolon = record.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let head = record[..<semicolon].prefix { $0 != UInt8(ascii: ",") }
        guard let priority = UInt32(String(decoding: head, as: UTF8.self)), priority < 8 else { return nil }
        let lines = record[(semicolon + 1)...].split(separator: UInt8(ascii: "\n")).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard let text = lines.first else { return nil }
        self.init(level: UInt8(priority), text: text)
        for line in lines.dropFirst() where line.hasPrefix(" DEVICE=") {
            let value = line.dropFirst(8)
            if value.hasPrefix("+"), let colon = value.firstIndex(of: ":") {
                device = DeviceAddress(
                    bus: String(value[..<colon].dropFirst()), name: String(value[value.index(after: colon)...]))
            } else if value.hasPrefix("n") {
                interface = Int(value.dropFirst()).flatMap { InterfaceIndex($0) }
            }
        }
    }
}
