package import NetworkModel

/// A policy in the form that decides: rules in order, each test reduced to comparisons of a few words, patterns only
/// looked at when those agree. A decision allocates nothing.
package final class CompiledPolicy: Sendable {
    /// The tests of one rule.
    struct Entry {
        /// The first eight octets that the name must have, and which of their bits count.
        var principalHead: UInt64 = 0
        var principalMask: UInt64 = 0
        /// The same of the target's name, kind or driver, whichever `targetKind` says.
        var targetHead: UInt64 = 0
        var targetMask: UInt64 = 0
        /// Index into `patterns`, or -1 when everything matches.
        var principal: Int32 = -1
        /// Index into `groups`, or -1.
        var group: Int32 = -1
        var target: Int32 = -1
        /// Index into `sources` and `windows`, or -1.
        var source: Int32 = -1
        var window: Int32 = -1
        var actions: UInt8 = 0
        var level: UInt8 = 0
        var targetKind = TargetKind.any
        var isPermit = false
    }

    enum TargetKind: UInt8 { case any, interface, kind, driver, system }

    /// The tests in the order in which they are made; a rule that fails one is not looked at further.
    package enum Test: UInt8, Sendable, Comparable {
        case principal, source, level, window, action, target

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// The policy it was made from.
    package let policy: SecurityPolicy
    /// The enabled rules in order.
    package let rules: [SecurityRule]
    /// Beside `rules`.
    package let statistics: [RuleStatistics]
    private let entries: ContiguousArray<Entry>
    private let patterns: ContiguousArray<GlobPattern>
    private let groups: ContiguousArray<[GlobPattern]>
    private let sources: ContiguousArray<AddressPrefix>
    private let windows: ContiguousArray<TimeWindow>
    /// Whether any rule depends on the time, and on the host's time zone.
    package let needsTime: Bool
    package let needsLocalTime: Bool

    /// - Parameter statistics: the counters of each rule by name; a rule without gets new ones.
    package init(_ policy: SecurityPolicy, statistics: (String) -> RuleStatistics? = { _ in nil }) {
        self.policy = policy
        let rules = policy.orderedRules.filter(\.isEnabled)
        self.rules = rules
        self.statistics = rules.map { statistics($0.name) ?? RuleStatistics() }
        var compiler = PolicyCompiler(groups: policy.groups)
        entries = ContiguousArray(rules.map { compiler.entry(for: $0) })
        patterns = compiler.patterns
        groups = ContiguousArray(policy.groups.map(\.members))
        sources = compiler.sources
        windows = compiler.windows
        needsTime = !compiler.windows.isEmpty
        needsLocalTime = compiler.windows.contains { $0.zone == .local }
    }

    /// The minutes of the week by both zones; any value when `needsTime` is false.
    package struct Moment: Sendable {
        package var utc: Int64 = 0
        package var local: Int64 = 0
        package init() {}
    }

    /// The index in `rules` of the first rule that applies; nil when none does.
    package func firstRule(for principal: Principal, _ request: AccessRequest, at moment: Moment) -> Int? {
        withSubject(principal, request, moment) { subject in
            var membership = Membership()
            return entries.withUnsafeBufferPointer { entries in
                for index in entries.indices where failedTest(entries[index], subject, &membership) == nil {
                    return index
                }
                return nil
            }
        }
    }

    /// The furthest that any permitting rule got before a test failed; nil when there is none.
    package func nearestMiss(for principal: Principal, _ request: AccessRequest, at moment: Moment) -> Test? {
        withSubject(principal, request, moment) { subject in
            var membership = Membership()
            var nearest: Test?
            for entry in entries where entry.isPermit {
                guard let test = failedTest(entry, subject, &membership) else { continue }
                nearest = max(nearest ?? test, test)
            }
            return nearest
        }
    }

    /// The test that each rule fails, in order, nil for one that applies: the long form for an explanation.
    package func failedTests(for principal: Principal, _ request: AccessRequest, at moment: Moment) -> [Test?] {
        withSubject(principal, request, moment) { subject in
            var membership = Membership()
            return entries.map { failedTest($0, subject, &membership) }
        }
    }
}

// MARK: - Matching

extension CompiledPolicy {
    /// One request, unpacked for comparison. The pointers live as long as `withSubject`.
    private struct Subject {
        let name: UnsafeBufferPointer<UInt8>
        let nameHead: UInt64
        let level: UInt8
        let action: UInt8
        let source: SourceAddress
        let isSystem: Bool
        /// nil when the request is not about an interface.
        let interface: UnsafeBufferPointer<UInt8>?
        let kind: UnsafeBufferPointer<UInt8>?
        let driver: UnsafeBufferPointer<UInt8>?
        let interfaceHead: UInt64
        let kindHead: UInt64
        let driverHead: UInt64
        let moment: Moment
    }

    /// Which groups the principal is known to be in, so that each is searched once per decision.
    private struct Membership {
        var known: UInt64 = 0
        var member: UInt64 = 0
    }

    private func failedTest(_ entry: Entry, _ subject: Subject, _ membership: inout Membership) -> Test? {
        guard subject.nameHead & entry.principalMask == entry.principalHead else { return .principal }
        if entry.group >= 0 {
            guard isMember(of: Int(entry.group), subject, &membership) else { return .principal }
        } else if entry.principal >= 0 {
            guard patterns[Int(entry.principal)].matches(subject.name) else { return .principal }
        }
        if entry.source >= 0 {
            guard sources[Int(entry.source)].contains(subject.source) else { return .source }
        }
        guard subject.level >= entry.level else { return .level }
        if entry.window >= 0 {
            let window = windows[Int(entry.window)]
            let minute = window.zone == .utc ? subject.moment.utc : subject.moment.local
            guard window.contains(minuteOfWeek: minute) else { return .window }
        }
        guard entry.actions & subject.action != 0 else { return .action }
        return matchesTarget(entry, subject) ? nil : .target
    }

    private func matchesTarget(_ entry: Entry, _ subject: Subject) -> Bool {
        switch entry.targetKind {
        case .any: true
        case .system: subject.isSystem
        case .interface: matches(entry, subject.interface, subject.interfaceHead)
        case .kind: matches(entry, subject.kind, subject.kindHead)
        case .driver: matches(entry, subject.driver, subject.driverHead)
        }
    }

    private func matches(_ entry: Entry, _ octets: UnsafeBufferPointer<UInt8>?, _ head: UInt64) -> Bool {
        guard let octets, head & entry.targetMask == entry.targetHead else { return false }
        return entry.target < 0 || patterns[Int(entry.target)].matches(octets)
    }

    private func isMember(of group: Int, _ subject: Subject, _ membership: inout Membership) -> Bool {
        let bit = UInt64(1) << UInt64(group)
        if membership.known & bit == 0 {
            membership.known |= bit
            if groups[group].contains(where: { $0.matches(subject.name) }) { membership.member |= bit }
        }
        return membership.member & bit != 0
    }

    private func withSubject<Result>(
        _ principal: Principal, _ request: AccessRequest, _ moment: Moment, _ body: (Subject) -> Result
    ) -> Result {
        let names: (interface: String?, kind: String?, driver: String?) =
            switch request.target {
            case .system: (nil, nil, nil)
            case .interface(let name, let kind, let driver): (name, kind ?? "physical", driver)
            case .driver(let name): (nil, nil, name)
            }
        return principal.name.withUnsafeBufferPointer { name in
            withOctets(of: names.interface) { interface in
                withOctets(of: names.kind) { kind in
                    withOctets(of: names.driver) { driver in
                        body(
                            Subject(
                                name: name, nameHead: head(of: name), level: principal.level.rawValue,
                                action: ActionClasses(request.action).rawValue, source: principal.source,
                                isSystem: request.target == .system, interface: interface, kind: kind, driver: driver,
                                interfaceHead: head(of: interface), kindHead: head(of: kind),
                                driverHead: head(of: driver), moment: moment))
                    }
                }
            }
        }
    }
}

/// The first eight octets as one number, the first the most significant; zeros behind the end.
private func head(of octets: UnsafeBufferPointer<UInt8>?) -> UInt64 {
    guard let octets else { return 0 }
    var head: UInt64 = 0
    for position in 0..<min(octets.count, 8) {
        head |= UInt64(octets[position]) << UInt64(56 - 8 * position)
    }
    return head
}

private func withOctets<Result>(of text: String?, _ body: (UnsafeBufferPointer<UInt8>?) -> Result) -> Result {
    guard var text else { return body(nil) }
    return text.withUTF8 { body($0) }
}
