/// What a setting takes.
package enum SettingSyntax: Sendable, Hashable {
    case boolean
    case integer(ClosedRange<Int64>, unit: String?)
    case choice([String])
    /// A path that begins with "/" and is at most so many octets of UTF-8.
    case absolutePath(maximumOctets: Int)
    /// A name of passwd(5): letters, digits, ".", "_" and "-", at most 32 octets.
    case userName
    /// Text without control characters.
    case text(maximumOctets: Int)
    /// A name that the kernel takes for an interface (dev_valid_name): 1..15 octets.
    case interfaceName
    /// The same, or "" for none.
    case interfaceNameOrNone
    /// A unicast Ethernet address, "02:00:5e:10:00:01".
    case macAddress
    /// An IPv4 or IPv6 address without a prefix length.
    case ipAddress
    /// What `PrincipalPattern`, `TargetPattern` and `AddressPrefix` read.
    case principalPattern
    case targetPattern
    case sourcePrefix
    case list(SettingElement, maximum: Int)

    /// Whether `value` is of the right type and within range.
    package func accepts(_ value: SettingValue) -> Bool {
        switch (self, value) {
        case (.boolean, .boolean): return true
        case (.integer(let range, _), .integer(let value)): return range.contains(value)
        case (.list(let element, let maximum), .list(let values)):
            return values.count <= maximum && values.allSatisfy(element.accepts) && Set(values).count == values.count
        case (_, .text(let value)): return accepts(text: value)
        default: return false
        }
    }

    private func accepts(text value: String) -> Bool {
        switch self {
        case .boolean, .integer, .list: false
        case .choice(let choices): choices.contains(value)
        case .absolutePath(let maximum):
            value.utf8.first == UInt8(ascii: "/") && value.utf8.count <= maximum && !value.utf8.contains(0)
        case .userName: (1...32).contains(value.utf8.count) && value.unicodeScalars.allSatisfy(Self.isNameScalar)
        case .text(let maximum): value.utf8.count <= maximum && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        case .interfaceName: Self.isInterfaceName(value)
        case .interfaceNameOrNone: value.isEmpty || Self.isInterfaceName(value)
        case .macAddress: MACAddress(unicast: value) != nil
        case .ipAddress: IPAddressText.parseIPv4(value) != nil || IPAddressText.parseIPv6(value) != nil
        case .principalPattern: PrincipalPattern(value) != nil
        case .targetPattern: TargetPattern(value) != nil
        case .sourcePrefix: AddressPrefix(value) != nil
        }
    }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
            || "._-".unicodeScalars.contains(scalar)
    }

    /// dev_valid_name (net/core/dev.c): neither "." nor "..", no "/", ":" or space; here no control characters either.
    package static func isInterfaceName(_ name: String) -> Bool {
        (1...15).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy {
                $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":")
            }
    }

    /// What it takes, in words that follow "expected".
    package var expectation: String {
        switch self {
        case .boolean: "true or false"
        case .integer(let range, let unit):
            "an integer from \(range.lowerBound) to \(range.upperBound)" + (unit.map { " (\($0))" } ?? "")
        case .choice(let choices): "one of " + choices.map { "\"\($0)\"" }.joined(separator: ", ")
        case .absolutePath(let maximum): "an absolute path of at most \(maximum) octets"
        case .userName: "the name of a user"
        case .text(let maximum): "text of at most \(maximum) octets without control characters"
        case .interfaceName: "the name of an interface (1 to 15 octets, no space, \"/\" or \":\")"
        case .interfaceNameOrNone: "the name of an interface, or \"\" for none"
        case .macAddress: "a unicast Ethernet address as \"02:00:5e:10:00:01\""
        case .ipAddress: "an IP address"
        case .principalPattern: "\"name:PATTERN\" or \"group:NAME\""
        case .targetPattern:
            "\"any\", \"system\", \"interface:PATTERN\", \"kind:PATTERN\" or \"driver:PATTERN\""
        case .sourcePrefix: "an address, a prefix as \"192.0.2.0/24\", or \"unix\""
        case .list(let element, let maximum): "an array of at most \(maximum) \(element.expectation), none twice"
        }
    }
}

/// What an element of a list is.
package enum SettingElement: Sendable, Hashable {
    /// An address and a prefix length, "192.0.2.1/24".
    case interfaceAddress
    /// 1..64 printable octets without space, as a feature's name.
    case word
    /// "name=value", as a module's parameter.
    case assignment
    case choice([String])

    func accepts(_ text: String) -> Bool {
        switch self {
        case .interfaceAddress: InterfaceAddress(text) != nil
        case .word: (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        case .assignment:
            text.utf8.count <= 255 && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
                && (text.firstIndex(of: "=").map { $0 != text.startIndex } ?? false)
        case .choice(let choices): choices.contains(text)
        }
    }

    var expectation: String {
        switch self {
        case .interfaceAddress: "addresses with their prefix length as \"192.0.2.1/24\""
        case .word: "names"
        case .assignment: "texts as \"name=value\""
        case .choice(let choices): "of " + choices.map { "\"\($0)\"" }.joined(separator: ", ")
        }
    }
}
