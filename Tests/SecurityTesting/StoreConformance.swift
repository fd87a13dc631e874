package import NetworkManagement
package import NetworkModel

/// What every policy store and every audit store has to do, the fakes included.
package enum StoreConformance {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Parameter reopen: gives a store over the same disk, as after a restart.
    package static func checkPolicies(reopen: () async throws -> any PolicyStore) async throws {
        var store = try await reopen()
        try expect(await store.loadPolicy() == SecurityPolicy(), "a new store holds the empty policy")
        for policy in samplePolicies {
            try await store.savePolicy(policy)
            try expect(await sorted(store.loadPolicy()) == sorted(policy), "what was saved is loaded")
            store = try await reopen()
            try expect(await sorted(store.loadPolicy()) == sorted(policy), "what was saved is there after a restart")
        }
        var policy = SecurityPolicy()
        var volatile = SecurityRule(name: "passing", effect: .deny)
        volatile.storage = .volatile
        policy.rules = [volatile, SecurityRule(name: "lasting", effect: .permit)]
        try await store.savePolicy(policy)
        store = try await reopen()
        try expect(await store.loadPolicy().rules.map(\.name) == ["lasting"], "a volatile rule is not kept")
    }

    /// - Parameter store: new and empty.
    package static func checkAudit(_ store: any AuditStore) async throws {
        let before = store.status.head?.sequence ?? 0
        let first = try await store.append(AuditRecord(.start, principal: .host, phase: .done))
        try expect(first.sequence > before, "sequences ascend")
        try expect(first.digest.count == 32, "a digest has 32 octets")
        try expect(store.status.head == first, "what was appended is the head")
        let receipts = try await withThrowingTaskGroup(of: AuditReceipt.self) { group in
            for number in 0..<50 {
                var record = AuditRecord(.set, principal: .unknown, phase: .begun)
                record.objects = [AuditObject(name: "object", target: "eth\(number)", new: .integer(Int64(number)))]
                let announced = record
                group.addTask { try await store.append(announced) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try expect(
            receipts.map(\.sequence).sorted() == Array(first.sequence + 1...first.sequence + 50),
            "each of many at once gets its own sequence")
        let newest = store.newest(50)
        try expect(newest.map(\.receipt.sequence) == receipts.map(\.sequence).sorted(), "the newest ascend")
        try expect(Set(newest.map(\.record.objects.first?.target)).count == 50, "none is missing")
        for entry in newest { try expect(receipts.contains(entry.receipt), "the receipt names the record") }
        try expect(store.newest(0).isEmpty, "none when none is asked for")
        for record in sampleRecords {
            let receipt = try await store.append(record)
            try expect(store.newest(1).first?.receipt == receipt, "the last is the newest")
            try expect(store.newest(1).first?.record == record, "a record comes back as it was")
        }
    }

    private static func expect(_ condition: Bool, _ claim: String) throws {
        guard condition else { throw Failure(description: "not so: \(claim)") }
    }

    private static func sorted(_ policy: SecurityPolicy) -> SecurityPolicy {
        var policy = policy
        policy.rules = policy.orderedRules
        policy.groups.sort { $0.name < $1.name }
        return policy
    }
}

extension StoreConformance {
    /// Policies that use every field.
    package static var samplePolicies: [SecurityPolicy] {
        var full = SecurityRule(name: "a \"rule\" of ünicode", effect: .deny)
        full.priority = 65535
        full.principal = .group("operators")
        full.minimumLevel = .authPriv
        full.source = AddressPrefix("2001:db8::/33")
        full.actions = [.configure, .administer]
        full.target = GlobPattern([0xFF, 0x00, 0x2A]).map { .interface($0) } ?? .any
        full.window = TimeWindow(days: [.monday, .sunday], start: 1320, end: 360, zone: .local)
        full.isAudited = false
        full.summary = "'; drop table rule; --"
        full.storage = .permanent
        full.isEnabled = false
        var first = SecurityPolicy()
        first.rules = [full, SecurityRule(name: "plain", effect: .permit)]
        first.groups = [PrincipalGroup(name: "operators", members: [GlobPattern("op*")].compactMap { $0 })]
        first.defaultEffect = .deny
        var second = first
        second.rules.removeFirst()
        second.groups = [PrincipalGroup(name: "none", members: [])]
        for (number, target) in ["any", "system", "kind:vlan", "driver:e1000*", "interface:uplink?"].enumerated() {
            var rule = SecurityRule(name: "rule \(number)", effect: .permit)
            rule.target = TargetPattern(target) ?? .any
            rule.source = AddressPrefix(["unix", "10.0.0.0/8", "::/0", "192.0.2.1", "fe80::/10"][number])
            second.rules.append(rule)
        }
        return [first, second, SecurityPolicy()]
    }

    /// Records that use every field. Secrets are apart: not every store keeps them.
    package static var sampleRecords: [AuditRecord] {
        var full = AuditRecord(
            .set,
            principal: Principal(
                name: Array(0...255), model: .usm, level: .authPriv, context: Array("a;b=\"c\"\n".utf8),
                source: .ipv6(high: 0x2001_0db8_0000_0000, low: 1, zone: "eth0", port: 161)),
            phase: .failed)
        full.objects = [
            AuditObject(
                name: "ifAlias.3", target: "eth\u{1B}[0m", old: .octets([0, 0xFF, 0x22, 0x5C]), new: .text("ünï\"")),
            AuditObject(name: "counter", old: .integer(.max), new: .integer(.min)),
            AuditObject(name: "gone", old: .masked),
        ]
        full.result = "commitFailed"
        full.reason = "the kernel said: \"no\"\n\u{0} \\ \u{202E}"
        full.duration = .nanoseconds(123_456_789)
        full.announcement = 1
        full.request = .min
        full.transaction = .max
        let sources: [SourceAddress] = [
            .ipv4(0xC000_0201, port: 4711), .unix(path: Array("/run/x y".utf8)), .unix(path: []), .local, .other([]),
            .other([0xFF, 0x3A]),
        ]
        return [full]
            + sources.map { source in
                AuditRecord(
                    .authentication,
                    principal: Principal(name: [], model: .other(77), level: .noAuthNoPriv, source: source),
                    phase: .refused)
            }
    }
}
