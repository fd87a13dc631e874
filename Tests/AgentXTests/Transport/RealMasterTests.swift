import SMI
import Synchronization
import Testing

@testable import AgentX

@Suite(.serialized, .enabled(if: RealMaster.isAvailable, "needs root, snmpd and the tools of net-snmp"))
struct RealMasterTests {
    private static let root = "." + MemoryObjects.root.description

    private func withAgent(
        rows: Int = 50, _ body: (RealMaster, TestSubagent, MemoryObjects) async throws -> Void
    ) async throws {
        let master = try RealMaster()
        defer { master.remove() }
        try await master.start()
        let objects = MemoryObjects(rows: rows)
        let subagent = try await TestSubagent(socket: master.socket, tree: objects.makeTree(), writer: objects) {
            $0.regions = [Region(MemoryObjects.root)]
            $0.capabilities = [AgentCapability(MemoryObjects.root.appending(9), "what the test has")]
        }
        await eventually { subagent.timesReady > 0 }
        try await body(master, subagent, objects)
        await subagent.end()
    }

    @Test func `snmpd's clients read scalars, tables, nothing and too much`() async throws {
        try await withAgent { master, subagent, _ in
            let get = try master.run("snmpget", ["-Oq", Self.root + ".1.0", Self.root + ".2.1.2.7", Self.root + ".5"])
            #expect(
                get.output == """
                    \(Self.root).1.0 1
                    \(Self.root).2.1.2.7 "row 7"
                    \(Self.root).5 No Such Object available on this agent at this OID

                    """)
            let walk = try master.run("snmpwalk", ["-Oq", Self.root]).output.split(separator: "\n")
            #expect(walk.count == 101)
            #expect(walk.first == "\(Self.root).1.0 1")
            #expect(walk[1] == "\(Self.root).2.1.2.1 \"row 1\"")
            #expect(walk.last == "\(Self.root).2.1.3.50 \(50 << 33)")
            let bulk = try master.run("snmpbulkwalk", ["-Cr25", "-Oq", Self.root]).output.split(separator: "\n")
            #expect(bulk == walk)
            let capabilities = try master.run("snmpwalk", ["-Oqv", ".1.3.6.1.2.1.1.9.1.3"])
            #expect(capabilities.output.contains("what the test has"))
            #expect(subagent.agent.counters.parseErrors == 0)
            #expect(subagent.agent.counters.gets == 1)
        }
    }

    @Test func `SET goes through test, commit and undo, and its errors arrive`() async throws {
        try await withAgent { master, _, objects in
            let name = Self.root + ".1.0"
            let good = try master.run("snmpset", community: "private", ["-Oqv", name, "i", "42"])
            #expect(good.output == "42\n")
            #expect(objects.state.withLock { $0.number } == 42)
            #expect(try master.run("snmpget", ["-Oqv", name]).output == "42\n")

            let wrongType = try master.run("snmpset", community: "private", [name, "s", "x"])
            #expect(wrongType.output.contains("wrongType"))
            let wrongValue = try master.run("snmpset", community: "private", [name, "i", "-1"])
            #expect(wrongValue.status != 0)
            let notWritable = try master.run("snmpset", community: "private", [Self.root + ".2.1.2.1", "s", "x"])
            #expect(notWritable.output.contains("notWritable"))

            objects.state.withLock { $0.failsCommit = true }
            let failed = try master.run("snmpset", community: "private", [name, "i", "43"])
            #expect(failed.output.contains("commitFailed"))
            #expect(objects.state.withLock { $0.undos } == 1)
            #expect(objects.state.withLock { $0.number } == 42)
        }
    }

    @Test func `a commit slower than the master's patience is sent again and made once`() async throws {
        try await withAgent { master, subagent, objects in
            objects.state.withLock { $0.delay = .milliseconds(2200) }
            let set = try master.run("snmpset", community: "private", ["-Oqv", Self.root + ".1.0", "i", "7"])
            #expect(set.output == "7\n")
            #expect(objects.state.withLock { $0.commits } == 1)
            #expect(subagent.agent.counters.resends > 0)
        }
    }

    @Test func `a restart of snmpd is survived`() async throws {
        try await withAgent { master, subagent, _ in
            let name = Self.root + ".2.1.2.1"
            master.stop()
            await eventually { subagent.events.contains { if case .closed = $0 { true } else { false } } }
            subagent.agent.notify(Notification(MemoryObjects.root.appending([0, 1]), []))
            try await master.start()
            await eventually { subagent.timesReady == 2 }
            #expect(try master.run("snmpget", ["-Oqv", name]).output == "\"row 1\"\n")
            await eventually { subagent.agent.counters.notificationsSent == 1 }
            #expect(subagent.agent.counters.sessions == 2)
        }
    }

    @Test func `a region that another has is refused with 263, and ends with the session`() async throws {
        try await withAgent { master, first, _ in
            let second = try await TestSubagent(socket: master.socket) { $0.regions = [Region(MemoryObjects.root)] }
            await eventually { second.timesReady == 1 }
            let statuses = second.events.compactMap { event -> ResponseStatus? in
                if case .regionRefused(_, let error) = event { error.status } else { nil }
            }
            #expect(statuses == [.duplicateRegistration])
            await second.end()
            await first.agent.shutDown()
            let get = try master.run("snmpget", [Self.root + ".1.0"])
            #expect(get.output.contains("No Such Object"))
        }
    }

    @Test func `hundreds of notifications in a burst are all taken`() async throws {
        try await withAgent { master, subagent, _ in
            for number: UInt32 in 0..<900 {
                let binding = VarBind(MemoryObjects.scalarName, .integer(Int32(number)))
                subagent.agent.notify(Notification(MemoryObjects.root.appending([0, 1]), [binding]))
            }
            await eventually { subagent.agent.counters.notificationsSent == 900 }
            #expect(subagent.agent.counters.notificationsDropped == 0)
            let get = try master.run("snmpget", ["-Oqv", Self.root + ".1.0"])
            #expect(get.output == "1\n")
        }
    }

    @Test func `index values are allocated and given back`() async throws {
        try await withAgent { _, subagent, _ in
            let index = VarBind([1, 3, 6, 1, 4, 1, 32473, 78, 1, 1], .integer(5))
            let given = try await subagent.agent.allocateIndexes([index])
            #expect(given == [index])
            do throws(AgentXError) {
                _ = try await subagent.agent.allocateIndexes([index])
                Issue.record("allocated twice")
            } catch {
                // net-snmp says so for a value that is taken, too.
                #expect(error.status == .indexNoneAvailable)
            }
            let any = try await subagent.agent.allocateIndexes([index], .any)
            #expect(any.first?.value != index.value)
            try await subagent.agent.deallocateIndexes([index])
        }
    }
}
