/// What is said of one driver, interface, rule or threshold: its settings by key. A key that is absent says nothing.
package struct ConfigurationItem: Sendable, Hashable {
    private var values: [String: SettingValue] = [:]

    package init() {}

    package subscript(key: String) -> SettingValue? {
        get { values[key] }
        set { values[key] = newValue }
    }

    package var keys: [String] { Array(values.keys) }
    package var isEmpty: Bool { values.isEmpty }
}

/// A setting of an item.
package struct ItemSetting: Sendable {
    package let key: String
    package let syntax: SettingSyntax
    /// What it does, in one or two sentences.
    package let summary: String
    /// What holds where nothing is said; nil when nothing is done then.
    package let defaultValue: SettingValue?
    package let isRequired: Bool

    init(
        _ key: String, _ syntax: SettingSyntax, _ summary: String, default value: SettingValue? = nil,
        isRequired: Bool = false
    ) {
        self.key = key
        self.syntax = syntax
        self.summary = summary
        defaultValue = value
        self.isRequired = isRequired
    }
}

/// What there can be several of, each under a name.
package enum ItemKind: String, Sendable, Hashable, CaseIterable, Comparable {
    case drivers, interfaces, policy, threshold

    /// Whether each is a table of an array, `[[policy]]`, with its name as a key.
    package var isArray: Bool { self == .policy || self == .threshold }

    /// Whether `name` can be one's.
    package func accepts(name: String) -> Bool {
        switch self {
        case .interfaces: SettingSyntax.isInterfaceName(name)
        case .drivers:
            // A module's name, MODULE_NAME_LEN (linux/module.h): letters, digits, "_" and "-".
            (1...55).contains(name.utf8.count)
                && name.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                        || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
                }
        case .policy, .threshold:
            (1...32).contains(name.utf8.count) && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        }
    }

    package var nameExpectation: String {
        switch self {
        case .interfaces: SettingSyntax.interfaceName.expectation
        case .drivers: "the name of a driver (letters, digits, \"_\" and \"-\")"
        case .policy, .threshold: "a name of 1 to 32 octets without control characters"
        }
    }

    /// As the header of its section is written, for people.
    package var header: String {
        switch self {
        case .drivers: "[drivers.NAME]"
        case .interfaces: "[interfaces.NAME]"
        case .policy: "[[policy]]"
        case .threshold: "[[threshold]]"
        }
    }

    package func setting(_ key: String) -> ItemSetting? { Self.index[self]?[key] }

    private static let index: [ItemKind: [String: ItemSetting]] = Dictionary(
        uniqueKeysWithValues: allCases.map { kind in
            (kind, Dictionary(uniqueKeysWithValues: kind.settings.map { ($0.key, $0) }))
        })

    package static func < (left: Self, right: Self) -> Bool {
        left.position < right.position
    }

    private var position: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
