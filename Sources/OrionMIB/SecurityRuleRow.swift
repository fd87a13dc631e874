import NetworkModel
import OrionSchema
import SMI

/// A rule as orionSecurityRuleTable has it: a value for every column, whether they make a rule together or not yet.
struct SecurityRuleRow: Sendable, Hashable {
    typealias Column = OrionSecurityMIB.OrionSecurityRuleEntry.WritableColumn

    private static let anything = [UInt8(ascii: "*")]

    var priority: UInt32 = 1000
    var principalType = OrionSecurityMIB.OrionSecurityRulePrincipalType.name
    var principal = anything
    var minimumLevel = SecurityLevel.noAuthNoPriv
    var source: AddressPrefix?
    var actions = ActionClasses.all
    var targetType = OrionSecurityMIB.OrionSecurityRuleTargetType.any
    var target = anything
    var days = TimeWindow.Days.all
    var windowStart: UInt16 = 0
    var windowEnd: UInt16 = 1440
    var windowZone = TimeWindow.Zone.utc
    /// nil until it is set: then the row is no rule.
    var effect: SecurityRule.Effect?
    var isAudited = true
    var summary = ""
    var storage = StorageType.nonVolatile

    init() {}

    init(_ rule: SecurityRule) {
        priority = rule.priority
        switch rule.principal {
        case .name(let pattern): principal = pattern.source
        case .group(let name):
            principalType = .group
            principal = Array(name.utf8)
        }
        minimumLevel = rule.minimumLevel
        source = rule.source
        actions = rule.actions
        switch rule.target {
        case .any: break
        case .interface(let pattern): (targetType, target) = (.interface, pattern.source)
        case .kind(let pattern): (targetType, target) = (.kind, pattern.source)
        case .driver(let pattern): (targetType, target) = (.driver, pattern.source)
        case .system: targetType = .system
        }
        if let window = rule.window {
            days = window.days
            windowStart = window.start
            windowEnd = window.end
            windowZone = window.zone
        }
        effect = rule.effect
        isAudited = rule.isAudited
        summary = rule.summary
        storage = rule.storage
    }

    /// Columns whose values do not go together.
    struct Conflict: Error {
        /// The one to set otherwise.
        let column: Column
        let reason: String
    }

    /// The rule that the columns make; nil while there is no effect.
    func rule(named name: String, isEnabled: Bool) throws(Conflict) -> SecurityRule? {
        guard let effect else { return nil }
        var rule = SecurityRule(name: name, effect: effect)
        rule.priority = priority
        rule.principal = try principalPattern()
        rule.minimumLevel = minimumLevel
        rule.source = source
        rule.actions = actions
        rule.target = try targetPattern()
        rule.window = try window()
        rule.isAudited = isAudited
        rule.summary = summary
        rule.storage = storage
        rule.isEnabled = isEnabled
        return rule
    }

    private func principalPattern() throws(Conflict) -> PrincipalPattern {
        switch principalType {
        case .name:
            if let pattern = GlobPattern(principal) { return .name(pattern) }
            throw Conflict(column: .orionSecurityRulePrincipal, reason: "not a pattern")
        case .group:
            if let name = String(validating: principal, as: UTF8.self) { return .group(name) }
            throw Conflict(column: .orionSecurityRulePrincipal, reason: "not a group's name")
        }
    }

    private func targetPattern() throws(Conflict) -> TargetPattern {
        guard let pattern = GlobPattern(target) else {
            throw Conflict(column: .orionSecurityRuleTarget, reason: "not a pattern")
        }
        switch targetType {
        case .interface: return .interface(pattern)
        case .kind: return .kind(pattern)
        case .driver: return .driver(pattern)
        case .any, .system:
            // Taken without its type, a pattern would be lost, and the rule be about more than was meant.
            guard target == Self.anything else {
                throw Conflict(column: .orionSecurityRuleTarget, reason: "the target type takes no pattern")
            }
            return targetType == .any ? .any : .system
        }
    }

    private func window() throws(Conflict) -> TimeWindow? {
        let isAlways = days == .all && windowStart == 0 && windowEnd == 1440
        if isAlways && windowZone == .utc { return nil }
        guard let window = TimeWindow(days: days, start: windowStart, end: windowEnd, zone: windowZone) else {
            throw Conflict(column: .orionSecurityRuleWindowEnd, reason: "not a time window")
        }
        return window
    }
}

// MARK: - Columns

extension SecurityRuleRow {
    /// The value of a column; nil when there is none.
    ///
    /// - Parameter column: any but the row's status.
    func value(_ column: Column) -> Value? {
        switch column {
        case .orionSecurityRulePriority: .gauge32(priority)
        case .orionSecurityRulePrincipalType: .integer(principalType.rawValue)
        case .orionSecurityRulePrincipal: .bytes(principal)
        case .orionSecurityRuleMinimumLevel: .integer(Int32(minimumLevel.rawValue))
        case .orionSecurityRuleSource: .text(source?.description ?? "")
        case .orionSecurityRuleActions: .bytes([actions.rawValue.bitsReversed])
        case .orionSecurityRuleTargetType: .integer(targetType.rawValue)
        case .orionSecurityRuleTarget: .bytes(target)
        case .orionSecurityRuleDays: .bytes([days.rawValue.bitsReversed])
        case .orionSecurityRuleWindowStart: .gauge32(UInt32(windowStart))
        case .orionSecurityRuleWindowEnd: .gauge32(UInt32(windowEnd))
        case .orionSecurityRuleWindowZone: .integer(Int32(windowZone.rawValue))
        case .orionSecurityRuleEffect: effect.map { .integer(Int32($0.rawValue)) }
        case .orionSecurityRuleAudited: .truth(isAudited)
        case .orionSecurityRuleDescription: .text(summary)
        case .orionSecurityRuleStorageType: .integer(Int32(storage.rawValue))
        case .orionSecurityRuleRowStatus: nil
        }
    }

    /// Takes the value of a column, which fits its syntax; that of the row's status is not kept here.
    mutating func set(_ column: Column, to value: Value) throws(WriteRefusal) {
        switch column {
        case .orionSecurityRulePriority: priority = try value.unsigned()
        case .orionSecurityRulePrincipalType: principalType = try value.enumeration()
        case .orionSecurityRulePrincipal: principal = try value.octets()
        case .orionSecurityRuleMinimumLevel: minimumLevel = try value.securityLevel()
        case .orionSecurityRuleSource:
            let text = try value.text()
            source = AddressPrefix(text)
            guard text.isEmpty || source != nil else {
                throw WriteRefusal(.wrongValue, "neither an address with the length of a prefix nor unix")
            }
        case .orionSecurityRuleActions:
            actions = ActionClasses(rawValue: try value.bits(within: ActionClasses.all.rawValue))
        case .orionSecurityRuleTargetType:
            targetType = try value.enumeration()
            if targetType == .any || targetType == .system { target = Self.anything }
        case .orionSecurityRuleTarget:
            target = try value.octets()
            guard GlobPattern(target) != nil else { throw WriteRefusal(.wrongValue, "not a pattern") }
        case .orionSecurityRuleDays:
            days = TimeWindow.Days(rawValue: try value.bits(within: TimeWindow.Days.all.rawValue))
        case .orionSecurityRuleWindowStart: windowStart = UInt16(clamping: try value.unsigned())
        case .orionSecurityRuleWindowEnd: windowEnd = UInt16(clamping: try value.unsigned())
        case .orionSecurityRuleWindowZone:
            switch try value.enumeration(OrionSecurityMIB.OrionSecurityRuleWindowZone.self) {
            case .utc: windowZone = .utc
            case .local: windowZone = .local
            }
        case .orionSecurityRuleEffect: effect = try value.effect()
        case .orionSecurityRuleAudited: isAudited = try value.truth()
        case .orionSecurityRuleDescription:
            summary = try value.text()
            guard summary.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw WriteRefusal(.wrongValue, "control characters")
            }
        case .orionSecurityRuleStorageType:
            switch try value.enumeration(SNMPv2TC.StorageType.self) {
            case .other: throw WriteRefusal(.wrongValue)
            case .volatile: storage = .volatile
            case .nonVolatile: storage = .nonVolatile
            case .permanent: storage = .permanent
            case .readOnly: storage = .readOnly
            }
        case .orionSecurityRuleRowStatus: break
        }
    }
}

extension Value {
    func effect() throws(WriteRefusal) -> SecurityRule.Effect {
        switch try enumeration(OrionSecurityMIB.OrionEffect.self) {
        case .permit: .permit
        case .deny: .deny
        }
    }

    /// A SnmpSecurityLevel (RFC 3411).
    func securityLevel() throws(WriteRefusal) -> SecurityLevel {
        guard case .integer(let number) = self else { throw WriteRefusal(.wrongType) }
        guard let level = UInt8(exactly: number).flatMap({ SecurityLevel(rawValue: $0) }) else {
            throw WriteRefusal(.wrongValue)
        }
        return level
    }

    /// At least one bit of a BITS of up to eight, the first one as the least significant bit of a number.
    ///
    /// - Parameter known: the bits that are named.
    fileprivate func bits(within known: UInt8) throws(WriteRefusal) -> UInt8 {
        let octets = try octets()
        let bits = (octets.first ?? 0).bitsReversed
        // Zeros at the end say nothing (RFC 3417 section 8).
        guard bits != 0, bits & ~known == 0, octets.dropFirst().allSatisfy({ $0 == 0 }) else {
            throw WriteRefusal(.wrongValue, "at least one bit, and none without a name")
        }
        return bits
    }
}

extension UInt8 {
    /// The most significant bit as the least significant one, and so on: BITS begin with the most significant.
    fileprivate var bitsReversed: UInt8 {
        (0..<8).reduce(UInt8(0)) { $0 | (self >> UInt8($1) & 1) << UInt8(7 - $1) }
    }
}
