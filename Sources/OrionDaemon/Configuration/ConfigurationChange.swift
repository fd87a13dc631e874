import NetworkModel

/// What a reload does: the settings that take effect at once, and those that wait for a restart.
struct ConfigurationChange: Sendable {
    /// The configuration in force afterwards: settings that need a restart keep the value they had.
    let effective: NetworkConfiguration
    /// "section.key" of each setting that changes now.
    let applied: [String]
    /// "section.key" of each setting whose new value waits for a restart.
    let waiting: [String]

    init(from current: NetworkConfiguration, to wanted: NetworkConfiguration) {
        var effective = current
        var applied: [String] = []
        var waiting: [String] = []
        for setting in Setting.all where setting.value(in: current) != setting.value(in: wanted) {
            let name = "\(setting.section).\(setting.key)"
            switch setting.effect {
            case .reload:
                setting.copy(from: wanted, to: &effective)
                applied.append(name)
            case .restart:
                waiting.append(name)
            }
        }
        for kind in ItemKind.allCases where current.items[kind] != wanted.items[kind] {
            effective.items[kind] = wanted.items[kind]
            applied.append(kind.rawValue)
        }
        self.effective = effective
        self.applied = applied
        self.waiting = waiting
    }
}
