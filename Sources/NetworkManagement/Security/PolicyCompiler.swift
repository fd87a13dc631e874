import NetworkModel

/// Turns rules into entries, and collects the patterns, prefixes and windows that those refer to.
struct PolicyCompiler {
    private(set) var patterns: ContiguousArray<GlobPattern> = []
    private(set) var sources: ContiguousArray<AddressPrefix> = []
    private(set) var windows: ContiguousArray<TimeWindow> = []
    private let groupIndexes: [String: Int32]

    init(groups: [PrincipalGroup]) {
        var indexes: [String: Int32] = [:]
        for (index, group) in groups.enumerated() { indexes[group.name] = Int32(index) }
        groupIndexes = indexes
    }

    mutating func entry(for rule: SecurityRule) -> CompiledPolicy.Entry {
        var entry = CompiledPolicy.Entry()
        switch rule.principal {
        case .name(let pattern):
            (entry.principalHead, entry.principalMask) = Self.head(of: pattern)
            entry.principal = index(of: pattern)
        case .group(let name):
            if let index = groupIndexes[name] {
                entry.group = index
            } else {
                // Validation refuses a rule whose group is missing; should one come, it is about nobody.
                entry.actions = 0
                return entry
            }
        }
        if let source = rule.source {
            entry.source = Int32(sources.count)
            sources.append(source)
        }
        if let window = rule.window {
            entry.window = Int32(windows.count)
            windows.append(window)
        }
        entry.level = rule.minimumLevel.rawValue
        entry.actions = rule.actions.rawValue
        entry.isPermit = rule.effect == .permit
        switch rule.target {
        case .any: entry.targetKind = .any
        case .system: entry.targetKind = .system
        case .interface(let pattern): set(.interface, pattern, in: &entry)
        case .kind(let pattern): set(.kind, pattern, in: &entry)
        case .driver(let pattern): set(.driver, pattern, in: &entry)
        }
        return entry
    }

    private mutating func set(
        _ kind: CompiledPolicy.TargetKind, _ pattern: GlobPattern, in entry: inout CompiledPolicy.Entry
    ) {
        entry.targetKind = kind
        (entry.targetHead, entry.targetMask) = Self.head(of: pattern)
        entry.target = index(of: pattern)
    }

    private mutating func index(of pattern: GlobPattern) -> Int32 {
        guard !pattern.matchesEverything else { return -1 }
        patterns.append(pattern)
        return Int32(patterns.count - 1)
    }

    /// What the first eight octets of a match must be: the literal beginning of the pattern, and for a pattern without
    /// wildcards the end as well.
    private static func head(of pattern: GlobPattern) -> (head: UInt64, mask: UInt64) {
        var octets = pattern.literalPrefix
        if pattern.literal != nil { octets.append(0) }
        var head: UInt64 = 0
        var mask: UInt64 = 0
        for (position, octet) in octets.prefix(8).enumerated() {
            head |= UInt64(octet) << UInt64(56 - 8 * position)
            mask |= UInt64(0xFF) << UInt64(56 - 8 * position)
        }
        return (head, mask)
    }
}
