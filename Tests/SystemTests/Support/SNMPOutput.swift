import SMI

/// Reads what net-snmp's tools print.
enum SNMPOutput {
    /// Numeric names and enumerations, and all strings in hexadecimal: nothing is left to interpretation.
    static let options = ["-On", "-Oe", "-Ox"]

    /// No MIB modules, no configuration, no state of the host's.
    static let environment = [
        "MIBS": "", "SNMPCONFPATH": "/nonexistent", "SNMP_PERSISTENT_DIR": "/tmp/orion-snmp-tools",
    ]

    static func parse(_ text: String) throws -> [VarBind] {
        // A long value goes on in lines that do not begin with a name.
        var entries: [String] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix(".1.") || entries.isEmpty {
                entries.append(String(line))
            } else {
                entries[entries.count - 1] += line
            }
        }
        return try entries.map(entry)
    }

    /// One "NAME = TYPE: VALUE".
    static func entry(_ text: String) throws -> VarBind {
        guard let separator = text.firstRange(of: " = "), let name = OID(text[..<separator.lowerBound]) else {
            throw Unreadable(text: text)
        }
        return VarBind(name, try value(text[separator.upperBound...], of: text))
    }

    private static func value(_ text: Substring, of entry: String) throws -> Value {
        if text == "\"\"" { return .bytes([]) }
        if text.hasPrefix("No Such Object") { return .noSuchObject }
        if text.hasPrefix("No Such Instance") { return .noSuchInstance }
        if text.hasPrefix("No more variables") { return .endOfMIBView }
        guard let separator = text.firstRange(of: ": ") else { throw Unreadable(text: entry) }
        let content = text[separator.upperBound...]
        let parsed: Value? =
            switch text[..<separator.lowerBound] {
            case "INTEGER": Int32(content).map(Value.integer)
            case "Counter32": UInt32(content).map(Value.counter32)
            case "Counter64": UInt64(content).map(Value.counter64)
            case "Gauge32", "Unsigned32": UInt32(content).map(Value.gauge32)
            case "Timeticks": UInt32(content.dropFirst().prefix { $0.isNumber }).map(Value.timeTicks)
            case "OID": OID(content).map(Value.objectIdentifier)
            case "IpAddress": address(content)
            case "Hex-STRING", "BITS": octets(content).map(Value.bytes)
            default: nil
            }
        guard let parsed else { throw Unreadable(text: entry) }
        return parsed
    }

    private static func octets(_ text: Substring) -> [UInt8]? {
        var octets: [UInt8] = []
        for part in text.split(separator: " ") {
            guard let octet = UInt8(part, radix: 16) else { return nil }
            octets.append(octet)
        }
        return octets
    }

    private static func address(_ text: Substring) -> Value? {
        let parts = text.split(separator: ".").compactMap { UInt32($0) }
        guard parts.count == 4 else { return nil }
        return .ipAddress(parts.reduce(0) { $0 << 8 | $1 })
    }
}

struct Unreadable: Error {
    let text: String
}
