/// How well something is: by the worst alarm raised on it.
package enum Health: UInt8, Sendable, Hashable, CaseIterable, Comparable {
    case good = 1
    case warning = 2
    case minor = 3
    case major = 4
    case critical = 5

    package init(_ severity: AlarmSeverity?) {
        switch severity {
        case nil: self = .good
        case .warning: self = .warning
        case .minor: self = .minor
        case .major: self = .major
        case .critical: self = .critical
        }
    }

    /// A worse health is greater.
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
