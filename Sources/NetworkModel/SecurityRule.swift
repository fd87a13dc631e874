/// One rule of a security policy: whom, from where, when, what, on what; and whether that is allowed.
package struct SecurityRule: Sendable, Hashable {
    /// What a rule says about a request that it applies to.
    package enum Effect: UInt8, Sendable, Hashable, CaseIterable {
        case permit = 1
        case deny = 2
    }

    /// The rule's key: 1..32 octets of UTF-8 without control characters.
    package var name: String
    /// 1..65535; rules are tried in ascending order of priority, then of name.
    package var priority: UInt32 = 1000
    package var principal: PrincipalPattern = .name(.any)
    /// The rule applies to requests that are protected at least so well.
    package var minimumLevel: SecurityLevel = .noAuthNoPriv
    /// Where a request has to come from; nil for anywhere.
    package var source: AddressPrefix?
    package var actions: ActionClasses = .all
    package var target: TargetPattern = .any
    /// When the rule applies; nil for always.
    package var window: TimeWindow?
    package var effect: Effect
    /// Whether each decision of this rule is recorded even where a permitted read, say, would not be.
    package var isAudited = true
    /// 0..255 octets of UTF-8 without control characters.
    package var summary = ""
    package var storage: StorageType = .nonVolatile
    package var isEnabled = true

    package init(name: String, effect: Effect) {
        self.name = name
        self.effect = effect
    }
}

/// What a request wants to do.
package enum ActionClass: UInt8, Sendable, Hashable, CaseIterable {
    /// Look at values.
    case read = 0
    /// Change settings.
    case configure = 1
    /// Start something: shut an interface, load a driver, run a test.
    case operate = 2
    /// Change who may do what, the configuration of the daemon itself, or the audit.
    case administer = 3
}

/// A set of action classes.
package struct ActionClasses: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package init(_ action: ActionClass) { self.init(rawValue: 1 << action.rawValue) }

    package static let read = ActionClasses(.read)
    package static let configure = ActionClasses(.configure)
    package static let operate = ActionClasses(.operate)
    package static let administer = ActionClasses(.administer)
    package static let all: ActionClasses = [.read, .configure, .operate, .administer]
}

/// Which principals a rule is about.
package enum PrincipalPattern: Sendable, Hashable {
    /// By security name.
    case name(GlobPattern)
    /// The members of a group of the policy.
    case group(String)
}

extension PrincipalPattern: CustomStringConvertible {
    /// `group:NAME`, or `name:PATTERN` with the pattern printable.
    package var description: String {
        switch self {
        case .name(let pattern): "name:\(pattern)"
        case .group(let name): "group:\(name)"
        }
    }

    /// What `description` wrote; nil when it did not.
    package init?(_ text: some StringProtocol) {
        if text.hasPrefix("group:") {
            self = .group(String(text.dropFirst(6)))
        } else if text.hasPrefix("name:"), let octets = PrintableOctets.octets(from: text.dropFirst(5)),
            let pattern = GlobPattern(octets)
        {
            self = .name(pattern)
        } else {
            return nil
        }
    }
}

/// Which targets a rule is about.
package enum TargetPattern: Sendable, Hashable {
    /// Everything.
    case any
    /// Interfaces by name.
    case interface(GlobPattern)
    /// Interfaces by kind ("bridge", "vlan", ...); one that the kernel gives no kind, as hardware, is "physical".
    case kind(GlobPattern)
    /// Drivers by name, and the interfaces they drive.
    case driver(GlobPattern)
    /// What belongs to no interface and no driver: the daemon's own settings, policies, the audit.
    case system
}

extension TargetPattern: CustomStringConvertible {
    /// `any`, `system`, or `interface:`, `kind:`, `driver:` and the pattern, printable.
    package var description: String {
        switch self {
        case .any: "any"
        case .interface(let pattern): "interface:\(pattern)"
        case .kind(let pattern): "kind:\(pattern)"
        case .driver(let pattern): "driver:\(pattern)"
        case .system: "system"
        }
    }

    /// What `description` wrote; nil when it did not.
    package init?(_ text: some StringProtocol) {
        switch text {
        case "any": self = .any
        case "system": self = .system
        default:
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let octets = PrintableOctets.octets(from: parts[1]),
                let pattern = GlobPattern(octets)
            else { return nil }
            switch parts[0] {
            case "interface": self = .interface(pattern)
            case "kind": self = .kind(pattern)
            case "driver": self = .driver(pattern)
            default: return nil
            }
        }
    }
}
