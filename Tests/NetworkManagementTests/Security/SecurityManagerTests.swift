import NetworkManagement
import NetworkModel
import SecurityTesting
import Synchronization
import Testing

/// A manager over fakes, and what it told.
struct SecurityBench {
    let manager: SecurityManager
    let clock = ManualClock()
    let store = MemoryPolicyStore()
    let audit: MemoryAuditStore
    let events = Recorder()

    final class Recorder: Sendable {
        private let list = Mutex<[SecurityEvent]>([])
        func add(_ event: SecurityEvent) { list.withLock { $0.append(event) } }
        func take() -> [SecurityEvent] {
            list.withLock { list in
                defer { list = [] }
                return list
            }
        }
    }

    init(_ policy: SecurityPolicy = SecurityPolicy(), _ options: SecurityOptions = SecurityOptions()) throws {
        audit = MemoryAuditStore(clock: clock)
        let events = events
        manager = try SecurityManager(
            policy: policy, options: options, store: store, audit: audit, clock: clock, wallClock: clock
        ) { events.add($0) }
    }

    static func principal(
        _ name: String, level: SecurityLevel = .authPriv, source: SourceAddress = .ipv4(0x0A00_0001, port: 5)
    ) -> Principal {
        Principal(name: Array(name.utf8), model: .usm, level: level, source: source)
    }

    static func interface(_ name: String, kind: String? = nil, driver: String? = nil) -> AccessTarget {
        .interface(name: name, kind: kind, driver: driver)
    }

    static func rule(_ name: String, _ effect: SecurityRule.Effect, _ edit: (inout SecurityRule) -> Void)
        -> SecurityRule
    {
        var rule = SecurityRule(name: name, effect: effect)
        edit(&rule)
        return rule
    }
}

@Suite struct `The security manager decides` {
    typealias Bench = SecurityBench

    @Test func `operators may not shut uplinks, but access ports`() throws {
        var policy = SecurityPolicy()
        policy.groups = [PrincipalGroup(name: "operators", members: [try #require(GlobPattern("op*"))])]
        policy.rules = [
            Bench.rule("no-uplinks", .deny) { rule in
                rule.principal = .group("operators")
                rule.target = TargetPattern("interface:uplink*") ?? .any
                rule.actions = [.operate, .configure]
            }
        ]
        let bench = try Bench(policy)
        let denied = bench.manager.decide(
            Bench.principal("operator"), AccessRequest(.operate, Bench.interface("uplink1")))
        #expect(denied.outcome == .denied(.target))
        #expect(denied.rule == "no-uplinks")
        #expect(denied.reason == .rule)
        for (name, action, target) in [
            ("operator", ActionClass.operate, "access1"), ("admin", .operate, "uplink1"),
            ("operator", .read, "uplink1"),
        ] {
            let decision = bench.manager.decide(
                Bench.principal(name), AccessRequest(action, Bench.interface(target)))
            #expect(decision.isPermitted)
        }
        #expect(bench.manager.counts.permitted == 3)
        #expect(bench.manager.counts.denied(because: .rule) == 1)
        #expect(bench.manager.statistics(ofRule: "no-uplinks")?.hits == 1)
        #expect(bench.manager.statistics(ofRule: "no-uplinks")?.lastHit == bench.clock.now())
    }

    @Test func `the first rule by priority and then by name wins`() throws {
        var policy = SecurityPolicy()
        policy.rules = [
            Bench.rule("b", .deny) { $0.priority = 10 }, Bench.rule("a", .permit) { $0.priority = 10 },
            Bench.rule("z", .deny) {
                $0.priority = 9; $0.isEnabled = false
            },
        ]
        let bench = try Bench(policy)
        #expect(bench.manager.decide(Bench.principal("x"), AccessRequest(.read, .system)).rule == "a")
    }

    /// A policy of one permitting rule that is particular in every respect, and requests that miss it by one.
    @Test(arguments: [
        ("alice", SecurityLevel.authPriv, UInt32(0x0A00_0001), ActionClass.configure, "eth0", Int64(600), nil),
        ("alicf", .authPriv, 0x0A00_0001, .configure, "eth0", 600, DenialReason.principal),
        ("alice", .authNoPriv, 0x0A00_0001, .configure, "eth0", 600, .level),
        ("alice", .authPriv, 0x0B00_0001, .configure, "eth0", 600, .source),
        ("alice", .authPriv, 0x0A00_0001, .operate, "eth0", 600, .action),
        ("alice", .authPriv, 0x0A00_0001, .configure, "wan0", 600, .target),
        ("alice", .authPriv, 0x0A00_0001, .configure, "eth0", 100, .window),
    ])
    func `a denial for want of a rule says what the nearest rule lacked`(
        name: String, level: SecurityLevel, source: UInt32, action: ActionClass, target: String, minute: Int64,
        reason: DenialReason?
    ) throws {
        var policy = SecurityPolicy()
        policy.defaultEffect = .deny
        policy.rules = [
            Bench.rule("particular", .permit) { rule in
                rule.principal = .name(GlobPattern("alice") ?? .any)
                rule.minimumLevel = .authPriv
                rule.source = AddressPrefix("10.0.0.0/8")
                rule.actions = .configure
                rule.target = TargetPattern("interface:eth*") ?? .any
                rule.window = TimeWindow(days: .all, start: 480, end: 1020, zone: .local)
            }
        ]
        let bench = try Bench(policy)
        bench.clock.setWall(WallTime(seconds: minute * 60 - 3600), offset: 3600)
        let decision = bench.manager.decide(
            Bench.principal(name, level: level, source: .ipv4(source, port: 1)),
            AccessRequest(action, Bench.interface(target)))
        #expect(decision.reason == reason)
        #expect(decision.isPermitted == (reason == nil))
        if let reason {
            let isTarget = reason == .target || reason == .action
            #expect(decision.outcome == .denied(isTarget ? .target : .principal))
            #expect(bench.manager.counts.denied(because: reason) == 1)
        }
    }

    @Test func `targets match by name, kind, driver, or as the daemon itself`() throws {
        let cases: [(String, AccessTarget, Bool)] = [
            ("interface:eth*", Bench.interface("eth0"), true), ("interface:*", .system, false),
            ("interface:*", .driver("e1000"), false), ("kind:vlan", Bench.interface("v1", kind: "vlan"), true),
            ("kind:vlan", Bench.interface("vlan"), false), ("kind:physical", Bench.interface("eth0"), true),
            ("driver:e1000*", Bench.interface("eth0", driver: "e1000e"), true),
            ("driver:e1000*", .driver("e1000"), true),
            ("driver:*", Bench.interface("lo"), false), ("system", .system, true),
            ("system", Bench.interface("x"), false),
            ("any", .driver("x"), true), ("interface:averylongname-*", Bench.interface("averylongname-1"), true),
            ("interface:eth", Bench.interface("eth0"), false), ("interface:eth0", Bench.interface("eth"), false),
        ]
        for (pattern, target, expected) in cases {
            var policy = SecurityPolicy()
            let pattern = try #require(TargetPattern(pattern))
            policy.rules = [Bench.rule("r", .deny) { $0.target = pattern }]
            let decision = try Bench(policy).manager.decide(Bench.principal("x"), AccessRequest(.read, target))
            #expect(decision.isPermitted != expected, "\(pattern) \(target)")
        }
    }

    @Test func `the switches do what the table says`() throws {
        var policy = SecurityPolicy()
        policy.rules = [SecurityRule(name: "all", effect: .deny)]
        let request = AccessRequest(.configure, .system)
        let bench = try Bench(policy)
        #expect(bench.manager.decide(Bench.principal("x"), request).outcome == .denied(.principal))
        #expect(bench.manager.decide(.host, request).basis == .host)

        var options = SecurityOptions()
        options.isPolicyEnforced = false
        bench.manager.setOptions(options)
        _ = bench.events.take()
        bench.clock.advance(by: .seconds(60))
        let unenforced = bench.manager.decide(Bench.principal("x"), request)
        #expect(unenforced.wouldBeDenied)
        #expect(bench.manager.counts.unenforced == 1)
        #expect(bench.events.take().count == 1)

        options.isAccessControlEnabled = false
        bench.manager.setOptions(options)
        let off = bench.manager.decide(Bench.principal("x"), request)
        #expect(off.basis == .accessControlOff)
        #expect(off.reason == nil)
    }

    @Test func `no record can claim to be the host`() {
        for number in Int32(0)...10 { #expect(SecurityModel(number: number) != .host) }
    }

    @Test func `denials are told once in a while, with how many were not`() throws {
        var policy = SecurityPolicy()
        policy.rules = [SecurityRule(name: "all", effect: .deny)]
        let bench = try Bench(policy)
        let request = AccessRequest(.configure, .system)
        for _ in 0..<100 { _ = bench.manager.decide(Bench.principal("x"), request) }
        _ = bench.manager.decide(Bench.principal("y"), request)
        #expect(bench.events.take().count == 2)
        bench.clock.advance(by: .seconds(10))
        let decision = bench.manager.decide(Bench.principal("x"), request)
        #expect(
            bench.events.take() == [.accessDenied(Bench.principal("x"), request, decision, suppressed: 99)])
        for number in 0..<10_000 { _ = bench.manager.decide(Bench.principal("flood \(number)"), request) }
        #expect(bench.events.take().count < 300)
    }

    @Test func `an explanation lists the rules up to the one that decides, and counts nothing`() throws {
        var policy = SecurityPolicy()
        policy.rules = [
            Bench.rule("1", .deny) { $0.principal = .name(GlobPattern("bob") ?? .any) },
            Bench.rule("2", .permit) { $0.minimumLevel = .authPriv }, Bench.rule("3", .deny) { _ in },
        ]
        let bench = try Bench(policy)
        let explanation = bench.manager.explain(Bench.principal("alice"), AccessRequest(.read, .system))
        #expect(explanation.steps.map(\.failedTest) == [.principal, nil])
        #expect(explanation.decision.rule == "2")
        #expect(bench.manager.counts == SecurityCounts())
        #expect(bench.manager.statistics(ofRule: "2")?.hits == 0)
    }

    @Test func `a decision agrees with the plain definition on random policies`() throws {
        let names = ["alice", "al", "bob", "operator-of-the-night", ""]
        let patterns = ["*", "a*", "alice", "?ob", "operator-*", "*t"]
        let targets = ["any", "system", "interface:eth*", "interface:eth0", "kind:physical", "driver:d*"]
        let requests: [AccessTarget] = [
            .system, Bench.interface("eth0"), Bench.interface("eth1", kind: "veth", driver: "d1"), .driver("d"),
        ]
        for _ in 0..<300 {
            var policy = SecurityPolicy()
            policy.defaultEffect = Bool.random() ? .permit : .deny
            policy.groups = [
                PrincipalGroup(
                    name: "g", members: [patterns.randomElement() ?? "*", "bob"].compactMap { GlobPattern($0) })
            ]
            for number in 0..<20 {
                policy.rules.append(
                    Bench.rule("r\(number)", Bool.random() ? .permit : .deny) { rule in
                        rule.priority = UInt32.random(in: 1...5)
                        rule.principal =
                            Int.random(in: 0..<4) == 0
                            ? .group("g") : .name(GlobPattern(patterns.randomElement() ?? "*") ?? .any)
                        rule.minimumLevel = SecurityLevel.allCases.randomElement() ?? .authPriv
                        rule.actions = ActionClasses(rawValue: UInt8.random(in: 1...15))
                        rule.target = TargetPattern(targets.randomElement() ?? "any") ?? .any
                        rule.isEnabled = Int.random(in: 0..<5) > 0
                    })
            }
            let bench = try Bench(policy)
            for name in names {
                let principal = Bench.principal(name, level: SecurityLevel.allCases.randomElement() ?? .authPriv)
                for target in requests {
                    let request = AccessRequest(ActionClass.allCases.randomElement() ?? .read, target)
                    let decision = bench.manager.decide(principal, request)
                    let expected = policy.orderedRules.first { Self.applies($0, policy, principal, request) }
                    #expect(decision.rule == expected?.name)
                    #expect(decision.isPermitted == ((expected?.effect ?? policy.defaultEffect) == .permit))
                }
            }
        }
    }

    static func applies(
        _ rule: SecurityRule, _ policy: SecurityPolicy, _ principal: Principal, _ request: AccessRequest
    ) -> Bool {
        let names: [GlobPattern] =
            switch rule.principal {
            case .name(let pattern): [pattern]
            case .group(let name): policy.group(name)?.members ?? []
            }
        let subject: (String?, String?, String?) =
            switch request.target {
            case .system: (nil, nil, nil)
            case .interface(let name, let kind, let driver): (name, kind ?? "physical", driver)
            case .driver(let name): (nil, nil, name)
            }
        let matches = { (pattern: GlobPattern, text: String?) in text.map { pattern.matches(Array($0.utf8)) } ?? false }
        let isTarget =
            switch rule.target {
            case .any: true
            case .system: request.target == .system
            case .interface(let pattern): matches(pattern, subject.0)
            case .kind(let pattern): matches(pattern, subject.1)
            case .driver(let pattern): matches(pattern, subject.2)
            }
        return rule.isEnabled && isTarget && names.contains { $0.matches(principal.name) }
            && principal.level >= rule.minimumLevel && rule.actions.contains(ActionClasses(request.action))
    }

    @Test func `how long a decision takes`() throws {
        var policy = SecurityPolicy()
        policy.groups = [PrincipalGroup(name: "g", members: [GlobPattern("op*")].compactMap { $0 })]
        for number in 0..<999 {
            policy.rules.append(
                Bench.rule("rule \(number)", .deny) { rule in
                    rule.priority = UInt32(number + 1)
                    rule.principal =
                        number % 10 == 0 ? .group("g") : .name(GlobPattern("user\(number)*") ?? .any)
                    rule.target = TargetPattern("interface:port\(number)-*") ?? .any
                    if number % 7 == 0 { rule.source = AddressPrefix("192.0.2.0/24") }
                })
        }
        policy.rules.append(Bench.rule("last", .permit) { $0.priority = 1000 })
        let principal = Bench.principal("operator")
        let request = AccessRequest(.operate, Bench.interface("port7", driver: "e1000e"))
        for count in [100, 1000] {
            var part = policy
            part.rules = Array(policy.rules.suffix(count))
            let bench = try Bench(part)
            let rounds = 20_000
            let clock = ContinuousClock()
            let duration = clock.measure {
                for _ in 0..<rounds { _ = bench.manager.decide(principal, request) }
            }
            #expect(bench.manager.statistics(ofRule: "last")?.hits == UInt64(rounds))
            print("policy of \(count) rules: \(duration / rounds) per decision")
        }
    }
}
