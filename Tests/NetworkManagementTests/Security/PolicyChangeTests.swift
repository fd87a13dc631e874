import NetworkManagement
import NetworkModel
import SecurityTesting
import Testing

@Suite struct `The security manager changes its policy` {
    typealias Bench = SecurityBench

    @Test func `a change is announced, kept, in force, and reported`() async throws {
        let bench = try Bench()
        let alice = Bench.principal("alice")
        try await bench.manager.apply([.add(SecurityRule(name: "one", effect: .deny))], by: alice)
        #expect(bench.manager.snapshot.policy.rules.map(\.name) == ["one"])
        #expect(try await bench.store.loadPolicy().rules.map(\.name) == ["one"])
        #expect(bench.audit.entries.map(\.record.phase) == [.begun, .committed])
        #expect(bench.audit.entries.last?.record.announcement == 1)
        #expect(bench.audit.entries.first?.record.objects.first?.target == "one")
        #expect(bench.audit.entries.allSatisfy { $0.record.principal == alice })
        guard case .policyChanged(alice, _, let warnings) = bench.events.take().first else {
            Issue.record("no event")
            return
        }
        #expect(warnings.contains(.nobodyChanges))
    }

    @Test func `several changes are made together or not at all`() async throws {
        let bench = try Bench()
        await #expect(throws: PolicyError(.notFound, "")) {
            try await bench.manager.apply(
                [.add(SecurityRule(name: "one", effect: .deny)), .remove("two")], by: .host)
        }
        #expect(bench.manager.snapshot.policy == SecurityPolicy())
        #expect(bench.store.saves == 0)
        #expect(bench.audit.entries.isEmpty)
    }

    @Test(arguments: [true, false])
    func `what cannot be kept or recorded does not happen`(isAudit: Bool) async throws {
        let bench = try Bench()
        let full = StoreError(.full, "test")
        if isAudit { bench.audit.fail(with: full) } else { bench.store.fail(with: full) }
        let change = [PolicyChange.add(SecurityRule(name: "one", effect: .deny))]
        await #expect(throws: PolicyError(.notStored, "")) { try await bench.manager.apply(change, by: .host) }
        #expect(bench.manager.snapshot.policy == SecurityPolicy())
        #expect(bench.audit.entries.map(\.record.phase) == (isAudit ? [] : [.begun, .failed]))
        bench.audit.fail(with: nil)
        bench.store.fail(with: nil)
        try await bench.manager.apply(change, by: .host)
        #expect(bench.manager.snapshot.policy.rules.count == 1)
    }

    @Test func `one change at a time, from test to end, and undo restores`() async throws {
        let bench = try Bench()
        let add = [PolicyChange.add(SecurityRule(name: "one", effect: .deny))]
        let first = try bench.manager.prepare(add, by: .host)
        #expect(throws: PolicyError(.busy, "")) { try bench.manager.prepare(add, by: .host) }
        try await first.commit()
        #expect(bench.manager.snapshot.policy.rules.count == 1)
        #expect(throws: PolicyError(.busy, "")) { try bench.manager.prepare(add, by: .host) }
        try await first.undo()
        #expect(bench.manager.snapshot.policy.rules.isEmpty)
        #expect(try await bench.store.loadPolicy().rules.isEmpty)
        #expect(bench.audit.entries.map(\.record.phase) == [.begun, .committed, .begun, .undone])
        // One that is forgotten does not block for ever.
        do { _ = try bench.manager.prepare(add, by: .host) }
        try bench.manager.prepare(add, by: .host).release()
    }

    @Test func `counters survive a change of their rule`() async throws {
        var policy = SecurityPolicy()
        policy.rules = [SecurityRule(name: "one", effect: .permit)]
        let bench = try Bench(policy)
        _ = bench.manager.decide(Bench.principal("x"), AccessRequest(.read, .system))
        try await bench.manager.apply([.modify(Bench.rule("one", .permit) { $0.priority = 5 })], by: .host)
        #expect(bench.manager.statistics(ofRule: "one")?.hits == 1)
        #expect(bench.manager.statistics(ofRule: "two") == nil)
    }

    @Test func `a rule that is out of range is refused`() throws {
        let bad: [(PolicyError.Code, SecurityRule)] = [
            (.invalidValue, SecurityRule(name: "", effect: .permit)),
            (.invalidValue, SecurityRule(name: String(repeating: "x", count: 33), effect: .permit)),
            (.invalidValue, SecurityRule(name: "a\nb", effect: .permit)),
            (.invalidValue, SecurityRule(name: "a\0", effect: .permit)),
            (.invalidValue, Bench.rule("a", .permit) { $0.priority = 0 }),
            (.invalidValue, Bench.rule("a", .permit) { $0.priority = 65536 }),
            (.invalidValue, Bench.rule("a", .permit) { $0.actions = [] }),
            (.invalidValue, Bench.rule("a", .permit) { $0.actions = ActionClasses(rawValue: 16) }),
            (.invalidValue, Bench.rule("a", .permit) { $0.summary = String(repeating: "x", count: 256) }),
            (.invalidValue, Bench.rule("a", .permit) { $0.storage = .other }),
            (.inconsistent, Bench.rule("a", .permit) { $0.principal = .group("nobody") }),
        ]
        for (code, rule) in bad {
            #expect(throws: PolicyError(code, "")) { try SecurityPolicy().applying([.add(rule)]) }
        }
    }

    @Test func `storage types protect their rows`() throws {
        var policy = SecurityPolicy()
        policy.rules = [
            Bench.rule("fixed", .permit) { $0.storage = .readOnly },
            Bench.rule("lasting", .permit) { $0.storage = .permanent }, SecurityRule(name: "plain", effect: .permit),
        ]
        let refused: [(PolicyError.Code, PolicyChange)] = [
            (.readOnly, .remove("fixed")), (.readOnly, .remove("lasting")),
            (.readOnly, .modify(Bench.rule("fixed", .deny) { $0.storage = .readOnly })),
            (.readOnly, .modify(Bench.rule("lasting", .deny) { $0.storage = .volatile })),
            (.readOnly, .modify(Bench.rule("plain", .deny) { $0.storage = .permanent })),
            (.exists, .add(SecurityRule(name: "plain", effect: .deny))),
            (.notFound, .modify(SecurityRule(name: "other", effect: .deny))), (.notFound, .removeGroup("none")),
        ]
        for (code, change) in refused {
            #expect(throws: PolicyError(code, "")) { try policy.applying([change]) }
        }
        let after = try policy.applying([
            .modify(Bench.rule("lasting", .deny) { $0.storage = .permanent }), .remove("plain"),
        ])
        #expect(after.rules.count == 2)
        #expect(try policy.applying([.replaceAll(SecurityPolicy())]) == SecurityPolicy())
    }

    @Test func `limits hold, and a group in use stays`() throws {
        var policy = SecurityPolicy()
        policy.groups = (0..<65).map { PrincipalGroup(name: "g\($0)", members: []) }
        #expect(throws: PolicyError(.full, "")) { try policy.validate() }
        policy.groups = [PrincipalGroup(name: "g", members: Array(repeating: .any, count: 1001))]
        #expect(throws: PolicyError(.full, "")) { try policy.validate() }
        policy.groups = [PrincipalGroup(name: "g", members: [])]
        policy.rules = [Bench.rule("r", .deny) { $0.principal = .group("g") }]
        #expect(throws: PolicyError(.inconsistent, "")) { try policy.applying([.removeGroup("g")]) }
        policy.rules = (0...10_000).map { SecurityRule(name: "r\($0)", effect: .deny) }
        #expect(throws: PolicyError(.full, "")) { try policy.validate() }
    }

    @Test func `policies that lock out, that never apply, or that trust anybody are warned of`() throws {
        var policy = SecurityPolicy()
        #expect(policy.warnings().isEmpty)
        policy.defaultEffect = .deny
        #expect(policy.warnings() == [.nobodyChanges])
        policy.rules = [
            Bench.rule("ops", .permit) {
                $0.actions = .operate; $0.minimumLevel = .authPriv
            }
        ]
        #expect(policy.warnings() == [.nobodyAdministers])
        policy.rules.append(
            Bench.rule("admin", .permit) {
                $0.actions = .administer; $0.principal = .name(GlobPattern("admin") ?? .any)
            })
        #expect(policy.warnings().isEmpty)
        policy.rules.append(
            Bench.rule("first", .deny) {
                $0.priority = 1; $0.principal = .name(GlobPattern("a*") ?? .any)
            })
        #expect(policy.warnings() == [.neverApplies(rule: "admin", because: "first"), .nobodyAdministers])
        policy.rules = [SecurityRule(name: "open", effect: .permit)]
        #expect(policy.warnings() == [.unauthenticatedChange(rule: "open")])
        policy.defaultEffect = .permit
        policy.rules = [Bench.rule("no-admin", .deny) { $0.target = .system }]
        #expect(policy.warnings() == [.nobodyAdministers])
        policy.groups = [PrincipalGroup(name: "g", members: [])]
        policy.rules = [Bench.rule("r", .deny) { $0.principal = .group("g") }]
        #expect(policy.warnings() == [.emptyGroup(rule: "r", group: "g")])
    }
}

@Suite struct `The security manager asks who it is` {
    typealias Bench = SecurityBench

    static let record = [0xFF] + Array("orion1;r=1;t=9;v=3;u=alice;m=3;l=3;c=;a=unix:".utf8)

    @Test func `a missing record refuses, and is told once until records come again`() throws {
        let bench = try Bench()
        for _ in 0..<3 {
            #expect(throws: PrincipalRefusal.missing) { try bench.manager.identify([], transaction: 9) }
        }
        #expect(bench.events.take() == [.principalUnavailable])
        #expect(try bench.manager.identify(Self.record, transaction: 9).principal.name == Array("alice".utf8))
        #expect(bench.events.take() == [.principalRestored])
        #expect(bench.manager.counts.unknownPrincipals == 3)
        // A context name of a client is no record, and no principal.
        #expect(throws: PrincipalRefusal.missing) {
            try bench.manager.identify(Array("orion1;r=1;t=9".utf8), transaction: 9)
        }
    }

    @Test func `where a principal is optional, nobody in particular is unknown`() throws {
        var options = SecurityOptions()
        options.principal = .optional
        let bench = try Bench(SecurityPolicy(), options)
        #expect(try bench.manager.identify([], transaction: 9).principal == .unknown)
        #expect(bench.events.take() == [.principalUnavailable])
    }

    @Test func `a record that is malformed or of another transaction is forged, whatever is optional`() throws {
        var options = SecurityOptions()
        options.principal = .optional
        let bench = try Bench(SecurityPolicy(), options)
        #expect(throws: PrincipalRefusal.otherTransaction(9)) {
            try bench.manager.identify(Self.record, transaction: 10)
        }
        for _ in 0..<50 {
            #expect(throws: PrincipalRefusal.self) {
                try bench.manager.identify(Self.record + [0x3B], transaction: 9)
            }
        }
        #expect(bench.manager.counts.forgedRecords == 51)
        #expect(bench.events.take().count == 1)
    }
}

@Suite struct `Fakes of the stores` {
    @Test func `the fakes do what a store has to do`() async throws {
        let store = MemoryPolicyStore()
        try await StoreConformance.checkPolicies { store }
        try await StoreConformance.checkAudit(MemoryAuditStore(clock: ManualClock()))
    }

    @Test func `a trail announces, and its ticket tells the outcome`() async throws {
        let clock = ManualClock()
        let store = MemoryAuditStore(clock: clock)
        let trail = AuditTrail(store: store, clock: clock)
        let started: MonotonicTime = clock.now()
        var record = AuditRecord(.set, principal: .host, phase: .tested)
        record.objects = [AuditObject(name: "x", new: .integer(1))]
        let ticket = try await trail.begin(record, started: started)
        clock.advance(by: .milliseconds(3))
        store.fail(with: StoreError(.full, "test"))
        ticket.end(.committed, result: "noError")
        await #expect(throws: StoreError(.full, "")) { try await trail.begin(record, started: started) }
        store.fail(with: nil)
        #expect(store.entries.map(\.record.phase) == [.begun, .committed])
        #expect(store.entries.last?.record.duration == .milliseconds(3))
        #expect(store.entries.last?.record.announcement == ticket.announcement)
    }
}
