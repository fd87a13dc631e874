/// One key of the configuration file: where it stands, what it takes, what it means.
///
/// The reader, the annotated default file and the reference in the documentation all come from these declarations.
package struct Setting: Sendable {
    /// The section's name, without brackets.
    package let section: String
    package let key: String
    package let syntax: SettingSyntax
    package let effect: SettingEffect
    /// What it does, in one or two sentences.
    package let summary: String

    /// Where a setting's value stands in the configuration.
    typealias Path<Value> = any WritableKeyPath<NetworkConfiguration, Value> & Sendable

    private let read: @Sendable (NetworkConfiguration) -> SettingValue
    private let write: @Sendable (inout NetworkConfiguration, SettingValue) -> Bool

    private init<Value>(
        _ section: String, _ key: String, _ syntax: SettingSyntax, _ effect: SettingEffect,
        _ path: Path<Value>, _ summary: String,
        encode: @escaping @Sendable (Value) -> SettingValue, decode: @escaping @Sendable (SettingValue) -> Value?
    ) {
        self.section = section
        self.key = key
        self.syntax = syntax
        self.effect = effect
        self.summary = summary
        read = { encode($0[keyPath: path]) }
        write = { configuration, value in
            guard syntax.accepts(value), let decoded = decode(value) else { return false }
            configuration[keyPath: path] = decoded
            return true
        }
    }

    package var defaultValue: SettingValue { read(NetworkConfiguration()) }

    package func value(in configuration: NetworkConfiguration) -> SettingValue {
        read(configuration)
    }

    /// Sets it; returns whether `value` is of the right type and within range, and changes nothing when it is not.
    package func set(_ value: SettingValue, in configuration: inout NetworkConfiguration) -> Bool {
        write(&configuration, value)
    }

    /// Takes over this setting's value from another configuration.
    package func copy(from source: NetworkConfiguration, to target: inout NetworkConfiguration) {
        _ = write(&target, read(source))
    }
}

// MARK: - Kinds of settings

extension Setting {
    static func flag(
        _ section: String, _ key: String, _ path: Path<Bool>,
        _ summary: String, effect: SettingEffect = .reload
    ) -> Setting {
        Setting(section, key, .boolean, effect, path, summary, encode: SettingValue.boolean) { $0.boolean }
    }

    static func count(
        _ section: String, _ key: String, _ range: ClosedRange<Int64>,
        _ path: Path<Int>, _ summary: String, effect: SettingEffect = .reload
    ) -> Setting {
        Setting(
            section, key, .integer(range, unit: nil), effect, path, summary,
            encode: { .integer(Int64($0)) }, decode: { $0.integer.map { Int($0) } }
        )
    }

    static func milliseconds(
        _ section: String, _ key: String, _ range: ClosedRange<Int64>,
        _ path: Path<Duration>, _ summary: String, effect: SettingEffect = .reload
    ) -> Setting {
        Setting(
            section, key, .integer(range, unit: "milliseconds"), effect, path, summary,
            encode: { .integer(Int64($0 / .milliseconds(1))) }, decode: { $0.integer.map { .milliseconds($0) } }
        )
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
        _ section: String, _ key: String, _ path: Path<Choice>,
        _ summary: String, effect: SettingEffect = .reload
    ) -> Setting {
        Setting(
            section, key, .choice(Choice.allCases.map(\.rawValue)), effect, path, summary,
            encode: { .text($0.rawValue) }, decode: { $0.text.flatMap(Choice.init(rawValue:)) }
        )
    }

    static func socketPath(
        _ section: String, _ key: String, _ path: Path<String>,
        _ summary: String, effect: SettingEffect = .reload
    ) -> Setting {
        // sun_path of unix(7) has 108 octets, the last of them NUL.
        Setting(
            section, key, .absolutePath(maximumOctets: 107), effect, path, summary, encode: SettingValue.text
        ) { $0.text }
    }
}

extension Setting {
    /// The path of a directory in which files are made, with names of ours of up to 55 octets.
    static func directory(
        _ section: String, _ key: String, _ path: Path<String>,
        _ summary: String, effect: SettingEffect = .reload
    ) -> Setting {
        Setting(
            section, key, .absolutePath(maximumOctets: 200), effect, path, summary, encode: SettingValue.text
        ) { $0.text }
    }

    static func user(
        _ section: String, _ key: String, _ path: Path<String>,
        _ summary: String, effect: SettingEffect = .reload
    ) -> Setting {
        Setting(section, key, .userName, effect, path, summary, encode: SettingValue.text) { $0.text }
    }
}

/// When a changed setting takes effect.
package enum SettingEffect: Sendable, Hashable {
    /// When the configuration is reloaded.
    case reload
    /// When the daemon is started again.
    case restart
}

/// A value as the configuration file can say it.
package enum SettingValue: Sendable, Hashable, CustomStringConvertible {
    case boolean(Bool)
    case integer(Int64)
    case text(String)
    /// In its order; each is one line of text.
    case list([String])

    package var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
    package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    package var text: String? { if case .text(let value) = self { value } else { nil } }
    package var list: [String]? { if case .list(let value) = self { value } else { nil } }

    /// As in a TOML file.
    package var description: String {
        switch self {
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .text(let value): TOMLText.string(value)
        case .list(let values): "[" + values.map { TOMLText.string($0) }.joined(separator: ", ") + "]"
        }
    }
}
