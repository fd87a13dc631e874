/// Where a setting stands: "network_manager.manager_timeout", "interfaces.eth0.mtu".
package struct SettingPath: Sendable, Hashable, CustomStringConvertible {
    package let section: String
    /// Which of several; nil for a setting of the daemon.
    package let item: String?
    package let key: String

    package init(_ section: String, _ item: String? = nil, _ key: String) {
        self.section = section
        self.item = item
        self.key = key
    }

    package init(_ kind: ItemKind, _ item: String, _ key: String) {
        self.init(kind.rawValue, item, key)
    }

    /// Reads `description`; nil when there can be no such setting. The item's name is what stands between the first dot
    /// and the last, so that it may have dots.
    package init?(_ text: some StringProtocol) {
        guard let first = text.firstIndex(of: "."), let last = text.lastIndex(of: ".") else { return nil }
        section = String(text[..<first])
        key = String(text[text.index(after: last)...])
        item = first == last ? nil : String(text[text.index(after: first)..<last])
        guard syntax != nil else { return nil }
    }

    package var description: String {
        if let item { "\(section).\(item).\(key)" } else { "\(section).\(key)" }
    }

    /// The longest `description` that a console can be shown, and can edit (OrionSettingName of ORION-CONFIG-MIB): an
    /// object identifier ends there.
    package static let maximumOctets = 80

    package var kind: ItemKind? { item == nil ? nil : ItemKind(rawValue: section) }

    /// What it takes; nil when there is no such setting.
    package var syntax: SettingSyntax? {
        if let item {
            guard let kind = ItemKind(rawValue: section), kind.accepts(name: item) else { return nil }
            return kind.setting(key)?.syntax
        }
        return Setting.named(section: section, key: key)?.syntax
    }

    /// What holds where nothing is said.
    package var defaultValue: SettingValue? {
        item == nil
            ? Setting.named(section: section, key: key)?.defaultValue : kind?.setting(key)?.defaultValue
    }

    package var summary: String {
        (item == nil ? Setting.named(section: section, key: key)?.summary : kind?.setting(key)?.summary) ?? ""
    }

    package var effect: SettingEffect {
        item == nil ? Setting.named(section: section, key: key)?.effect ?? .reload : .reload
    }
}

extension NetworkConfiguration {
    /// The items of a kind, ascending by name.
    package func items(of kind: ItemKind) -> [(name: String, item: ConfigurationItem)] {
        (items[kind] ?? [:]).map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    /// The value in force; nil when nothing is said of an item's setting.
    package func value(of path: SettingPath) -> SettingValue? {
        if let name = path.item {
            guard let kind = path.kind else { return nil }
            return items[kind]?[name]?[path.key]
        }
        return Setting.named(section: path.section, key: path.key)?.value(in: self)
    }

    /// Sets a setting; nil makes it the default, or says nothing of it, and an item of which nothing is said is gone.
    ///
    /// - Returns: false, and nothing is changed, when there is no such setting or it does not take the value.
    package mutating func set(_ path: SettingPath, to value: SettingValue?) -> Bool {
        guard let syntax = path.syntax else { return false }
        if let value, !syntax.accepts(value) { return false }
        guard let name = path.item else {
            guard let setting = Setting.named(section: path.section, key: path.key) else { return false }
            return setting.set(value ?? setting.defaultValue, in: &self)
        }
        guard let kind = path.kind else { return false }
        if value == nil {
            items[kind]?[name]?[path.key] = nil
            if items[kind]?[name]?.isEmpty == true { items[kind]?[name] = nil }
        } else {
            items[kind, default: [:]][name, default: ConfigurationItem()][path.key] = value
        }
        if items[kind]?.isEmpty == true { items[kind] = nil }
        return true
    }

    /// Everything that is said, in the order of the file.
    package var settings: [(path: SettingPath, value: SettingValue)] {
        var result = Setting.all.map { (SettingPath($0.section, nil, $0.key), $0.value(in: self)) }
        for kind in ItemKind.allCases {
            for (name, item) in items(of: kind) {
                for setting in kind.settings {
                    if let value = item[setting.key] { result.append((SettingPath(kind, name, setting.key), value)) }
                }
            }
        }
        return result
    }

    /// What differs in `other`, in the order of the file.
    package func differences(to other: NetworkConfiguration) -> [SettingDifference] {
        var result: [SettingDifference] = []
        for setting in Setting.all {
            let (old, new) = (setting.value(in: self), setting.value(in: other))
            if old != new {
                result.append(SettingDifference(SettingPath(setting.section, nil, setting.key), old, new))
            }
        }
        for kind in ItemKind.allCases where items[kind] != other.items[kind] {
            let (before, after) = (items[kind] ?? [:], other.items[kind] ?? [:])
            for name in Set(before.keys).union(after.keys).sorted() where before[name] != after[name] {
                for setting in kind.settings {
                    let (old, new) = (before[name]?[setting.key], after[name]?[setting.key])
                    if old != new { result.append(SettingDifference(SettingPath(kind, name, setting.key), old, new)) }
                }
            }
        }
        return result
    }
}

/// One setting that is another in another configuration.
package struct SettingDifference: Sendable, Hashable {
    package let path: SettingPath
    /// nil: nothing was said, or is.
    package let old: SettingValue?
    package let new: SettingValue?

    init(_ path: SettingPath, _ old: SettingValue?, _ new: SettingValue?) {
        self.path = path
        self.old = old
        self.new = new
    }
}
