import NetworkManagement
import NetworkModel
import SecurityTesting
import Synchronization
import Testing

/// What snmpd's module tells of snmpd's own access control.
@Suite struct AgentAccessTests {
    private static let summary =
        [0xFF] + Array("orion1access;p=3;a=2;n=1;g=4;w=2;u=old%20ones;m=2;l=1;u=x;m=0;l=2".utf8)
    private static let refusal =
        [0xFF] + Array("orion1;r=1;t=2;v=3;u=eve;m=3;l=3;c=;a=udp:192.0.2.1:5;k=set;e=5;o=1.3.6;n=4".utf8)

    /// A manager, and the events it tells.
    private func manager(
        _ told: @escaping @Sendable (SecurityEvent) -> Void
    ) throws -> (SecurityManager, MemoryAuditStore, ManualClock) {
        let clock = ManualClock()
        let audit = MemoryAuditStore(clock: clock)
        let manager = try SecurityManager(
            policy: SecurityPolicy(), options: SecurityOptions(), store: MemoryPolicyStore(), audit: audit,
            clock: clock, wallClock: clock, events: told)
        return (manager, audit, clock)
    }

    @Test func `a summary is read whole`() throws {
        let access = try AgentAccess(parsing: Self.summary)
        #expect(
            (access.usersAuthPriv, access.usersAuthNoPriv, access.usersNoAuth, access.groups) == (3, 2, 1, 4))
        #expect(
            access.weakWriters == [
                .init(group: Array("old ones".utf8), model: .v2c, level: .noAuthNoPriv),
                .init(group: Array("x".utf8), model: nil, level: .authNoPriv),
            ])
    }

    @Test func `no part of a summary, and nothing more, is one`() {
        for length in 0..<Self.summary.count {
            #expect(throws: PrincipalRecordError.self) { try AgentAccess(parsing: Array(Self.summary[..<length])) }
        }
        #expect(throws: PrincipalRecordError.self) { try AgentAccess(parsing: Self.summary + [0x30, 0x3B]) }
        #expect(throws: PrincipalRecordError.self) { try AgentAccess(parsing: Self.refusal) }
        for position in Self.summary.indices {
            for octet in [UInt8(0), 0x2D, 0x3B, 0x3D, 0xFF] {
                var changed = Self.summary
                changed[position] = octet
                // Whatever comes of it, nothing traps.
                _ = try? AgentAccess(parsing: changed)
            }
        }
    }

    @Test func `like refusals are told and recorded once in a time, and all are counted`() throws {
        let events = Mutex<[SecurityEvent]>([])
        let (manager, audit, clock) = try manager { event in events.withLock { $0.append(event) } }
        let report = try RefusalReport(parsing: Self.refusal)
        for _ in 1...3 { manager.agentRefused(report, object: "ifAlias.1") }
        #expect(manager.counts.agentRefusals == 15)
        #expect(events.withLock { $0 } == [.agentRefused(report, object: "ifAlias.1", suppressed: 0)])
        clock.advance(by: .seconds(11))
        manager.agentRefused(report, object: "ifAlias.1")
        #expect(events.withLock { $0.last } == .agentRefused(report, object: "ifAlias.1", suppressed: 2))
        #expect(audit.entries.map(\.record.event) == [.authentication, .authentication])
        #expect(audit.entries.last?.record.reason == "snmpd's access control: not in the view; 2 more before")
    }

    @Test func `weak writers are told when they become more`() throws {
        let events = Mutex<[SecurityEvent]>([])
        let (manager, _, _) = try manager { event in events.withLock { $0.append(event) } }
        let access = try AgentAccess(parsing: Self.summary)
        manager.learn(access)
        manager.learn(access)
        #expect(events.withLock { $0 } == [.agentAccessWeak(access)])
        #expect(manager.agentAccess == access)
    }
}
