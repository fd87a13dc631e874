import Foundation
import SMI
import Testing

/// Thousands of links that come and go while consoles walk.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct ChurnTests {
    @Test func `2,000 interfaces come and go while three consoles walk`() async throws {
        try await Sandbox.with { sandbox async throws in
            let namespace = sandbox.namespace
            let pairs = 0..<1000
            // No IPv6 addresses: they would cost the kernel, not the agent.
            _ = try await run(
                namespace.inside(["sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6"]))
            async let churn: Void = {
                try await namespace.ip(batch: pairs.map { "link add a\($0) type veth peer name b\($0)" })
                try await namespace.ip(batch: pairs.flatMap { ["link set a\($0) up", "link set b\($0) up"] })
                try await namespace.ip(batch: pairs.filter { $0 % 2 == 0 }.map { "link delete a\($0)" })
            }()
            try await withThrowingTaskGroup { group in
                for root in [InterfaceNames.ifDescr, InterfaceNames.ifOperStatus, InterfaceNames.ifHCInOctets] {
                    group.addTask {
                        let snmp = try sandbox.snmp()
                        for _ in 0..<10 {
                            // snmpbulkwalk fails on a name that does not ascend, and on no answer.
                            let rows = try await snmp.walk(root, repetitions: 50)
                            #expect(!rows.isEmpty)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await churn
            let links = try await KernelLink.all(in: namespace)
            #expect(links.count == 1001)
            let snmp = try sandbox.snmp()
            try await eventually("the agent has the kernel's links", within: .seconds(20)) {
                let cells = Cells(try await snmp.walk(InterfaceNames.ifName, repetitions: 50))
                return cells.rows(of: InterfaceNames.ifName) == links.map(\.ifindex)
                    && links.allSatisfy { cells.text(InterfaceNames.ifName, $0.ifindex) == $0.ifname }
            }
            #expect(isRunning(try sandbox.processIdentifier("ORIOND_PID")))
        }
    }

    @Test func `an index that is used again belongs to the new interface alone`() async throws {
        try await Sandbox.with { sandbox async throws in
            let snmp = try sandbox.snmp()
            for round in 0..<20 {
                try await sandbox.namespace.ip("link add r\(round) index 700 type bridge")
                try await eventually("r\(round) has index 700", within: .seconds(2)) {
                    try await snmp.get(InterfaceNames.ifName.appending(700)).first?.value == .text("r\(round)")
                }
                try await sandbox.namespace.ip("link delete r\(round)")
            }
            try await eventually("index 700 is free", within: .seconds(2)) {
                try await snmp.get(InterfaceNames.ifName.appending(700)).first?.value == .noSuchInstance
            }
        }
    }

    @Test func `an interface that moves to another namespace and back is followed`() async throws {
        try await NetworkNamespace.with { elsewhere async throws in
            try await Sandbox.with { sandbox async throws in
                let snmp = try sandbox.snmp()
                func isShown() async throws -> Bool {
                    try await snmp.walk(InterfaceNames.ifName).contains { $0.value == .text("mover") }
                }
                try await sandbox.namespace.ip("link add mover type veth peer name mover-peer")
                for _ in 0..<3 {
                    try await eventually("it is here", within: .seconds(2)) { try await isShown() }
                    try await sandbox.namespace.ip("link set mover netns \(elsewhere.name)")
                    try await eventually("it is gone", within: .seconds(2)) { try await !isShown() }
                    try await elsewhere.ip("link set mover netns \(sandbox.namespace.name)")
                }
            }
        }
    }
}
